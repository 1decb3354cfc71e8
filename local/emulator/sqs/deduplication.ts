import type { SendResult } from './types';

/** FIFO queues drop a message that repeats an id within five minutes. */
const INTERVAL_MS = 5 * 60_000;

/** The deduplication ids that a FIFO queue has seen lately, with the answers they got. */
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

  /** Insertion order is time order, so the old ones are in front. */
  private dropOld(now: number): void {
    for (const [id, { at }] of this.seen) {
      if (at + INTERVAL_MS > now) return;
      this.seen.delete(id);
    }
  }
}
