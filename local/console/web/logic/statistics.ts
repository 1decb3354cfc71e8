/**
 * Returns a percentile by the nearest-rank method: the smallest value for which at least the given share (0 to 1) of
 * all values is less than or equal to it. Undefined if there are no values.
 */
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

/** Bounds of the first bins. Small durations are whole milliseconds and have separate bins. */
const LINEAR = [0, 1, 2, 3, 4, 5, 6, 8];
/** Bounds of the other bins in each decade. Each bin is 1.25 to 1.28 times as wide as the previous one. */
const STEPS = [10, 12.5, 16, 20, 25, 32, 40, 50, 63, 80];
const MIN_BINS = 12;

/**
 * Counts values in bins. Bins for greater values are wider, because one chart shows durations of a few milliseconds and
 * of many seconds. The result contains all bins from the least to the greatest value. If there are only few bins, the
 * result also contains bins around them.
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

/** Returns the position of a value in the chart: 0 is the left end, 1 the right end. */
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
