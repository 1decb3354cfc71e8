/**
 * Returns about `count` round numbers for an axis. The first and the last are outside the range from `low` to `high`.
 */
export function niceTicks(low: number, high: number, count = 5): number[] {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1);
  const step = niceStep(span / count);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Returns the smallest step that is not less than `raw`. A step is 1, 2, 2.5 or 5 times a power of ten. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Returns a function that maps the domain linearly to the range. */
export function linear(domain: readonly number[], range: readonly [number, number]): (value: number) => number {
  const from = domain[0];
  const span = domain[domain.length - 1] - from;
  return (value) => range[0] + ((value - from) / span) * (range[1] - range[0]);
}

/**
 * Returns the distance between printed labels if only `room` of `count` labels have enough space. The first label is
 * printed.
 */
export function everyNth(count: number, room: number): number {
  return Math.max(1, Math.ceil(count / Math.max(1, room)));
}
