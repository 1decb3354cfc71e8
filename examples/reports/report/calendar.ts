import type { Period } from './range';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Returns the first day of the day, ISO week (from Monday) or month that contains `day`. All days are `YYYY-MM-DD`. */
export function periodStart(day: string, period: Period): string {
  if (period === 'day') return day;
  return period === 'month' ? `${day.slice(0, 8)}01` : addDays(day, -weekday(day));
}

/** Returns the start of each period that overlaps the range, in order. Periods without a flight are included. */
export function periodsIn(startDate: string, endDate: string, period: Period): string[] {
  const starts: string[] = [];
  for (let start = periodStart(startDate, period); start <= endDate; start = next(start, period)) starts.push(start);
  return starts;
}

/** Formats a period: `3 Jan` for a day, `wk 3 Jan` for a week, `Jan 2001` for a month. */
export function periodLabel(start: string, period: Period): string {
  const [year, month, day] = start.split('-');
  const name = MONTHS[Number(month) - 1];
  if (period === 'month') return `${name} ${year}`;
  return period === 'week' ? `wk ${Number(day)} ${name}` : `${Number(day)} ${name}`;
}

/** Formats a day for titles: `3 Jan 2001`. */
export function dayLabel(day: string): string {
  return `${periodLabel(day, 'day')} ${day.slice(0, 4)}`;
}

/** Returns the number of the weekday; 0 is Monday. */
export function weekday(day: string): number {
  return (new Date(utc(day)).getUTCDay() + 6) % 7;
}

function next(start: string, period: Period): string {
  if (period !== 'month') return addDays(start, period === 'day' ? 1 : 7);
  return `${addDays(start, 31).slice(0, 8)}01`;
}

function addDays(day: string, days: number): string {
  return new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10);
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
