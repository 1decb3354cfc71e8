import { type FieldRange, parseField } from './cron-field';
import { ScheduleError } from './schedule-error';

const DAY_OF_MONTH: FieldRange = { name: 'day of month', min: 1, max: 31 };
const DAY_OF_WEEK: FieldRange = {
  name: 'day of week',
  min: 1,
  max: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const SATURDAY = 7;
const SUNDAY = 1;

/** Whether a schedule runs on a day. Months count from 0. */
export type DayMatcher = (year: number, month: number, day: number) => boolean;

export const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** Returns the weekday; 1 is Sunday. */
const weekday = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month, day)).getUTCDay() + 1;

/** Parses the two fields for days. One of them specifies the days; the other one is `?`. */
export function parseDays(dayOfMonth: string, dayOfWeek: string): DayMatcher {
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new ScheduleError('exactly one of day of month and day of week must be `?`');
  }
  return dayOfWeek === '?' ? parseDayOfMonth(dayOfMonth) : parseDayOfWeek(dayOfWeek);
}

function parseDayOfMonth(text: string): DayMatcher {
  if (text === 'L') return (year, month, day) => day === daysIn(year, month);
  const nearest = /^(\d+)W$/.exec(text);
  if (nearest) {
    const [wanted] = parseField(nearest[1], DAY_OF_MONTH);
    return (year, month, day) => day === nearestWorkday(year, month, wanted);
  }
  const days = parseField(text, DAY_OF_MONTH);
  return (_year, _month, day) => days.includes(day);
}

/**
 * Returns the working day of a month that is nearest to a day. If the month does not have that day, its last day
 * counts.
 */
function nearestWorkday(year: number, month: number, wanted: number): number {
  const last = daysIn(year, month);
  const day = Math.min(wanted, last);
  const name = weekday(year, month, day);
  if (name === SATURDAY) return day > 1 ? day - 1 : day + 2;
  if (name === SUNDAY) return day < last ? day + 1 : day - 2;
  return day;
}

function parseDayOfWeek(text: string): DayMatcher {
  if (text === 'L') return (year, month, day) => weekday(year, month, day) === SATURDAY;
  const last = /^(\w+)L$/.exec(text);
  if (last) {
    const [wanted] = parseField(last[1], DAY_OF_WEEK);
    return (year, month, day) => weekday(year, month, day) === wanted && day + 7 > daysIn(year, month);
  }
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth) {
    const [wanted] = parseField(nth[1], DAY_OF_WEEK);
    return (year, month, day) => weekday(year, month, day) === wanted && Math.ceil(day / 7) === Number(nth[2]);
  }
  const days = parseField(text, DAY_OF_WEEK);
  return (year, month, day) => days.includes(weekday(year, month, day));
}
