import { retryMs } from '../../../../client-sdks/typescript/src/connection/retry';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';
import { randomNumbers } from '../../../support/random';
import { maxPerSecond } from '../support/virtual-gateway';

const bounds = (failures: number, isShared: boolean, isOffline = false) =>
  [0, 1].map((random) => retryMs({ failures, isShared, isOffline }, DEFAULT_TIMING, () => random));

test.each([
  [0, [0, 25_000]],
  [1, [25_000, 50_000]],
  [2, [30_000, 60_000]],
  [2_000, [30_000, 60_000]],
])('After a loss that others may share and %i failures, the delay has the bounds %p', (failures, expected) => {
  expect(bounds(failures, true)).toEqual(expected);
});

test.each([
  [0, [0, 500]],
  [3, [0, 4_000]],
  [7, [0, 60_000]],
])('After another end and %i failures, the delay has the bounds %p', (failures, expected) => {
  expect(bounds(failures, false)).toEqual(expected);
});

test('Without a network, attempts come once or twice per minute', () => {
  expect(bounds(0, false, true)).toEqual([30_000, 60_000]);
  expect(bounds(5, true, true)).toEqual([30_000, 60_000]);
});

test('A spread above the maximum is not shortened', () => {
  const timing = { ...DEFAULT_TIMING, reconnectSpreadMs: 200_000 };
  expect(retryMs({ failures: 1, isShared: true, isOffline: false }, timing, () => 1)).toBe(200_000);
});

test.each([
  { reconnectSpreadMs: 0 },
  { reconnectSpreadMs: 0, reconnectMaxMs: 0 },
])('Without a spread (%p), only the first attempt comes at once', (own) => {
  const timing = { ...DEFAULT_TIMING, ...own };
  const first = (failures: number) => retryMs({ failures, isShared: true, isOffline: false }, timing, () => 0);
  expect(first(0)).toBe(0);
  for (const failures of [1, 2, 9]) expect(first(failures)).toBeGreaterThanOrEqual(250);
});

test('10,000 clients whose attempts all fail stay below 500 attempts per second', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = randomNumbers(seed);
    const times: number[] = [];
    for (let client = 0; client < 10_000; client++) {
      for (let failures = 0, at = 0; failures < 10; failures++) {
        at += retryMs({ failures, isShared: true, isOffline: false }, DEFAULT_TIMING, random);
        times.push(at);
      }
    }
    expect(maxPerSecond(times)).toBeLessThan(500);
  }
});
