import * as v from 'valibot';
import { input, messages } from '../../../../examples/reports/handlers/report.schema';

const range = { startDate: '2001-01-01', endDate: '2001-03-31' };

test('two dates are enough; the rest has defaults', () => {
  expect(v.parse(input, range)).toEqual({
    ...range,
    period: 'week',
    group: 'origin',
    detail: 'summary',
    pace: 0,
    ask: false,
  });
});

test('the answer to the question of a report contains only whether the report is approved', () => {
  expect(v.is(messages.approval, { approved: true })).toBe(true);
  for (const wrong of [undefined, {}, { approved: 'yes' }, { approved: true, by: 'ann' }]) {
    expect(v.is(messages.approval, wrong)).toBe(false);
  }
});

test.each([
  ['a day before the data', { ...range, startDate: '2000-12-31' }, 'startDate'],
  ['a day after the data', { ...range, endDate: '2001-04-01' }, 'endDate'],
  ['a day that no calendar has', { ...range, endDate: '2001-02-30' }, 'endDate'],
  ['a date of another form', { ...range, startDate: '01/02/2001' }, 'startDate'],
  ['an end before the start', { startDate: '2001-02-02', endDate: '2001-02-01' }, 'endDate'],
  ['an unknown period', { ...range, period: 'year' }, 'period'],
  ['an unknown group', { ...range, group: 'toString' }, 'group'],
  ['a pace below zero', { ...range, pace: -1 }, 'pace'],
  ['a field that nobody asked for', { ...range, colour: 'red' }, 'colour'],
  ['a missing date', { startDate: '2001-01-01' }, 'endDate'],
])('%s is refused, by name', (_, value, field) => {
  const { success, issues } = v.safeParse(input, value);
  expect(success).toBe(false);
  expect(issues?.map((issue) => v.getDotPath(issue))).toContain(field);
});
