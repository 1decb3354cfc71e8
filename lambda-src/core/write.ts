import { CONNECTIONS, EVENTS, REQUESTS, SUBSCRIPTIONS } from '../../src/contract';
import type { Condition, Item } from './condition';

export type TableName = 'connections' | 'requests' | 'subscriptions' | 'events';

export const PARTITION_KEYS: Record<TableName, string> = {
  connections: CONNECTIONS.partitionKey,
  requests: REQUESTS.partitionKey,
  subscriptions: SUBSCRIPTIONS.partitionKey,
  events: EVENTS.partitionKey,
};

/** Primary key of an item: attribute names and values. */
export type Key = Record<string, string | number>;

/** Replaces the item of that key. */
export interface Put {
  readonly kind: 'put';
  readonly table: TableName;
  readonly key: Key;
  readonly attributes: Item;
  readonly when?: Condition;
}

/** Changes attributes of the item of that key, and makes it where it is missing. */
export interface Update {
  readonly kind: 'update';
  readonly table: TableName;
  readonly key: Key;
  readonly set?: Item;
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
  readonly when?: Condition;
}

export interface Delete {
  readonly kind: 'delete';
  readonly table: TableName;
  readonly key: Key;
  readonly when?: Condition;
}

/** Only in a transaction: writes nothing. */
export interface Check {
  readonly kind: 'check';
  readonly table: TableName;
  readonly key: Key;
  readonly when: Condition;
}

export type Write = Put | Update | Delete;

/** Error of a write whose effect is unknown: its responses were lost, or the store failed during the write. */
export class UncertainWrite extends Error {
  public override readonly name = 'UncertainWrite';

  public constructor(cause: unknown) {
    super('whether the write took effect is unknown', { cause });
  }
}

/** Applies a write to an item in memory. The store's counterpart is `aws/dynamodb/expressions.ts`. */
export function apply(write: Write, item: Item | undefined): Item | undefined {
  if (write.kind === 'delete') return undefined;
  if (write.kind === 'put') return { ...defined(write.attributes), ...write.key };
  const next: Item = { ...item, ...write.key, ...defined(write.set ?? {}) };
  for (const [name, by] of Object.entries(write.add ?? {})) next[name] = ((item?.[name] as number) ?? 0) + by;
  for (const name of write.remove ?? []) delete next[name];
  return next;
}

/** Without the attributes that are undefined, which no table stores. */
export function defined(attributes: Item): Item {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
