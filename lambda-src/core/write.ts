import { CONNECTIONS, EVENTS, REQUESTS, SUBSCRIPTIONS } from '../../src/contract';

/**
 * Conditions of a write, as data.
 *
 * The store converts conditions to DynamoDB expressions. The tests evaluate the same conditions in memory, so they check the conditions that are used
 * in production.
 */

export type Scalar = string | number | boolean;

/** A reference to another attribute of the same item, instead of a value. */
export interface AttributeRef {
  readonly attribute: string;
}

export type Condition =
  | { readonly op: 'exists' | 'absent'; readonly attribute: string }
  | {
      readonly op: 'eq' | 'lt' | 'lte' | 'gt';
      readonly attribute: string;
      readonly value: Scalar | AttributeRef;
    }
  | { readonly op: 'and' | 'or'; readonly all: readonly Condition[] };

export type Item = Record<string, unknown>;

export const exists = (attribute: string): Condition => ({ op: 'exists', attribute });
export const absent = (attribute: string): Condition => ({ op: 'absent', attribute });
export const eq = (attribute: string, value: Scalar | AttributeRef): Condition => ({ op: 'eq', attribute, value });
export const lt = (attribute: string, value: Scalar | AttributeRef): Condition => ({ op: 'lt', attribute, value });
export const lte = (attribute: string, value: Scalar | AttributeRef): Condition => ({ op: 'lte', attribute, value });
export const gt = (attribute: string, value: Scalar | AttributeRef): Condition => ({ op: 'gt', attribute, value });
export const and = (...all: Condition[]): Condition => ({ op: 'and', all });
export const or = (...all: Condition[]): Condition => ({ op: 'or', all });

export function isRef(value: Scalar | AttributeRef): value is AttributeRef {
  return typeof value === 'object';
}

/** Whether the item meets the condition. The item may be absent. As in DynamoDB, a comparison with a missing attribute is false. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.op) {
    case 'exists':
      return item?.[condition.attribute] !== undefined;
    case 'absent':
      return item?.[condition.attribute] === undefined;
    case 'and':
      return condition.all.every((c) => holds(c, item));
    case 'or':
      return condition.all.some((c) => holds(c, item));
    default:
      return compare(condition.op, item?.[condition.attribute], operand(condition.value, item));
  }
}

function operand(value: Scalar | AttributeRef, item: Item | undefined): unknown {
  return isRef(value) ? item?.[value.attribute] : value;
}

function compare(op: 'eq' | 'lt' | 'lte' | 'gt', left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined || typeof left !== typeof right) return false;
  if (op === 'eq') return left === right;
  const order = orderOf(left, right);
  if (op === 'gt') return order > 0;
  return op === 'lt' ? order < 0 : order <= 0;
}

/** Compares two numbers, or two strings by their UTF-8 bytes. Returns NaN for any other pair. */
function orderOf(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return Number.NaN;
}

export type TableName = 'connections' | 'requests' | 'subscriptions' | 'events';

export const PARTITION_KEYS: Record<TableName, string> = {
  connections: CONNECTIONS.partitionKey,
  requests: REQUESTS.partitionKey,
  subscriptions: SUBSCRIPTIONS.partitionKey,
  events: EVENTS.partitionKey,
};

/** Primary key of an item: attribute names with their values. */
export type Key = Record<string, string | number>;

/** A write that replaces the item with the key. */
export interface Put {
  readonly kind: 'put';
  readonly table: TableName;
  readonly key: Key;
  readonly attributes: Item;
  readonly when?: Condition;
}

/** A write that changes attributes of the item with the key. It creates the item if the item does not exist. */
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

/** A condition without a write. It is used only in a transaction. */
export interface Check {
  readonly kind: 'check';
  readonly table: TableName;
  readonly key: Key;
  readonly when: Condition;
}

export type Write = Put | Update | Delete;

/** Error of a write whose effect is unknown, because all responses were lost or the store failed during the write. */
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

/** Copies the attributes, but leaves out undefined ones, which no table can store. */
export function defined(attributes: Item): Item {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Types of the attributes of one kind of item, as `typeof` names them. A `?` follows the type of an attribute that may be absent. */
export type Shape<T> = { readonly [Name in keyof T]-?: `${TypeName<NonNullable<T[Name]>>}${Absent<T, Name>}` };

type TypeName<Value> = Value extends string
  ? 'string'
  : Value extends number
    ? 'number'
    : Value extends boolean
      ? 'boolean'
      : 'object';
type Absent<T, Name extends keyof T> = undefined extends T[Name] ? '?' : '';

/** Error of an item that is not of the expected kind. Its message contains no value. */
export class InvalidItem extends Error {
  public override readonly name = 'InvalidItem';
}

/**
 * Checks that an item is of the expected kind, and returns it. Each attribute of the kind must have its type; other attributes are ignored.
 *
 * @throws InvalidItem if an attribute is absent or has another type
 */
export function decode<T>(item: Item, kind: string, shape: Shape<T>): T {
  for (const [name, type] of Object.entries<string>(shape)) {
    const value = item[name];
    const isValid = value === undefined ? type.endsWith('?') : type.startsWith(typeof value);
    if (!isValid) throw new InvalidItem(`${kind}: \`${name}\` must be ${type}, got: ${typeof value}`);
  }
  return item as T;
}
