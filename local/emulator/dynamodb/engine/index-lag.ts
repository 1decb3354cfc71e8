import type { Clock } from '../../types';
import { db } from '../dynalite';
import type { Change, Item } from './model';
import type { Table } from './table';

/** Maximum number of remembered writes per table. Older writes are visible in every index. */
const MAX_WRITES = 10_000;

/** Lets indexes lag behind their table, for tests: a query does not find items that were written shortly before. */
export class IndexLag {
  private readonly writes = new Map<Table, Map<string, number>>();

  /** @param lagMs returns the lag of the next query in milliseconds */
  public constructor(
    private readonly lagMs: () => number,
    private readonly clock: Clock,
  ) {}

  public written(table: Table, changes: readonly Change[]): void {
    const times = this.writes.get(table) ?? new Map<string, number>();
    this.writes.set(table, times);
    for (const { key } of changes) {
      times.delete(key);
      times.set(key, this.clock.now());
    }
    for (const oldest of times.keys()) {
      if (times.size <= MAX_WRITES) return;
      times.delete(oldest);
    }
  }

  /** Returns the items that a query finds. */
  public *visible(table: Table, items: Iterable<[string, Item]>): Generator<[string, Item]> {
    const lag = this.lagMs();
    const until = this.clock.now() - lag;
    const times = this.writes.get(table);
    for (const entry of items) {
      const writtenAt = lag > 0 ? times?.get(db.createKey(entry[1], table.description)) : undefined;
      if (writtenAt === undefined || writtenAt <= until) yield entry;
    }
  }
}
