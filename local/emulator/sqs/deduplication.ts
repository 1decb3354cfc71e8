import type { SendResult } from './types';

/** Time in milliseconds for which a FIFO queue discards messages with the same deduplication id. */
const INTERVAL_MS = 5 * 60_000;

/** Recent deduplication ids of a FIFO queue, with the responses to their messages. */
export class Deduplication {
  private readonly seen = new Map<string, { readonly at: number; readonly result: SendResult }>();

  public find(id: string, now: number): SendResult | undefined {
    this.dropOld(now);
    return this.seen.get(id)?.result;
  }

  public remember(id: string, now: number, result: SendResult): void {
    this.seen.set(id, { at: now, result });
  }

  /** Entries that have not expired, oldest first. */
  public entries(now: number): { readonly id: string; readonly at: number; readonly result: SendResult }[] {
    this.dropOld(now);
    return [...this.seen].map(([id, entry]) => ({ id, ...entry }));
  }

  /** Removes expired ids. They are at the front of the map, because the map is ordered by time. */
  private dropOld(now: number): void {
    for (const [id, { at }] of this.seen) {
      if (at + INTERVAL_MS > now) return;
      this.seen.delete(id);
    }
  }
}
