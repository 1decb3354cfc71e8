import fc from 'fast-check';
import { histogram, percentile, percentiles, position } from '../../../../local/console/web/logic/statistics';

test('percentiles are values that were measured, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentiles(values)).toEqual({ p50: 50, p95: 95, p99: 99 });
  expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 });
  expect(percentiles([])).toBeUndefined();
  expect(percentile([3, 1, 2], 1)).toBe(3);
  expect(percentile([3, 1, 2], 0)).toBe(1);
});

test('each value is in exactly one bin, and there is no gap between bins', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 7_200_000, noNaN: true }), { minLength: 1 }), (values) => {
      const bins = histogram(values);
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
      for (const { from, to, count } of bins) {
        expect(values.filter((value) => value >= from && value < to)).toHaveLength(count);
      }
      expect(bins.slice(1).map(({ from }) => from)).toEqual(bins.slice(0, -1).map(({ to }) => to));
    }),
  );
});

test('few values get additional bins around them, so that a single bar does not fill the chart', () => {
  expect(histogram([3]).length).toBeGreaterThanOrEqual(12);
  expect(histogram([3])[0]).toMatchObject({ from: 0, to: 1 });
  expect(histogram([])).toEqual([]);
});

test('the position of a value is within its bin', () => {
  const bins = [
    { from: 0, to: 10, count: 1 },
    { from: 10, to: 20, count: 1 },
  ];
  expect([0, 5, 10, 15, 20, 99].map((value) => position(bins, value))).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
});
