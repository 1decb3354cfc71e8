import { Stack } from 'aws-cdk-lib';
import { refusal, reject, StreamerValidationError } from '../../../src/private/errors';

test('a refusal names the property, what it must be, what it got, and how to mend it', () => {
  expect(refusal('timeout', 'be short', 'long')).toBe("`timeout` must be short, got: 'long'");
  expect(refusal('timeout', 'be short', 7, 'Say less')).toBe('`timeout` must be short, got: 7. Say less');
});

test('it is thrown as an error of its own class', () => {
  expect(() => reject('a', 'be b', undefined)).toThrow(StreamerValidationError);
  expect(() => reject('a', 'be b', undefined)).toThrow('`a` must be b, got: undefined');
});

const cycle: Record<string, unknown> = { name: 'a' };
cycle.self = cycle;

test.each<[unknown, string]>([
  ['text', "'text'"],
  [{ a: [1, null] }, '{"a":[1,null]}'],
  [Object.create(null), '{}'],
  [null, 'null'],
  [() => 1, '() => 1'],
  [new Stack(), 'an object of class Stack'],
  [new Date(0), 'an object of class Date'],
  [cycle, 'an object with name, self'],
  ['x'.repeat(300), `'${'x'.repeat(199)}…`],
])('what was given is shown, briefly: %p', (value, shown) => {
  expect(refusal('a', 'be b', value)).toBe(`\`a\` must be b, got: ${shown}`);
});
