import type { Item } from './model';
import { sameItem } from './same-value';
import { itemBytes } from './sizes';
import type { IndexWrite, Table } from './table';

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** Consumed units of one operation on one table. As on AWS, units of indexes are not doubled in transactions. */
export interface TableUsage {
  readonly table: Table;
  readUnits: number;
  writeUnits: number;
  readonly indexes: Map<string, { readUnits: number; writeUnits: number }>;
}

/** Counts the consumption of one operation, even if the caller did not request it or the operation fails. */
export class Meter {
  private readonly tables = new Map<string, TableUsage>();

  /** @param factor 2 in a transaction, which prepares each item and then commits it; otherwise 1 */
  constructor(public factor: 1 | 2 = 1) {}

  /** Counts a read of one item. A missing item is charged as the minimum. */
  public readItem(table: Table, item: Item | undefined, consistent: boolean): void {
    this.usage(table).readUnits += readUnits(item ? itemBytes(item) : 0, consistent) * this.factor;
  }

  /** Counts a query or scan. The bytes of all items that were read are added up before they are rounded. */
  public readRange(table: Table, items: readonly Item[], consistent: boolean, index?: string): void {
    const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
    const usage = index === undefined ? this.usage(table) : this.indexUsage(table, index);
    usage.readUnits += readUnits(bytes, consistent);
  }

  /**
   * Counts a write, even if its condition is false. The units depend on the item before and the item after the write;
   * the larger one counts.
   */
  public writeItem(table: Table, before: Item | undefined, after: Item | undefined): void {
    this.usage(table).writeUnits += writeUnits(before, after) * this.factor;
  }

  /**
   * Counts a repeated request with the same token. It is charged as reads of the items that the first request wrote.
   */
  public replay(table: Table, bytes: number): void {
    this.usage(table).readUnits += readUnits(bytes, true) * this.factor;
  }

  public writeIndexes(table: Table, writes: readonly IndexWrite[]): void {
    for (const write of writes) {
      const units = indexWriteUnits(write);
      if (units > 0) this.indexUsage(table, write.index.IndexName).writeUnits += units;
    }
  }

  /** Returns the usage of each table, in the order of first use. */
  public usages(): TableUsage[] {
    return [...this.tables.values()];
  }

  private usage(table: Table): TableUsage {
    let usage = this.tables.get(table.name);
    if (!usage) {
      usage = { table, readUnits: 0, writeUnits: 0, indexes: new Map() };
      this.tables.set(table.name, usage);
    }
    return usage;
  }

  private indexUsage(table: Table, index: string): { readUnits: number; writeUnits: number } {
    const { indexes } = this.usage(table);
    let usage = indexes.get(index);
    if (!usage) {
      usage = { readUnits: 0, writeUnits: 0 };
      indexes.set(index, usage);
    }
    return usage;
  }
}

function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);
}

function writeUnits(before: Item | undefined, after: Item | undefined): number {
  const bytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

/**
 * Returns the write units of an index. A change of the index key costs two writes; a change outside the index costs
 * none (developer guide, "Global secondary indexes").
 */
function indexWriteUnits({ before, after }: IndexWrite): number {
  if (!before && !after) return 0;
  if (before && after && before.key !== after.key)
    return writeUnits(before.item, undefined) + writeUnits(after.item, undefined);
  if (before && after && sameItem(before.item, after.item)) return 0;
  return writeUnits(before?.item, after?.item);
}
