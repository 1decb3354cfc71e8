import { everyNth, linear, niceTicks } from '../../../../examples/reports/report/scale';

describe('axes', () => {
  test.each([
    [0, 97, [0, 20, 40, 60, 80, 100]],
    [-13, 41, [-20, 0, 20, 40, 60]],
    [0.62, 0.91, [0.6, 0.7, 0.8, 0.9, 1]],
    [0, 1643, [0, 500, 1000, 1500, 2000]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1].slice(0, 2)],
  ])('the ticks of an axis from %p to %p are %p', (low, high, ticks) => {
    expect(niceTicks(low, high)).toEqual(ticks);
  });

  test('a flat series has an axis that holds it', () => {
    const ticks = niceTicks(42, 42);
    expect(ticks[0]).toBeLessThanOrEqual(42);
    expect(ticks.at(-1)).toBeGreaterThan(42);
  });

  test('the scale maps the ends to the ends, upside down too', () => {
    const y = linear([0, 50, 100], [300, 100]);
    expect([y(0), y(25), y(100)]).toEqual([300, 250, 100]);
  });

  test('labels are thinned out until they fit', () => {
    expect([everyNth(10, 20), everyNth(90, 10), everyNth(91, 10), everyNth(5, 0)]).toEqual([1, 9, 10, 5]);
  });
});
