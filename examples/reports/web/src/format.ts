import { GROUP_TITLES } from '../../report/report';
import type { ReportInput } from './actions';

export { GROUP_TITLES };

/** Formats a size: `1.2 MB`. */
export function fileSize(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Rounds a percentage down, so that 100 appears only at the end. */
export function wholePercent(percentage: number): number {
  return Math.floor(percentage);
}

/** Formats a range of dates: `1 Jan 2001 – 31 Mar 2001`. */
export function dateRange({ startDate, endDate }: ReportInput): string {
  const text = (day: string) =>
    new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      timeZone: 'UTC',
    });
  return startDate === endDate ? text(startDate) : `${text(startDate)} – ${text(endDate)}`;
}

/** Formats the other options: `by week and airport of departure, full`. */
export function questionText({ period = 'week', group = 'origin', detail = 'summary' }: ReportInput): string {
  return `by ${period} and ${GROUP_TITLES[group]}${detail === 'full' ? ', a page for each' : ''}`;
}

export function timeOfDay(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** Formats a duration: `4.2 s`, `1 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
