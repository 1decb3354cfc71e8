import { resourceNotFound } from './errors';
import type { Change, Item, WriteCause } from './model';
import type { IndexWrite, Table } from './table';

/** Applies the consequences of a committed change: streams and time to live. */
export type CommitListener = (table: Table, changes: readonly Change[], cause: WriteCause) => void;

/** Persists writes before they are applied: if it throws, they do not take effect. */
export type Keep = (changes: readonly { readonly table: Table; readonly change: Change }[], cause: WriteCause) => void;

/**
 * The tables, and all-or-nothing writes to them.
 *
 * Every write runs synchronously from its first read to its commit, so no two writes ever overlap: for this reason,
 * and not because of a lock, conditional writes cannot both succeed, and transactions are serializable.
 */
export class Store {
  private readonly tables = new Map<string, Table>();
  private pending?: { table: Table; change: Change }[];

  /** Persists the writes; undefined if they are not persisted. */
  public keep: Keep | undefined;

  constructor(private readonly onCommit: CommitListener) {}

  /** @throws ResourceNotFoundException */
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

  /** Runs the writes in `work` as one: if it throws, none of them has happened. `work` must be synchronous. */
  public atomically<T>(work: () => T, cause: WriteCause = 'user'): T {
    if (this.pending) throw new Error('Atomic writes do not nest');
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

  /** Writes an item; only within the callback of `atomically`. */
  public write(table: Table, key: string, after: Item | undefined): IndexWrite[] {
    if (!this.pending) throw new Error('Writes belong into atomically()');
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
