import { brokenCronRule } from '../../../src/validation/cron';

test.each([
  '0 3 * * ? *',
  '*/15 * ? * MON-FRI *',
  '0,30 8-18/2 1,15 * ? 2026-2030',
  '5 0 L * ? *',
  '5 0 3W JAN,jul ? *',
  '0 12 ? * 6#3 *',
  '0 12 ? * FRI#1 *',
  '0 12 ? * 6L *',
  '0 0 LW 12 ? 2199',
])('the cron expression %s is valid', (fields) => {
  expect(brokenCronRule(fields)).toBeUndefined();
});

test.each([
  ['60 3 * * ? *', 'minutes from 0 to 59'],
  ['0 24 * * ? *', 'hours from 0 to 23'],
  ['0 3 0 * ? *', 'day of month from 1 to 31'],
  ['0 3 32 * ? *', 'day of month from 1 to 31'],
  ['0 3 * 13 ? *', 'month from 1 to 12'],
  ['0 3 * MON ? *', 'month from 1 to 12'],
  ['0 3 ? * 0 *', 'day of week from 1 to 7'],
  ['0 3 ? * 8 *', 'day of week from 1 to 7'],
  ['0 3 ? * 6#6 *', 'day of week from 1 to 7'],
  ['*/0 3 * * ? *', 'minutes from 0 to 59'],
  ['1/2/3 3 * * ? *', 'minutes from 0 to 59'],
  ['1-2-3 3 * * ? *', 'minutes from 0 to 59'],
  ['0, 3 * * ? *', 'minutes from 0 to 59'],
  ['? 3 * * ? *', 'minutes from 0 to 59'],
  ['0 3 * * ? 2200', 'year from 1970 to 2199'],
  ['0 3 ? * ? *', "'?' as its day of month or as its day of week"],
  ['0 3 * * * *', "'?' as its day of month or as its day of week"],
])('the cron expression %s is refused, because it must have %s', (fields, rule) => {
  expect(brokenCronRule(fields)).toContain(rule);
});
