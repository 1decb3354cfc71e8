import { Cron } from './cron';
import { ScheduleError } from './schedule-error';

/** Schedule of a rule. */
export interface Schedule {
  /** Returns the time of the first run after `time`, in milliseconds since the epoch, or undefined if there is none. */
  next(time: number): number | undefined;
}

const UNIT_MS = new Map([
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

/**
 * Parses `rate(…)` or `cron(…)`. The first run of a rate is one period after `createdAt`.
 *
 * @throws ScheduleError for an expression that EventBridge would refuse
 */
export function parseSchedule(expression: string, createdAt: number): Schedule {
  const match = /^(rate|cron)\((.*)\)$/.exec(expression.trim());
  if (!match) throw new ScheduleError(`a schedule is \`rate(…)\` or \`cron(…)\`, got: ${expression}`);
  return match[1] === 'cron' ? Cron.parse(match[2]) : rate(match[2], createdAt);
}

function rate(text: string, createdAt: number): Schedule {
  const match = /^(\d+) (minute|hour|day)(s?)$/.exec(text.trim());
  const value = Number(match?.[1]);
  // as in EventBridge, the unit must agree with the number: `1 minute`, `2 minutes`
  if (!match || value < 1 || (value === 1) !== (match[3] === '')) {
    throw new ScheduleError(`a rate is a positive number and minute(s), hour(s) or day(s), got: ${text}`);
  }
  const period = value * (UNIT_MS.get(match[2]) as number);
  return { next: (time) => createdAt + (Math.max(0, Math.floor((time - createdAt) / period)) + 1) * period };
}
