import { type Item, PARTITION_KEYS, type Write } from '../../lambda-src/core';
import type { Query, Store, WriteResult } from '../../lambda-src/flows/ports';
import { EVENTS } from '../../src/contract';
import { MemoryStore } from '../../test/fakes/memory-store';
import type { VirtualClock } from './clock';

/** Time of one call to DynamoDB. */
const CALL_MS = 5;

/** The tables in memory. Each call takes its time, and a query of a log reads only its own items. */
export class VirtualTables implements Store {
  private readonly memory: MemoryStore;
  /** Items of each partition of the events table, in the order of their offsets. */
  private readonly logs = new Map<string, Item[]>();

  public constructor(
    private readonly clock: VirtualClock,
    onWrite: (write: Write, after: Item | undefined) => void,
  ) {
    this.memory = new MemoryStore((write, _, after) => {
      if (write.table === 'events') this.keep(write, after);
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
    const { table, partition, from = Number.NEGATIVE_INFINITY, newestFirst, limit = Number.POSITIVE_INFINITY } = query;
    if (table !== 'events') return this.memory.query(query);
    const log = this.logs.get(partition) ?? [];
    const first = placeOf(log, from);
    return newestFirst ? log.slice(first).reverse().slice(0, limit) : log.slice(first, first + limit);
  }

  private keep({ key }: Write, after: Item | undefined): void {
    const partition = String(key[PARTITION_KEYS.events]);
    const log = this.logs.get(partition) ?? [];
    this.logs.set(partition, log);
    const place = placeOf(log, offsetOf(key));
    const isKept = place < log.length && offsetOf(log[place]) === offsetOf(key);
    log.splice(place, isKept ? 1 : 0, ...(after ? [after] : []));
  }
}

const offsetOf = (item: Item): number => Number(item[EVENTS.sortKey]);

/** Index of the first item whose offset is not less. */
function placeOf(log: readonly Item[], offset: number): number {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsetOf(log[middle]) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
