import { randomId } from '../../../../client-sdks/typescript/src/util/random-id';

test('an id has 128 random bits, in the form that the protocol requires', () => {
  const ids = Array.from({ length: 1_000 }, randomId);

  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
