import { Cron } from './cron';
import { ScheduleError } from './schedule-error';
import { type TimeZone, timeZone, UTC } from './time-zone';

/** Times of a rule or a schedule. */
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
 * Parses `rate(…)` or `cron(…)` of a rule. The first run of a rate is one period after `createdAt`.
 *
 * @throws ScheduleError for an expression that EventBridge would refuse
 */
export function parseSchedule(expression: string, createdAt: number): Schedule {
  const match = /^(rate|cron)\((.*)\)$/.exec(expression.trim());
  if (!match) throw new ScheduleError(`a schedule is \`rate(…)\` or \`cron(…)\`, got: ${expression}`);
  return match[1] === 'cron' ? Cron.parse(match[2]) : rate(match[2], createdAt);
}

/** Properties of an EventBridge Scheduler schedule that determine its times. Times are in milliseconds since the epoch. */
export interface Timing {
  readonly expression: string;
  /** Name of the time zone. @default 'UTC' */
  readonly timeZone?: string;
  /** Time before which a recurring schedule does not run. @default - the creation */
  readonly startAt?: number;
  /** Time after which a recurring schedule does not run. @default - none */
  readonly endAt?: number;
}

/**
 * Parses `rate(…)`, `cron(…)` or `at(…)` of EventBridge Scheduler.
 *
 * @param createdAt time from which a rate without a start counts
 * @throws ScheduleError for an expression that EventBridge Scheduler would refuse
 */
export function parseTiming({ expression, timeZone: name, startAt, endAt }: Timing, createdAt: number): Schedule {
  const [, kind, text = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === undefined) {
    throw new ScheduleError(`a schedule must be \`rate(…)\`, \`cron(…)\` or \`at(…)\`, got: ${expression}`);
  }
  const zone = name === undefined ? UTC : timeZone(name);
  if (kind === 'at') return once(text, zone);
  const start = startAt ?? createdAt;
  // a rate with a start begins at the start itself
  const times =
    kind === 'cron' ? Cron.parse(text, zone) : rate(text, startAt ?? createdAt, startAt === undefined ? 1 : 0);
  return {
    next: (time) => {
      const next = times.next(Math.max(time, start - 1));
      return next !== undefined && endAt !== undefined && next > endAt ? undefined : next;
    },
  };
}

function rate(text: string, createdAt: number, first = 1): Schedule {
  const match = /^(\d+) (minute|hour|day)(s?)$/.exec(text.trim());
  const value = Number(match?.[1]);
  // as in EventBridge, the unit must agree with the number: `1 minute`, `2 minutes`
  if (!match || value < 1 || (value === 1) !== (match[3] === '')) {
    throw new ScheduleError(`a rate is a positive number and minute(s), hour(s) or day(s), got: ${text}`);
  }
  const period = value * (UNIT_MS.get(match[2]) as number);
  return { next: (time) => createdAt + Math.max(first, Math.floor((time - createdAt) / period) + 1) * period };
}

function once(text: string, zone: TimeZone): Schedule {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text.trim());
  const wall = form ? Date.parse(`${text.trim()}Z`) : Number.NaN;
  if (Number.isNaN(wall)) throw new ScheduleError(`a time must have the form yyyy-mm-ddThh:mm:ss, got: ${text}`);
  const at = zone.toTime(wall);
  return { next: (time) => (at !== undefined && at > time ? at : undefined) };
}
