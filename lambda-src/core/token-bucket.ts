/** Token bucket: it is refilled at a constant rate up to its capacity. The caller passes the time. */
export class TokenBucket {
  private tokens: number;

  /**
   * @param perSecond rate of the refill
   * @param capacity maximum number of tokens; the bucket is full at the beginning
   * @param now epoch milliseconds
   */
  public constructor(
    private readonly perSecond: number,
    private readonly capacity: number,
    private now: number,
  ) {
    this.tokens = capacity;
  }

  /** Takes all the tokens that a task needs, or none. @returns whether they were taken */
  public take(count: number, now: number): boolean {
    this.refill(now);
    if (this.tokens < count) return false;
    this.tokens -= count;
    return true;
  }

  /** Returns the milliseconds until the bucket has so many tokens; infinity if it never has. */
  public waitMs(count: number, now: number): number {
    this.refill(now);
    if (count > this.capacity) return Number.POSITIVE_INFINITY;
    return Math.ceil((Math.max(0, count - this.tokens) / this.perSecond) * 1000);
  }

  private refill(now: number): void {
    const elapsedMs = Math.max(0, now - this.now);
    this.tokens = Math.min(this.capacity, this.tokens + (elapsedMs / 1000) * this.perSecond);
    this.now = Math.max(this.now, now);
  }
}
