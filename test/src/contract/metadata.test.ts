import { DEV_CONTEXT, METADATA } from '../../../src/contract';

test('each metadata key has the prefix of this package and differs from all others', () => {
  const keys = [...Object.values(METADATA), DEV_CONTEXT];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => !/^cdk-streamer:[a-z]+$/.test(key))).toEqual([]);
});
