import { floodProgress } from '../../benchmarks/virtual/progress-flood';

test.each([
  1, 2,
])('10,000 calls of progress within ten seconds are at most 101 frames, and the last one is exact (seed %i)', async (seed) => {
  const { sends, isLastExact } = await floodProgress({ seed, calls: 10_000, ms: 10_000 });
  expect(sends).toBeGreaterThan(90);
  expect(sends).toBeLessThanOrEqual(101);
  expect(isLastExact).toBe(true);
});

test('calls that are rarer than the rate are all sent', async () => {
  expect(await floodProgress({ seed: 1, calls: 20, ms: 20_000 })).toEqual({ sends: 20, isLastExact: true });
});
