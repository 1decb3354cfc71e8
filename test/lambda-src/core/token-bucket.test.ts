import fc from 'fast-check';
import { TokenBucket } from '../../../lambda-src/core/token-bucket';

test('a bucket grants no more than its capacity and its rate, whatever is asked and when', () => {
  const asks = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 40 }), afterMs: fc.integer({ min: -5, max: 900 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 60 }), asks, (rate, capacity, all) => {
      const bucket = new TokenBucket(rate, capacity, 0);
      let [now, latest, granted] = [0, 0, 0];
      for (const { count, afterMs } of all) {
        now += afterMs;
        latest = Math.max(latest, now);
        if (bucket.take(count, now)) granted += count;
        expect(granted).toBeLessThanOrEqual(capacity + (latest / 1000) * rate + 1e-6);
      }
    }),
  );
});

test('after the wait that it names, a bucket grants the tokens, and one millisecond earlier it does not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 60 }), (rate, count) => {
      const bucket = new TokenBucket(rate, 60, 0);
      expect(bucket.take(60, 0)).toBe(true);
      const wait = bucket.waitMs(count, 0);
      expect(bucket.take(count, wait - 1)).toBe(false);
      expect(bucket.take(count, wait)).toBe(true);
    }),
  );
});

test('a bucket never has more tokens than its capacity', () => {
  const bucket = new TokenBucket(10, 5, 0);
  expect(bucket.waitMs(6, 1_000)).toBe(Number.POSITIVE_INFINITY);
  expect(bucket.waitMs(5, 1_000)).toBe(0);
  expect(bucket.take(6, 1_000_000)).toBe(false);
});
