import { quantile, Tally } from '../../../../examples/reports/report/statistics';

const flight = (delay: number, distance = 100) => ({
  day: '2001-01-01',
  delay,
  distance,
  origin: 'A',
  destination: 'B',
});

describe('statistics', () => {
  test('statistics are exact for a handful of flights', () => {
    const tally = new Tally();
    for (const [delay, distance] of [
      [40, 300],
      [-10, 100],
      [14, 200],
      [15, 200],
    ])
      tally.add(flight(delay, distance));
    // sorted: -10, 14, 15, 40; the 90th percentile lies 0.7 of the way from 15 to 40
    expect(tally.statistics()).toEqual({
      flights: 4,
      onTime: 0.5,
      meanDelay: 14.75,
      medianDelay: 14.5,
      p90Delay: expect.closeTo(32.5, 9),
      maxDelay: 40,
      meanDistance: 200,
    });
  });

  test('there are no statistics of no flights', () => {
    expect(new Tally().statistics()).toBeUndefined();
  });

  test('statistics sort by value, not by text', () => {
    const tally = new Tally();
    for (const delay of [9, 100, -5]) tally.add(flight(delay));
    expect(tally.statistics()?.medianDelay).toBe(9);
  });

  test.each([
    [[7], 0.9, 7],
    [[1, 2], 0.5, 1.5],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[1, 2, 3, 4, 5], 1, 5],
  ])('the quantile of %p at %p is %p', (sorted, share, expected) => {
    expect(quantile(sorted, share)).toBe(expected);
  });
});
