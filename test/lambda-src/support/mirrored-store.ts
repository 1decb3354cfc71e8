import type { Check, Item, Key, TableName, Write } from '../../../lambda-src/core/write';
import type { Query, Store, WriteResult } from '../../../lambda-src/flows/ports';
import { MemoryStore } from '../../fakes/memory-store';

type OnWrite = (write: Write, before: Item | undefined, after: Item | undefined) => void;

/**
 * A store that makes every call in memory, too, and compares the results.
 *
 * The comparison shows that the model of the tables is correct. A test can observe each write with the item before and after it. The model alone
 * answers queries by index, because a sweep makes a hundred of them, and reads of many items, because their order is not defined.
 */
export class MirroredStore implements Store {
  private readonly memory: MemoryStore;

  public constructor(
    private readonly real: Store,
    onWrite: OnWrite = () => undefined,
    private readonly onDifference: (call: string, real: unknown, model: unknown) => void,
  ) {
    this.memory = new MemoryStore(onWrite);
  }

  public get(table: TableName, key: Key): Promise<Item | undefined> {
    return this.both(`get ${table}`, (store) => store.get(table, key));
  }

  public getAll(table: TableName, keys: readonly Key[]): Promise<Item[]> {
    return this.memory.getAll(table, keys);
  }

  public write(write: Write): Promise<WriteResult> {
    return this.both(`${write.kind} ${write.table}`, (store) => store.write(write));
  }

  public transact(writes: readonly (Write | Check)[]): Promise<boolean> {
    return this.both('transact', (store) => store.transact(writes));
  }

  public query(query: Query): Promise<Item[]> {
    return query.index ? this.memory.query(query) : this.both(`query ${query.table}`, (store) => store.query(query));
  }

  private async both<T>(call: string, run: (store: Store) => Promise<T>): Promise<T> {
    const real = await run(this.real);
    const model = await run(this.memory);
    if (canonical(real) !== canonical(model)) this.onDifference(call, real, model);
    return real;
  }
}

/** Converts a value to a string without the ids of writes, which the model does not have, and with sorted attributes. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (name, each) => {
    if (name === 'writeId') return undefined;
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
