/** Limits of an exponential backoff, in milliseconds. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Wait before the next attempt: exponential with full jitter.
 *
 * @param attempt number of attempts so far, from 1
 * @param random uniform in [0, 1)
 */
export function backoff(limits: BackoffLimits, attempt: number, random: number): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.floor(random * ceiling);
}
