import { ScheduleError } from '../../../../local/emulator/scheduler';
import { parseTiming, type Timing } from '../../../../local/emulator/scheduler/schedule';
import { timeZone } from '../../../../local/emulator/scheduler/time-zone';

const at = (text: string) => Date.parse(`${text}Z`);

/** Returns the first times of a schedule after a time, as minutes in UTC. */
function runs(timing: Timing, after: string, count = 3): string[] {
  const schedule = parseTiming(timing, at(after));
  const found: string[] = [];
  for (let next = schedule.next(at(after)); next !== undefined && found.length < count; next = schedule.next(next)) {
    found.push(new Date(next).toISOString().slice(0, 16));
  }
  return found;
}

const berlin = { timeZone: 'Europe/Berlin' };

describe('time zones', () => {
  test.each([
    ['winter', '2026-01-10T00:00', ['2026-01-10T02:00', '2026-01-11T02:00', '2026-01-12T02:00']],
    ['summer', '2026-07-10T02:00', ['2026-07-11T01:00', '2026-07-12T01:00', '2026-07-13T01:00']],
    ['the shift to summer', '2026-03-28T00:00', ['2026-03-28T02:00', '2026-03-29T01:00', '2026-03-30T01:00']],
  ])('SCHED-40 a cron expression is evaluated in its time zone in %s', (_name, after, expected) => {
    expect(runs({ expression: 'cron(0 3 * * ? *)', ...berlin }, after)).toEqual(expected);
  });

  test('SCHED-41 a schedule skips a time that does not exist in spring', () => {
    const timing = { expression: 'cron(30 2 * * ? *)', ...berlin };
    expect(runs(timing, '2026-03-28T00:00')).toEqual(['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30']);
  });

  test.each([
    ['before it', '2026-10-24T12:00', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['during the first time', '2026-10-25T00:15', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['during the second time', '2026-10-25T01:15', ['2026-10-26T01:30', '2026-10-27T01:30']],
  ])('SCHED-42 a schedule runs once at a time that occurs twice in autumn, as computed %s', (_name, after, expected) => {
    expect(runs({ expression: 'cron(30 2 * * ? *)', ...berlin }, after, 2)).toEqual(expected);
  });

  test.each([
    ['Asia/Kolkata', '2025-12-31T18:30'],
    ['America/St_Johns', '2026-01-01T03:30'],
    ['Pacific/Kiritimati', '2025-12-31T10:00'],
    ['Australia/Lord_Howe', '2025-12-31T13:00'],
    ['Etc/UTC', '2026-01-01T00:00'],
  ])('SCHED-43 midnight of New Year in %s is %s in UTC', (name, expected) => {
    const timing = { expression: 'cron(0 0 1 1 ? *)', timeZone: name };
    expect(runs(timing, '2025-12-01T00:00', 1)).toEqual([expected]);
  });

  test('SCHED-44 each wall time of a year is converted to its time, unless the clocks skip it', () => {
    const zone = timeZone('Europe/Berlin');
    const gaps: string[] = [];
    for (let wall = at('2026-01-01T00:30'); wall < at('2027-01-01T00:00'); wall += 3_600_000) {
      const time = zone.toTime(wall);
      if (time === undefined) gaps.push(new Date(wall).toISOString());
      else expect(zone.toWall(time)).toBe(wall);
    }
    expect(gaps).toEqual(['2026-03-29T02:30:00.000Z']);
  });

  test('SCHED-45 a rate does not depend on the time zone', () => {
    const timing = { expression: 'rate(1 day)', ...berlin };
    expect(runs(timing, '2026-03-28T12:00', 2)).toEqual(['2026-03-29T12:00', '2026-03-30T12:00']);
  });
});

describe('one-time schedules', () => {
  test('SCHED-46 a one-time schedule runs once, in its time zone', () => {
    const timing = { expression: 'at(2026-07-01T10:00:30)', ...berlin };
    expect(runs(timing, '2026-01-01T00:00')).toEqual(['2026-07-01T08:00']);
    expect(runs(timing, '2026-07-01T08:01')).toEqual([]);
  });

  test.each(['at(2026-13-01T00:00:00)', 'at(2026-01-01)', 'at()'])('SCHED-47 "%s" is refused', (expression) => {
    expect(() => parseTiming({ expression }, 0)).toThrow(ScheduleError);
  });
});

describe('start and end', () => {
  test('SCHED-48 a rate with a start runs at the start and after each period', () => {
    const timing = { expression: 'rate(2 hours)', startAt: at('2026-01-01T01:00') };
    expect(runs(timing, '2025-12-31T20:00')).toEqual(['2026-01-01T01:00', '2026-01-01T03:00', '2026-01-01T05:00']);
    expect(runs(timing, '2026-01-01T04:00', 1)).toEqual(['2026-01-01T05:00']);
  });

  test('SCHED-49 a schedule runs between its start and its end only', () => {
    const timing = {
      expression: 'cron(0 12 * * ? *)',
      startAt: at('2026-02-01T12:00'),
      endAt: at('2026-02-02T12:00'),
    };
    expect(runs(timing, '2026-01-01T00:00')).toEqual(['2026-02-01T12:00', '2026-02-02T12:00']);
  });
});
