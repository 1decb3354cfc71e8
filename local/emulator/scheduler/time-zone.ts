import { ScheduleError } from './schedule-error';

/**
 * Time zone in which a schedule is evaluated. A wall time is the number of milliseconds since the epoch at which a clock
 * in UTC shows the same date and time.
 */
export interface TimeZone {
  /** Converts a time to the wall time in this zone, in whole seconds. */
  toWall(time: number): number;
  /**
   * Returns the first time with this wall time. Returns undefined if the clocks of the zone skip this wall time when they
   * shift forward.
   */
  toTime(wall: number): number | undefined;
}

export const UTC: TimeZone = { toWall: (time) => time, toTime: (wall) => wall };

const DAY_MS = 86_400_000;

/**
 * Returns the time zone of a name of the IANA database, such as `Europe/Berlin`.
 *
 * @throws ScheduleError if there is no such time zone
 */
export function timeZone(name: string): TimeZone {
  const format = formatOf(name);
  const toWall = (time: number): number => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
  return {
    toWall,
    toTime: (wall) => {
      // the offsets before and after a possible shift
      const offsets = [wall - DAY_MS, wall + DAY_MS].map((time) => toWall(time) - time);
      const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
      return candidates.find((time) => toWall(time) === wall);
    },
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric' as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, ...fields, hourCycle: 'h23' });
  } catch {
    throw new ScheduleError(`there is no time zone ${timeZone}`);
  }
}
