/** Number of concurrent batches with which Lambda begins to poll a queue. */
const START = 5;
/** Increase of the number of concurrent batches per millisecond, while there is a backlog: 300 per minute. */
const PER_MS = 300 / 60_000;
/**
 * Time in milliseconds without a backlog after which the number of concurrent batches returns to `START`. AWS does not
 * publish this time, so the value is an assumption.
 */
const QUIET_MS = 60_000;

/** Maximum number of concurrent batches of a queue's mapping. It increases while messages wait. */
export class PollerRamp {
  private capacity: number;
  private saturatedSince: number | undefined;
  private lastSaturated = Number.NEGATIVE_INFINITY;

  public constructor(private readonly maximum: number) {
    this.capacity = Math.min(START, maximum);
  }

  /** Returns the maximum number of concurrent batches at the time `now`. */
  public limit(now: number): number {
    if (this.saturatedSince !== undefined) {
      return Math.min(this.maximum, Math.floor(this.capacity + (now - this.saturatedSince) * PER_MS));
    }
    if (now - this.lastSaturated >= QUIET_MS) this.capacity = Math.min(START, this.maximum);
    return Math.floor(this.capacity);
  }

  /**
   * Starts to increase the maximum. It is called when all batches are in flight and more messages wait.
   *
   * @returns milliseconds until one more batch is allowed; undefined if the maximum cannot increase further
   */
  public saturated(now: number): number | undefined {
    this.limit(now);
    this.saturatedSince ??= now;
    const limit = this.limit(now);
    if (limit >= this.maximum) return undefined;
    const allowedAt = this.saturatedSince + (limit + 1 - this.capacity) / PER_MS;
    return Math.max(1, Math.ceil(allowedAt - now));
  }

  /** Stops increasing the maximum. It is called when no message is waiting. */
  public relaxed(now: number): void {
    if (this.saturatedSince === undefined) return;
    this.capacity = Math.min(this.maximum, this.capacity + (now - this.saturatedSince) * PER_MS);
    this.saturatedSince = undefined;
    this.lastSaturated = now;
  }
}
