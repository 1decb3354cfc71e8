import { type DayMatcher, daysIn, parseDays } from './cron-days';
import { type FieldRange, parseField } from './cron-field';
import { ScheduleError } from './schedule-error';
import { type TimeZone, UTC } from './time-zone';

const MINUTE: FieldRange = { name: 'minutes', min: 0, max: 59 };
const HOUR: FieldRange = { name: 'hours', min: 0, max: 23 };
const MONTH: FieldRange = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const YEAR: FieldRange = { name: 'year', min: 1970, max: 2199 };
const MINUTE_MS = 60_000;

/**
 * A cron expression with the six fields of EventBridge. In a time zone with daylight saving time, a time that does not
 * exist is skipped, and a time that occurs twice runs once.
 */
export class Cron {
  private constructor(
    private readonly minutes: readonly number[],
    private readonly hours: readonly number[],
    private readonly isDay: DayMatcher,
    private readonly months: readonly number[],
    private readonly years: readonly number[],
    private readonly zone: TimeZone,
  ) {}

  /**
   * Parses a cron expression.
   *
   * @throws ScheduleError that names the invalid field
   */
  public static parse(text: string, zone: TimeZone = UTC): Cron {
    const fields = text.trim().split(/\s+/);
    if (fields.length !== 6) throw new ScheduleError(`a cron expression has 6 fields, got ${fields.length}: ${text}`);
    const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
    return new Cron(
      parseField(minutes, MINUTE),
      parseField(hours, HOUR),
      parseDays(dayOfMonth, dayOfWeek),
      parseField(month, MONTH),
      parseField(year, YEAR),
      zone,
    );
  }

  /** Returns the time of the first run after `time`, in milliseconds since the epoch, or undefined if there is none. */
  public next(time: number): number | undefined {
    const from = Math.floor(this.zone.toWall(time) / MINUTE_MS) * MINUTE_MS;
    for (const day of this.days(from)) {
      for (const wall of this.timesOf(day)) {
        const run = wall < from ? undefined : this.zone.toTime(wall);
        if (run !== undefined && run > time) return run;
      }
    }
    return undefined;
  }

  /** Returns the midnights of the days with runs, beginning with the day of `from`. */
  private *days(from: number): Generator<number> {
    const start = new Date(from);
    const firstDay = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
    for (const year of this.years) {
      if (year < start.getUTCFullYear()) continue;
      for (const month of this.months) yield* this.daysOfMonth(year, month - 1, firstDay);
    }
  }

  private *daysOfMonth(year: number, month: number, firstDay: number): Generator<number> {
    for (let day = 1; day <= daysIn(year, month); day++) {
      const midnight = Date.UTC(year, month, day);
      if (midnight >= firstDay && this.isDay(year, month, day)) yield midnight;
    }
  }

  private timesOf(midnight: number): number[] {
    return this.hours.flatMap((hour) => this.minutes.map((minute) => midnight + (hour * 60 + minute) * MINUTE_MS));
  }
}
