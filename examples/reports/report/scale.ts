/** Returns about `count` round steps for an axis; the first and the last lie outside `low` to `high`. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1);
  const step = niceStep(span / count);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `raw`. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Returns a linear map from the domain to the range. */
export function linear(domain: readonly number[], range: readonly [number, number]): (value: number) => number {
  const from = domain[0];
  const span = domain[domain.length - 1] - from;
  return (value) => range[0] + ((value - from) / span) * (range[1] - range[0]);
}

/** Indexes of the labels to print if only `room` of `count` labels fit: evenly distributed, including the first. */
export function everyNth(count: number, room: number): number {
  return Math.max(1, Math.ceil(count / Math.max(1, room)));
}
