import {
  apply,
  type Check,
  holds,
  type Item,
  type Key,
  PARTITION_KEYS,
  type TableName,
  type Write,
} from '../../lambda-src/core/write';
import type { Query, Store, WriteResult } from '../../lambda-src/flows/ports';
import { EVENTS, SUBSCRIPTIONS } from '../../src/contract';

/**
 * The tables in memory, with the conditions evaluated as they are written.
 *
 * Every operation is one step: nothing else happens between the check of a condition and its write.
 * To observe writes, pass `onWrite`; to interleave or fail operations, wrap the store.
 */
export class MemoryStore implements Store {
  private readonly tables = new Map<TableName, Map<string, Item>>();

  public constructor(
    private readonly onWrite: (write: Write, before: Item | undefined, after: Item | undefined) => void = () =>
      undefined,
  ) {}

  public async get(table: TableName, key: Key): Promise<Item | undefined> {
    const item = this.table(table).get(keyText(key));
    return item && { ...item };
  }

  public async getAll(table: TableName, keys: readonly Key[]): Promise<Item[]> {
    const found = keys.map((key) => this.table(table).get(keyText(key)));
    return found.flatMap((item) => (item ? [{ ...item }] : []));
  }

  public async write(write: Write): Promise<WriteResult> {
    const before = this.table(write.table).get(keyText(write.key));
    if (write.when && !holds(write.when, before)) return { applied: false, item: before && { ...before } };
    const after = this.put(write, before);
    return { applied: true, item: write.kind === 'update' && after ? { ...after } : undefined };
  }

  public async transact(writes: readonly (Write | Check)[]): Promise<boolean> {
    const meets = (write: Write | Check) =>
      !write.when || holds(write.when, this.table(write.table).get(keyText(write.key)));
    if (!writes.every(meets)) return false;
    for (const write of writes) {
      if (write.kind !== 'check') this.put(write, this.table(write.table).get(keyText(write.key)));
    }
    return true;
  }

  public async query({ table, index, partition, from, after, newestFirst, limit }: Query): Promise<Item[]> {
    const hash = index?.partitionKey ?? PARTITION_KEYS[table];
    const found = this.all(table).filter((item) => item[hash] === partition);
    // the queries of the sweeper, which are most of the queries of a simulation, find nothing
    if (found.length === 0) return found;
    const sortKey = index?.sortKey ?? SORT_KEYS[table] ?? hash;
    // items of an index that have the same sort key are ordered by the key of the table
    const order = (a: Item, b: Item) =>
      compare(a[sortKey], b[sortKey]) || compare(a[PARTITION_KEYS[table]], b[PARTITION_KEYS[table]]);
    const direction = newestFirst ? -1 : 1;
    const inRange = found
      .filter((item) => from === undefined || Number(item[EVENTS.sortKey]) >= from)
      .filter((item) => after === undefined || order(item, after) * direction > 0)
      .sort((a, b) => order(a, b) * direction);
    return inRange.slice(0, limit).map((item) => ({ ...item }));
  }

  /** All items, for a test to inspect. */
  public all(table: TableName): Item[] {
    return [...this.table(table).values()];
  }

  private put(write: Write, before: Item | undefined): Item | undefined {
    const after = apply(write, before);
    const table = this.table(write.table);
    if (after) table.set(keyText(write.key), after);
    else table.delete(keyText(write.key));
    this.onWrite(write, before, after);
    return after;
  }

  private table(name: TableName): Map<string, Item> {
    const table = this.tables.get(name) ?? new Map<string, Item>();
    this.tables.set(name, table);
    return table;
  }
}

const SORT_KEYS: Partial<Record<TableName, string>> = {
  events: EVENTS.sortKey,
  subscriptions: SUBSCRIPTIONS.sortKey,
};

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

const keyText = (key: Key): string => Object.values(key).join('\u0000');
