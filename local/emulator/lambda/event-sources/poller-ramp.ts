/** Number of concurrent batches with which Lambda starts on a queue. */
const START = 5;
/** Growth of this number while there is a backlog: 300 per minute. */
const PER_MS = 300 / 60_000;
/** Time without a backlog after which the number returns to the start. AWS does not publish it; this value is assumed. */
const QUIET_MS = 60_000;

/** The maximum number of concurrent batches of a queue's mapping, which grows while messages wait. */
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

  /** Begins the growth, because all batches are in flight and more messages wait. @returns milliseconds until one more is allowed; undefined at the maximum */
  public saturated(now: number): number | undefined {
    this.limit(now);
    this.saturatedSince ??= now;
    const limit = this.limit(now);
    if (limit >= this.maximum) return undefined;
    const allowedAt = this.saturatedSince + (limit + 1 - this.capacity) / PER_MS;
    return Math.max(1, Math.ceil(allowedAt - now));
  }

  /** Ends the growth, because no message is waiting. */
  public relaxed(now: number): void {
    if (this.saturatedSince === undefined) return;
    this.capacity = Math.min(this.maximum, this.capacity + (now - this.saturatedSince) * PER_MS);
    this.saturatedSince = undefined;
    this.lastSaturated = now;
  }
}
