/** The smallest value that so great a share (0 to 1) of all does not exceed (nearest rank). Undefined for none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const at = (share: number) => percentile(values, share) as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export interface Bin {
  /** Lower bound in milliseconds. A value belongs to the bin with from ≤ value < to. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bounds of the first bins: small times, which are whole milliseconds, have separate bins. */
const LINEAR = [0, 1, 2, 3, 4, 5, 6, 8];
/** Then bins by decade: each is 1.25 to 1.28 times as wide as the one before. */
const STEPS = [10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80];
const MIN_BINS = 12;

/**
 * Counts values in bins that grow with them, because times of a few milliseconds and of many seconds are shown in one chart.
 * All bins from the least to the greatest value are there, and some around them if those are few.
 */
export function histogram(values: readonly number[]): Bin[] {
  if (values.length === 0) return [];
  const indices = values.map(binIndex);
  let first = Math.min(...indices);
  let last = Math.max(...indices);
  while (last - first + 1 < MIN_BINS) {
    if (first > 0) first--;
    last++;
  }
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    from: edge(first + i),
    to: edge(first + i + 1),
    count: counts.get(first + i) ?? 0,
  }));
}

/** Position of a value among the bins, as a share of their width: 0 at the left end, 1 at the right. */
export function position(bins: readonly Bin[], value: number): number {
  const index = bins.findIndex(({ to }) => value < to);
  if (index < 0) return 1;
  const { from, to } = bins[index] as Bin;
  return (index + Math.max(0, (value - from) / (to - from))) / bins.length;
}

function binIndex(value: number): number {
  let index = 0;
  while (edge(index + 1) <= value) index++;
  return index;
}

function edge(index: number): number {
  const linear = LINEAR[index];
  if (linear !== undefined) return linear;
  const at = index - LINEAR.length;
  return (STEPS[at % STEPS.length] as number) * 10 ** Math.floor(at / STEPS.length);
}
