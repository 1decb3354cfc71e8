import type { Question, Summary } from './aggregate';
import { dayLabel } from './calendar';
import type { Group } from './range';

/** Data that every page of the document uses. */
export interface Report {
  question: Question;
  summary: Summary & { total: NonNullable<Summary['total']> };
}

export const GROUP_TITLES: Record<Group, string> = {
  origin: 'airport of departure',
  destination: 'airport of arrival',
  distance: 'distance',
  weekday: 'day of the week',
};

export function rangeLabel({ startDate, endDate }: Question): string {
  return startDate === endDate ? dayLabel(startDate) : `${dayLabel(startDate)} to ${dayLabel(endDate)}`;
}
