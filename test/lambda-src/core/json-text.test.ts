import { toJsonText } from '../../../lambda-src/core/json-text';
import { CONSTANTS } from '../../../lambda-src/protocol';

/** Returns `{"a": {"a": … 1}}` with the given number of nested objects. */
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

test('a value is written as JSON writes it', () => {
  expect(toJsonText({ a: [1, 'two', null], at: new Date(0) })).toBe(
    '{"a":[1,"two",null],"at":"1970-01-01T00:00:00.000Z"}',
  );
});

test.each([undefined, () => 1, Symbol('x')])('a value that JSON leaves out is null: %s', (value) => {
  expect(toJsonText(value)).toBe('null');
});

test('the deepest allowed value still fits into the entries of an ack', () => {
  const deepest = CONSTANTS.limits.serverDepth - 3;
  expect(toJsonText(nested(deepest))).toContain('1');
  expect(() => toJsonText(nested(deepest + 1))).toThrow(/^`value\.a.*` /);
});

test('a key that could change a prototype is refused, and named without its value', () => {
  const value = JSON.parse('{"rows": [{"__proto__": {"secret": 1}}]}');
  expect(() => toJsonText(value)).toThrow(/^`value\.rows\.0/);
  expect(() => toJsonText(value)).not.toThrow(/secret/);
});

test('a lone surrogate is refused: no client would accept the frame', () => {
  expect(() => toJsonText({ text: '\ud800' })).toThrow('`value.text`');
});

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

test.each([
  ['a bigint', { n: 1n }],
  ['a cycle', cycle],
])('%s is reported as a value that cannot be written, with its cause', (_name, value) => {
  expect.assertions(2);
  try {
    toJsonText(value);
  } catch (error) {
    expect((error as Error).message).toBe('it cannot be written as JSON');
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  }
});
