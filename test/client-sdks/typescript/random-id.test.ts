import { randomId } from '../../../client-sdks/typescript/src/random-id';
import { CONSTANTS } from '../../../lambda-src/protocol';

test('an id has 128 bits, in a form that the protocol takes', () => {
  const id = randomId();
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(id).toMatch(new RegExp(CONSTANTS.patterns.requestId));
});

test('small bytes keep their leading zero', () => {
  const random = jest.spyOn(crypto, 'getRandomValues').mockImplementation((bytes) => bytes);
  expect(randomId()).toBe('0'.repeat(32));
  random.mockRestore();
});

test('no two are alike', () => {
  expect(new Set(Array.from({ length: 1000 }, randomId)).size).toBe(1000);
});
