/** First day of the data set. The schema and the page refuse earlier days. */
export const FIRST_DAY = '2001-01-01';
/** Last day of the data set. The schema and the page refuse later days. */
export const LAST_DAY = '2001-03-31';

export const PERIODS = ['day', 'week', 'month'] as const;
export const GROUPS = ['origin', 'destination', 'distance', 'weekday'] as const;
export const DETAILS = ['summary', 'full'] as const;

export type Period = (typeof PERIODS)[number];
export type Group = (typeof GROUPS)[number];
export type Detail = (typeof DETAILS)[number];
