import { ScheduleError } from '../../../../local/emulator/scheduler';
import { parseSchedule } from '../../../../local/emulator/scheduler/schedule';

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16));
/** Returns the times of the first runs after a time, as minutes in UTC. */
function runs(expression: string, after: string, count = 3): (string | undefined)[] {
  const start = Date.parse(`${after}Z`);
  const schedule = parseSchedule(expression, start);
  const found: (string | undefined)[] = [];
  for (let at: number | undefined = start; found.length < count && at !== undefined; ) {
    at = schedule.next(at);
    found.push(iso(at));
  }
  return found;
}

describe('rates', () => {
  test.each([
    ['rate(1 minute)', ['2026-01-01T00:01', '2026-01-01T00:02', '2026-01-01T00:03']],
    ['rate(5 minutes)', ['2026-01-01T00:05', '2026-01-01T00:10', '2026-01-01T00:15']],
    ['rate(1 hour)', ['2026-01-01T01:00', '2026-01-01T02:00', '2026-01-01T03:00']],
    ['rate(7 days)', ['2026-01-08T00:00', '2026-01-15T00:00', '2026-01-22T00:00']],
  ])('SCHED-01 %s runs each period after its creation', (expression, expected) => {
    expect(runs(expression, '2026-01-01T00:00')).toEqual(expected);
  });

  test.each([
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(5 seconds)',
    'rate(1.5 hours)',
    'rate(minute)',
    'rate()',
    '5 minutes',
    '',
  ])('SCHED-02 "%s" is refused', (expression) => {
    expect(() => parseSchedule(expression, 0)).toThrow(ScheduleError);
  });
});

describe('cron', () => {
  test.each([
    ['every minute', '* * * * ? *', '2026-01-01T00:00', ['2026-01-01T00:01', '2026-01-01T00:02', '2026-01-01T00:03']],
    ['a time of day', '0 10 * * ? *', '2026-01-01T10:00', ['2026-01-02T10:00', '2026-01-03T10:00', '2026-01-04T10:00']],
    [
      'several hours',
      '15 8,12 * * ? *',
      '2026-01-01T09:00',
      ['2026-01-01T12:15', '2026-01-02T08:15', '2026-01-02T12:15'],
    ],
    [
      'working days',
      '0 18 ? * MON-FRI *',
      '2026-01-02T18:00',
      ['2026-01-05T18:00', '2026-01-06T18:00', '2026-01-07T18:00'],
    ],
    [
      'a step',
      '0/10 * ? * MON-FRI *',
      '2026-01-02T23:45',
      ['2026-01-02T23:50', '2026-01-05T00:00', '2026-01-05T00:10'],
    ],
    [
      'a step within a range',
      '0/5 8-17 ? * MON-FRI *',
      '2026-01-02T17:50',
      ['2026-01-02T17:55', '2026-01-05T08:00', '2026-01-05T08:05'],
    ],
    [
      'a step of all',
      '*/20 * * * ? *',
      '2026-01-01T00:50',
      ['2026-01-01T01:00', '2026-01-01T01:20', '2026-01-01T01:40'],
    ],
    [
      'a step on a range',
      '10-30/10 0 1 * ? *',
      '2026-01-01T00:10',
      ['2026-01-01T00:20', '2026-01-01T00:30', '2026-02-01T00:10'],
    ],
    [
      'days of the month',
      '0 8 1,15 * ? *',
      '2026-01-10T00:00',
      ['2026-01-15T08:00', '2026-02-01T08:00', '2026-02-15T08:00'],
    ],
    [
      'the 31st, where there is one',
      '0 0 31 * ? *',
      '2026-01-31T00:00',
      ['2026-03-31T00:00', '2026-05-31T00:00', '2026-07-31T00:00'],
    ],
    [
      'the last day of the month',
      '0 0 L * ? *',
      '2028-01-31T00:00',
      ['2028-02-29T00:00', '2028-03-31T00:00', '2028-04-30T00:00'],
    ],
    ['leap days', '0 0 29 2 ? *', '2026-01-01T00:00', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    [
      'named months',
      '0 0 1 JAN,jul ? *',
      '2026-01-01T00:00',
      ['2026-07-01T00:00', '2027-01-01T00:00', '2027-07-01T00:00'],
    ],
    ['Sunday is 1', '0 0 ? * 1 *', '2026-01-01T00:00', ['2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00']],
    [
      'the last day of the week',
      '0 0 ? * L *',
      '2026-01-01T00:00',
      ['2026-01-03T00:00', '2026-01-10T00:00', '2026-01-17T00:00'],
    ],
    [
      'the last Friday',
      '0 0 ? * 6L *',
      '2026-01-01T00:00',
      ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-27T00:00'],
    ],
    [
      'the second Tuesday',
      '0 0 ? * 3#2 *',
      '2026-01-01T00:00',
      ['2026-01-13T00:00', '2026-02-10T00:00', '2026-03-10T00:00'],
    ],
    [
      'the fifth Monday',
      '0 0 ? * MON#5 *',
      '2026-01-01T00:00',
      ['2026-03-30T00:00', '2026-06-29T00:00', '2026-08-31T00:00'],
    ],
    [
      'the working day nearest to the 3rd',
      '0 0 3W * ? *',
      '2026-01-01T00:00',
      ['2026-01-02T00:00', '2026-02-03T00:00', '2026-03-03T00:00'],
    ],
    [
      'the working day nearest to the 1st, in its month',
      '0 0 1W * ? *',
      '2026-07-31T00:00',
      ['2026-08-03T00:00', '2026-09-01T00:00', '2026-10-01T00:00'],
    ],
    [
      'the working day nearest to the 31st',
      '0 0 31W * ? *',
      '2026-01-01T00:00',
      ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-31T00:00'],
    ],
    ['years', '0 0 1 1 ? 2027-2028', '2026-01-01T00:00', ['2027-01-01T00:00', '2028-01-01T00:00', undefined]],
    ['years that are over', '0 0 1 1 ? 2020', '2026-01-01T00:00', [undefined]],
  ])('SCHED-03 %s', (_name, fields, after, expected) => {
    expect(runs(`cron(${fields})`, after)).toEqual(expected);
  });

  test.each([
    ['five fields', '* * * * ?', '6 fields'],
    ['no question mark', '* * * * * *', '`?`'],
    ['two question marks', '* * ? * ? *', '`?`'],
    ['minute 60', '60 * * * ? *', 'minutes'],
    ['hour 24', '0 24 * * ? *', 'hours'],
    ['day 0', '0 0 0 * ? *', 'day of month'],
    ['month 13', '0 0 1 13 ? *', 'month'],
    ['weekday 8', '0 0 ? * 8 *', 'day of week'],
    ['year 1969', '0 0 1 1 ? 1969', 'year'],
    ['a step of 0', '*/0 * * * ? *', 'step'],
    ['a range that runs backwards', '30-10 * * * ? *', 'range'],
    ['two instances of weekdays', '0 0 ? * 3#1,6#3 *', 'day of week'],
    ['L in a field without it', 'L * * * ? *', 'minutes'],
  ])('SCHED-04 %s is refused by its field', (_name, fields, message) => {
    expect(() => parseSchedule(`cron(${fields})`, 0)).toThrow(ScheduleError);
    expect(() => parseSchedule(`cron(${fields})`, 0)).toThrow(message);
  });
});
