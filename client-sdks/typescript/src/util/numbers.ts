import { StreamerError } from '../wire/errors';

/** Checks of the numbers that an application passes as options. */

/** Maximum time of a platform's timer in milliseconds. A timer with a longer time fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws StreamerError `INVALID_MESSAGE` if the value is not a number from `min` to `max` */
export function checkNumber(name: string, value: unknown, min = 0, max = Number.POSITIVE_INFINITY): void {
  if (typeof value !== 'number' || !(value >= min && value <= max)) refuseNumber('a number', name, min, max);
}

/** @throws StreamerError `INVALID_MESSAGE` if the value is neither absent nor a safe integer of at least `min` */
export function checkCount(name: string, value: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): void {
  const isInRange = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  if (value === undefined || isInRange) return;
  refuseNumber('an integer', name, min, max);
}

/** Merges the application's times with the defaults. @throws StreamerError `INVALID_MESSAGE` if a time is invalid or unknown */
export function timesOf<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const known = Object.entries(given).filter(([, ms]) => ms !== undefined);
  for (const [name, ms] of known) {
    if (!(name in defaults)) {
      const names = Object.keys(defaults).join(', ');
      throw new StreamerError('INVALID_MESSAGE', `\`timing\` has no time \`${name}\`. Its times are ${names}.`);
    }
    // Bounds of a random wait must be finite, and may be 0.
    if (/^re(connect|try)|Spread/.test(name)) checkNumber(name, ms, 0, MAX_TIMER_MS);
    else checkNumber(name, ms, 1);
  }
  return { ...defaults, ...Object.fromEntries(known) };
}

function refuseNumber(kind: string, name: string, min: number, max: number): never {
  throw new StreamerError('INVALID_MESSAGE', `\`${name}\` must be ${kind} from ${min} to ${max}.`);
}
