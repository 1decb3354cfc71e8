import type { Clock } from '../types';
import type { ThrottleSpec } from './types';

/**
 * A token bucket. It contains at most `burstLimit` tokens and gets `rateLimit` tokens per second. Each request takes
 * one token.
 */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  public constructor(
    private readonly spec: ThrottleSpec,
    private readonly clock: Clock,
  ) {
    this.tokens = spec.burstLimit;
    this.filledAt = clock.now();
  }

  public take(): boolean {
    const now = this.clock.now();
    const refill = ((now - this.filledAt) / 1000) * this.spec.rateLimit;
    this.tokens = Math.min(this.spec.burstLimit, this.tokens + refill);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/** The token buckets of a stage, one per route. Without a throttle, all requests are accepted. */
export class RouteThrottle {
  private readonly buckets = new Map<string, TokenBucket>();

  public constructor(
    private readonly spec: ThrottleSpec | undefined,
    private readonly clock: Clock,
  ) {}

  public admits(routeKey: string): boolean {
    if (!this.spec) return true;
    let bucket = this.buckets.get(routeKey);
    if (!bucket) {
      bucket = new TokenBucket(this.spec, this.clock);
      this.buckets.set(routeKey, bucket);
    }
    return bucket.take();
  }
}
