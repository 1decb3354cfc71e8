import { dayLabel, periodLabel, periodStart, periodsIn, weekday } from '../../../../examples/reports/report/calendar';

describe('periods', () => {
  test('a week begins on its Monday, also across the turn of a month', () => {
    // 1 January 2001 was a Monday
    expect(periodStart('2001-01-01', 'week')).toBe('2001-01-01');
    expect(periodStart('2001-01-07', 'week')).toBe('2001-01-01');
    expect(periodStart('2001-02-02', 'week')).toBe('2001-01-29');
  });

  test('a month begins on its first, a day on itself', () => {
    expect(periodStart('2001-02-28', 'month')).toBe('2001-02-01');
    expect(periodStart('2001-02-28', 'day')).toBe('2001-02-28');
  });

  test('every period that touches the range is listed, once and in order', () => {
    expect(periodsIn('2001-01-30', '2001-02-02', 'day')).toEqual([
      '2001-01-30',
      '2001-01-31',
      '2001-02-01',
      '2001-02-02',
    ]);
    expect(periodsIn('2001-01-10', '2001-01-22', 'week')).toEqual(['2001-01-08', '2001-01-15', '2001-01-22']);
    expect(periodsIn('2001-01-31', '2001-03-01', 'month')).toEqual(['2001-01-01', '2001-02-01', '2001-03-01']);
    expect(periodsIn('2001-12-31', '2002-01-01', 'month')).toEqual(['2001-12-01', '2002-01-01']);
  });

  test('labels name the period that they stand for', () => {
    expect(periodLabel('2001-01-08', 'day')).toBe('8 Jan');
    expect(periodLabel('2001-01-08', 'week')).toBe('wk 8 Jan');
    expect(periodLabel('2001-03-01', 'month')).toBe('Mar 2001');
    expect(dayLabel('2001-03-31')).toBe('31 Mar 2001');
  });

  test('Monday is 0 and Sunday is 6', () => {
    expect(weekday('2001-01-01')).toBe(0);
    expect(weekday('2001-01-07')).toBe(6);
  });
});
