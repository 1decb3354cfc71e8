import * as fc from 'fast-check';
import { backoff } from '../../../lambda-src/core/backoff';

const limits = { baseMs: 1_000, maxMs: 30_000 };

test.each([
  [1, 0.5, 500],
  [2, 0.5, 1_000],
  [3, 0.5, 2_000],
  [5, 0.5, 8_000],
  [6, 0.5, 15_000],
  [100, 0.5, 15_000],
  [1, 0, 0],
  [100, 0.999_999, 29_999],
])('after attempt %i with the random number %d, the wait is %i ms', (attempt, random, expected) => {
  expect(backoff(limits, attempt, random)).toBe(expected);
});

test('the backoff never waits longer than the limit', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), chance, (attempt, random) => {
      const ms = backoff(limits, attempt, random);
      expect(Number.isInteger(ms) && ms >= 0 && ms < limits.maxMs).toBe(true);
    }),
  );
});
