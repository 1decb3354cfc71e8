/** Limits of an exponential backoff, in milliseconds. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Wait before the next try: exponential with full jitter.
 *
 * @param tries tries made so far, from 1
 * @param random uniform in [0, 1)
 */
export function backoff(limits: BackoffLimits, tries: number, random: number): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(tries - 1, 30));
  return Math.floor(random * ceiling);
}
