import { Aggregator, groupName, type Question } from '../../../../examples/reports/report/aggregate';
import { allRecords, type Flight, readFlights } from '../../../../examples/reports/report/dataset';

const base: Flight = { day: '2001-01-02', delay: 0, distance: 400, origin: 'SEA', destination: 'SFO' };
const question: Question = { startDate: '2001-01-01', endDate: '2001-01-21', period: 'week', group: 'origin' };

function summaryOf(flights: Partial<Flight>[], changes: Partial<Question> = {}) {
  const aggregator = new Aggregator({ ...question, ...changes });
  for (const flight of flights) aggregator.add({ ...base, ...flight });
  return aggregator.summary();
}

describe('aggregation of a few flights', () => {
  const summary = summaryOf([
    { day: '2001-01-02', origin: 'SEA', delay: 10 },
    { day: '2001-01-03', origin: 'JFK', delay: 30 },
    { day: '2001-01-21', origin: 'JFK', delay: -6 },
  ]);

  test('a period without flights stays, without figures', () => {
    expect(summary.periods.map(({ label, stats }) => [label, stats?.flights, stats?.meanDelay])).toEqual([
      ['wk 1 Jan', 2, 20],
      ['wk 8 Jan', undefined, undefined],
      ['wk 15 Jan', 1, -6],
    ]);
  });

  test('airports are ordered by number of flights, and their periods are next to those of the whole', () => {
    expect(
      summary.groups.map(({ name, stats, periods }) => [name, stats.meanDelay, periods.map((p) => p?.flights)]),
    ).toEqual([
      ['JFK', 12, [1, undefined, 1]],
      ['SEA', 10, [1, undefined, undefined]],
    ]);
  });

  test('the histogram counts a delay on an edge to the bar that begins there', () => {
    const delays = summaryOf([
      { delay: -31 },
      { delay: -30 },
      { delay: 9 },
      { delay: 10 },
      { delay: 120 },
      { delay: 500 },
    ]).delays;
    expect(delays.filter(({ flights }) => flights > 0)).toEqual([
      { from: Number.NEGATIVE_INFINITY, to: -30, flights: 1 },
      { from: -30, to: -20, flights: 1 },
      { from: 0, to: 10, flights: 1 },
      { from: 10, to: 20, flights: 1 },
      { from: 120, to: Number.POSITIVE_INFINITY, flights: 2 },
    ]);
  });

  test('an aggregation of no flights has no total', () => {
    expect(summaryOf([])).toMatchObject({ total: undefined, groups: [] });
  });
});

describe('groups', () => {
  test.each([
    [499, 'under 500 mi'],
    [500, '500 to 999 mi'],
    [1499, '1000 to 1499 mi'],
    [1500, '1500 mi and more'],
  ])('a flight of %p miles is "%s"', (distance, name) => {
    expect(groupName({ ...base, distance }, 'distance')).toBe(name);
  });

  test('weekdays keep the order of the week, whatever their numbers', () => {
    const { groups } = summaryOf([{ day: '2001-01-07' }, { day: '2001-01-14' }, { day: '2001-01-02' }], {
      group: 'weekday',
    });
    expect(groups.map(({ name }) => name)).toEqual(['Tuesday', 'Sunday']);
  });
});

describe('aggregation of the real data', () => {
  test('aggregation of the real data agrees with a count that was made another way', async () => {
    const aggregator = new Aggregator({ ...question, startDate: '2001-02-01', endDate: '2001-02-28', period: 'month' });
    for await (const { flights } of readFlights({ startDate: '2001-02-01', endDate: '2001-02-28' })) {
      for (const flight of flights) aggregator.add(flight);
    }
    const { total, periods, groups } = aggregator.summary();

    const february = allRecords.filter(({ date }) => date.startsWith('2001/02/'));
    const fromOrd = february.filter(({ origin }) => origin === 'ORD');
    const sum = fromOrd.reduce((minutes, { delay }) => minutes + delay, 0);
    expect(february).toHaveLength(5964);
    expect(total?.flights).toBe(5964);
    expect(periods).toEqual([{ start: '2001-02-01', label: 'Feb 2001', stats: total }]);
    const ord = groups.find(({ name }) => name === 'ORD');
    expect(ord?.stats).toMatchObject({ flights: fromOrd.length, meanDelay: sum / fromOrd.length });
    expect(groups.reduce((flights, { stats }) => flights + stats.flights, 0)).toBe(5964);
  });
});
