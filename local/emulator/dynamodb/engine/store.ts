import { resourceNotFound } from './errors';
import type { Change, Item, WriteCause } from './model';
import type { IndexWrite, Table } from './table';

/** Applies the effects of a committed change on streams and time to live. */
export type CommitListener = (table: Table, changes: readonly Change[], cause: WriteCause) => void;

/** Stores writes persistently before they are applied. If the function throws, the writes have no effect. */
export type Keep = (changes: readonly { readonly table: Table; readonly change: Change }[], cause: WriteCause) => void;

/**
 * Stores the tables and executes atomic writes.
 *
 * Each write runs synchronously from its first read to its commit, so two writes never overlap. Conditional writes and
 * serializable transactions therefore need no lock.
 */
export class Store {
  private readonly tables = new Map<string, Table>();
  private pending?: { table: Table; change: Change }[];

  /** Stores the writes persistently; undefined if there is no persistent state. */
  public keep: Keep | undefined;

  constructor(private readonly onCommit: CommitListener) {}

  /**
   * Returns a table.
   *
   * @throws ResourceNotFoundException if it does not exist
   */
  public table(name: string): Table {
    const table = this.tables.get(name);
    if (!table) throw resourceNotFound();
    return table;
  }

  public find(name: string): Table | undefined {
    return this.tables.get(name);
  }

  public all(): Table[] {
    return [...this.tables.values()];
  }

  public add(table: Table): void {
    this.tables.set(table.name, table);
  }

  public remove(name: string): void {
    this.tables.delete(name);
  }

  /** Executes all writes in `work` atomically: if it throws, none of them has an effect. `work` must be synchronous. */
  public atomically<T>(work: () => T, cause: WriteCause = 'user'): T {
    if (this.pending) throw new Error('Atomic writes cannot be nested');
    const pending: { table: Table; change: Change }[] = [];
    this.pending = pending;
    try {
      const result = work();
      this.pending = undefined;
      if (pending.length > 0) this.keep?.(pending, cause);
      this.commit(pending, cause);
      return result;
    } catch (error) {
      this.pending = undefined;
      for (const { table, change } of pending.reverse()) table.write(change.key, change.before);
      throw error;
    }
  }

  /** Writes an item. It must be called in the callback of `atomically`. */
  public write(table: Table, key: string, after: Item | undefined): IndexWrite[] {
    if (!this.pending) throw new Error('Writes must be in the callback of atomically()');
    const { change, indexWrites } = table.write(key, after);
    this.pending.push({ table, change });
    return indexWrites;
  }

  private commit(pending: readonly { table: Table; change: Change }[], cause: WriteCause): void {
    const byTable = new Map<Table, Change[]>();
    for (const { table, change } of pending) {
      const changes = byTable.get(table);
      if (changes) changes.push(change);
      else byTable.set(table, [change]);
    }
    for (const [table, changes] of byTable) this.onCommit(table, changes, cause);
  }
}
