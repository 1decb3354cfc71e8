import * as v from 'valibot';
import { DETAILS, FIRST_DAY, GROUPS, LAST_DAY, PERIODS } from '../report/range';

/** A day of the data set, `YYYY-MM-DD`. The order of these strings is the order of the dates. */
const day = v.pipe(
  v.string(),
  v.isoDate('must be a date, YYYY-MM-DD'),
  v.check(isCalendarDay, 'is not a day of the calendar'),
  v.minValue(FIRST_DAY, `must not be before ${FIRST_DAY}`),
  v.maxValue(LAST_DAY, `must not be after ${LAST_DAY}`),
);

function isCalendarDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Schema of the input of `generate_report`. The router checks the input before it acknowledges the request, so this module imports no code
 * of the report.
 */
export const input = v.pipe(
  v.strictObject({
    /** First and last day of the report. Both are included. */
    startDate: day,
    endDate: day,
    /** Length of one step on the time axis. Default: week. */
    period: v.optional(v.picklist(PERIODS), 'week'),
    /** Property by which flights are compared. Default: origin. */
    group: v.optional(v.picklist(GROUPS), 'origin'),
    /** `full` adds one page per group. Default: summary. */
    detail: v.optional(v.picklist(DETAILS), 'summary'),
    /** Milliseconds to wait after each step, so that a person can watch the progress. Default: 0. */
    pace: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)), 0),
    /** Whether the report waits for an approval before it draws the pages. Default: false. */
    ask: v.optional(v.boolean(), false),
  }),
  v.forward(
    v.partialCheck(
      [['startDate'], ['endDate']],
      ({ startDate, endDate }) => startDate <= endDate,
      'must not be before startDate',
    ),
    ['endDate'],
  ),
);

/** Messages to a running report: the answer to its question. The router checks them, too. */
export const messages = { approval: v.strictObject({ approved: v.boolean() }) };

/** An input in which the defaults are set. */
export type ReportInput = v.InferOutput<typeof input>;

/** Data of the messages by name. */
export type ReportMessages = { approval: v.InferOutput<typeof messages.approval> };
