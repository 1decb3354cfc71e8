import { type IndexEntry, indexEntry, indexesOf } from './indexes';
import type { Change, IndexDescription, Item, TableDescription } from './model';
import { OrderedMap } from './ordered-map';
import type { TableStream } from './stream';
import type { TimeToLive } from './ttl';

/** Change of one index by one write. */
export interface IndexWrite {
  readonly index: IndexDescription;
  readonly before?: IndexEntry;
  readonly after?: IndexEntry;
}

/** Items and index entries of a table. They are changed together. */
export class Table {
  public stream?: TableStream;
  /** Streams that were disabled. They stay readable until their records expire. */
  public readonly pastStreams: TableStream[] = [];
  public timeToLive?: TimeToLive;
  private readonly items = new OrderedMap<Item>();
  private readonly entries = new Map<string, OrderedMap<Item>>();

  constructor(public readonly description: TableDescription) {
    for (const index of indexesOf(description)) this.entries.set(index.IndexName, new OrderedMap());
  }

  public get name(): string {
    return this.description.TableName;
  }

  public get(key: string): Item | undefined {
    return this.items.get(key);
  }

  public all(): OrderedMap<Item> {
    return this.items;
  }

  /**
   * Returns an index by name.
   *
   * @throws Error if the table has no such index, which callers must check before
   */
  public index(name: string): OrderedMap<Item> {
    const entries = this.entries.get(name);
    if (!entries) throw new Error(`${this.name} has no index ${name}`);
    return entries;
  }

  /**
   * Writes an item and its index entries, or removes them if there is no new item. All checks come before the first
   * change.
   */
  public write(key: string, after: Item | undefined): { change: Change; indexWrites: IndexWrite[] } {
    const before = this.items.get(key);
    const indexWrites = indexesOf(this.description).map((index) => ({
      index,
      before: indexEntry(this.description, index, key, before),
      after: indexEntry(this.description, index, key, after),
    }));
    for (const write of indexWrites) this.writeEntry(write);
    if (after) this.items.set(key, after);
    else this.items.delete(key);
    return { change: { tableName: this.name, key, before, after }, indexWrites };
  }

  /** Adds an index to the description and creates its entries from the items. */
  public addIndex(index: IndexDescription): void {
    const entries = new OrderedMap<Item>();
    for (const [key, item] of this.items.entries()) {
      const entry = indexEntry(this.description, index, key, item);
      if (entry) entries.set(entry.key, entry.item);
    }
    this.entries.set(index.IndexName, entries);
    this.description.GlobalSecondaryIndexes = [...(this.description.GlobalSecondaryIndexes ?? []), index];
  }

  public removeIndex(name: string): void {
    this.entries.delete(name);
    const rest = this.description.GlobalSecondaryIndexes?.filter((index) => index.IndexName !== name);
    this.description.GlobalSecondaryIndexes = rest?.length ? rest : undefined;
  }

  private writeEntry({ index, before, after }: IndexWrite): void {
    const entries = this.index(index.IndexName);
    if (before && before.key !== after?.key) entries.delete(before.key);
    if (after) entries.set(after.key, after.item);
  }
}
