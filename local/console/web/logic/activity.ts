import type { RequestView, TimingSample } from '../../types';

/** Number of requests that began and number of requests that failed in one period. */
export interface ActivityBar {
  readonly from: number;
  readonly sync: number;
  readonly async: number;
  readonly failed: number;
}

/**
 * Counts requests in bars of equal duration. A sync request is counted at the time of its answer, an async request at
 * the time when it was submitted, and a failure at the end of its request.
 *
 * @param barMs duration of a bar in milliseconds. Bars begin at multiples of this duration, so that their bounds do not
 * change as time passes.
 */
export function activity(
  requests: readonly RequestView[],
  samples: readonly TimingSample[],
  { now, bars, barMs }: { readonly now: number; readonly bars: number; readonly barMs: number },
): ActivityBar[] {
  const last = Math.floor(now / barMs);
  const counts = Array.from({ length: bars }, (_, i) => ({
    from: (last - bars + 1 + i) * barMs,
    sync: 0,
    async: 0,
    failed: 0,
  }));
  const barAt = (at: number) => counts[Math.floor(at / barMs) - (last - bars + 1)];
  const count = (at: number | undefined, what: 'sync' | 'async' | 'failed') => {
    const bar = at === undefined ? undefined : barAt(at);
    if (bar) bar[what]++;
  };
  for (const { kind, at } of samples) if (kind === 'sync') count(at, 'sync');
  for (const { createdAt, endedAt, status } of requests) {
    count(createdAt, 'async');
    if (status === 'FAILED') count(endedAt, 'failed');
  }
  return counts;
}
