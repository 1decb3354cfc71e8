/** Lambda starts on a queue with five batches at a time … */
const START = 5;
/** … adds up to 300 a minute while there is a backlog … */
const PER_MS = 300 / 60_000;
/** … and goes back when there is none. How soon, AWS does not publish; this is ours. */
const QUIET_MS = 60_000;

/** How many batches a queue's mapping may have in flight. */
export class PollerRamp {
  private capacity: number;
  private saturatedSince: number | undefined;
  private lastSaturated = Number.NEGATIVE_INFINITY;

  public constructor(private readonly maximum: number) {
    this.capacity = Math.min(START, maximum);
  }

  /** The allowance at `now`. */
  public limit(now: number): number {
    if (this.saturatedSince !== undefined) {
      return Math.min(this.maximum, Math.floor(this.capacity + (now - this.saturatedSince) * PER_MS));
    }
    if (now - this.lastSaturated >= QUIET_MS) this.capacity = Math.min(START, this.maximum);
    return Math.floor(this.capacity);
  }

  /** Every poller is busy and more is waiting. Answers after how long one more is allowed, if ever. */
  public saturated(now: number): number | undefined {
    this.limit(now);
    this.saturatedSince ??= now;
    const limit = this.limit(now);
    if (limit >= this.maximum) return undefined;
    const allowedAt = this.saturatedSince + (limit + 1 - this.capacity) / PER_MS;
    return Math.max(1, Math.ceil(allowedAt - now));
  }

  /** Nothing is waiting. */
  public relaxed(now: number): void {
    if (this.saturatedSince === undefined) return;
    this.capacity = Math.min(this.maximum, this.capacity + (now - this.saturatedSince) * PER_MS);
    this.saturatedSince = undefined;
    this.lastSaturated = now;
  }
}
