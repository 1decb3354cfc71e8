import { ENV } from '../../../src/contract';

test('every variable has a different name with the prefix of this construct', () => {
  const names = Object.values(ENV);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^STREAMER_[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
});
