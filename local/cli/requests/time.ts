import { UsageError } from '../arguments';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a time: a duration before now, such as `30m`, `2h` or `7d`, or a date in ISO 8601.
 *
 * @returns epoch milliseconds
 * @throws UsageError
 */
export function parseTime(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (unit !== undefined) return now - Number(count) * UNITS[unit as keyof typeof UNITS];
  const at = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`--${option} must be a time before now, such as 30m, 2h or 7d, or a date, got: ${text}`);
}

/** Formats a duration in its largest unit, such as `5m`. */
export function age(ms: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => ms >= each) ?? ['s', UNITS.s];
  return `${Math.floor(Math.max(0, ms) / size)}${unit}`;
}
