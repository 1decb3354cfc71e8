import { type Item, PARTITION_KEYS, type TableName, type Write } from '../../lambda-src/core';
import type { Query, Store, WriteResult } from '../../lambda-src/flows/ports';
import { EVENTS, SUBSCRIPTIONS } from '../../src/contract';
import { MemoryStore } from '../../test/fakes/memory-store';
import type { VirtualClock } from './clock';

/** Time of one call to DynamoDB. */
const CALL_MS = 5;

/** The tables in memory. Each call takes its time, and a query of a log or of the members of a topic reads only its own items. */
export class VirtualTables implements Store {
  private readonly memory: MemoryStore;
  private readonly events = new Partitions<number>((item) => Number(item[EVENTS.sortKey]));
  private readonly subscriptions = new Partitions<string>((item) => String(item[SUBSCRIPTIONS.sortKey]));
  /** Time of the last write of each item that indexes contain. */
  private readonly writtenAt = new Map<string, number>();

  public constructor(
    private readonly clock: VirtualClock,
    onWrite: (write: Write, after: Item | undefined) => void,
  ) {
    this.memory = new MemoryStore((write, _, after) => {
      if (write.table !== 'events') this.writtenAt.set(placeIn(write.table, write.key), clock.now());
      if (write.table === 'events') this.events.keep(partitionOf(write), write.key, after);
      if (write.table === 'subscriptions') this.subscriptions.keep(partitionOf(write), write.key, after);
      onWrite(write, after);
    });
  }

  public async get(...args: Parameters<Store['get']>): Promise<Item | undefined> {
    await this.clock.sleep(CALL_MS);
    return this.memory.get(args[0], args[1]);
  }

  public async getAll(...args: Parameters<Store['getAll']>): ReturnType<Store['getAll']> {
    await this.clock.sleep(CALL_MS);
    return this.memory.getAll(...args);
  }

  public async write(write: Write): Promise<WriteResult> {
    await this.clock.sleep(CALL_MS);
    return this.memory.write(write);
  }

  public async transact(...args: Parameters<Store['transact']>): Promise<boolean> {
    await this.clock.sleep(2 * CALL_MS);
    return this.memory.transact(...args);
  }

  public async query(query: Query): Promise<Item[]> {
    await this.clock.sleep(CALL_MS);
    const { table, partition, from, after, newestFirst, limit } = query;
    if (table === 'subscriptions' && !query.index) {
      return this.subscriptions.read(partition, { after: after && String(after[SUBSCRIPTIONS.sortKey]), limit });
    }
    return table === 'events' ? this.events.read(partition, { from, newestFirst, limit }) : this.memory.query(query);
  }

  /** Reads an index that does not contain items that were written after the given time. */
  public async queryAsOf(query: Query, time: number): Promise<Item[]> {
    const items = await this.query(query);
    return items.filter((item) => (this.writtenAt.get(placeIn(query.table, item)) ?? 0) <= time);
  }
}

/** Identifies an item of a table outside the log. */
const placeIn = (table: TableName, item: Item): string => {
  const sortKey = table === 'subscriptions' ? `#${item[SUBSCRIPTIONS.sortKey]}` : '';
  return `${table}#${item[PARTITION_KEYS[table]]}${sortKey}`;
};

const partitionOf = ({ table, key }: Write): string => String(key[PARTITION_KEYS[table]]);

interface Range<Sort> {
  readonly from?: Sort;
  readonly after?: Sort;
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

/** The items of each partition of a table, in the order of their sort keys. */
class Partitions<Sort extends string | number> {
  private readonly partitions = new Map<string, Item[]>();

  public constructor(private readonly sortOf: (item: Item) => Sort) {}

  public read(partition: string, { from, after, newestFirst, limit }: Range<Sort>): Item[] {
    const all = this.partitions.get(partition) ?? [];
    const first = from === undefined ? 0 : this.placeOf(all, from);
    const begin = after === undefined ? first : this.placeOf(all, after) + (this.has(all, after) ? 1 : 0);
    const items = newestFirst ? all.slice(begin).reverse() : all.slice(begin, begin + (limit ?? all.length));
    return items.slice(0, limit);
  }

  public keep(partition: string, key: Item, after: Item | undefined): void {
    const all = this.partitions.get(partition) ?? [];
    this.partitions.set(partition, all);
    const place = this.placeOf(all, this.sortOf(key));
    all.splice(place, this.has(all, this.sortOf(key)) ? 1 : 0, ...(after ? [after] : []));
  }

  private has(all: readonly Item[], sort: Sort): boolean {
    const item = all[this.placeOf(all, sort)];
    return item !== undefined && this.sortOf(item) === sort;
  }

  /** Index of the first item whose sort key is not less. */
  private placeOf(all: readonly Item[], sort: Sort): number {
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sortOf(all[middle]) < sort) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
