import { Lazy } from 'aws-cdk-lib';
import { StreamerHandler } from '../../../src';
import { validateJson } from '../../../src/validation/json';

/** Values that JSON would change without an error. */
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const check = (value: unknown) => () => validateJson('input', value);

test.each<[string, unknown, string]>([
  // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
  ['a hole in an array', { ids: [1, , 3] }, "`input.ids[1]` must be a JSON value, got: 'a hole in the array'"],
  ['undefined in an array', [undefined], '`input[0]` must be a JSON value, got: undefined'],
  ['a bigint', { size: [12n] }, '`input.size[0]` must be a JSON value, got: 12n'],
  ['a symbol', { a: Symbol('s') }, '`input.a` must be a JSON value, got: Symbol(s)'],
  ['a Map', { a: new Map() }, '`input.a` must be a JSON value, got: an object of class Map'],
  ['an infinite number', { a: { b: 1 / 0 } }, '`input.a.b` must be a JSON value, got: Infinity'],
  [
    'a key __proto__',
    { a: JSON.parse('{"__proto__":{"admin":true}}') },
    "`input.a` must have no key that could change the prototype of an object, got: '__proto__'",
  ],
  [
    'a key constructor with a prototype',
    { constructor: { prototype: {} } },
    "`input` must have no key that could change the prototype of an object, got: 'constructor'",
  ],
  ['a lone surrogate', { a: '\ud800' }, '`input.a` must have no lone surrogate'],
  ['a key with a lone surrogate', { '\ud800': 1 }, '`input` must have no lone surrogate'],
  ['a value that is nested too deeply', nested(32), 'must be nested at most 31 levels deep'],
])('%s is refused with its path', (_what, value, message) => {
  expect(check(value)).toThrow(message);
});

test.each<[string, unknown]>([
  ['plain values', { a: [1, 'b', null, true, { c: -0.5 }], constructor: 'x' }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['a property that is undefined', { a: undefined }],
  ['a token', { a: Lazy.string({ produce: () => 'later' }), b: Lazy.any({ produce: () => [] }) }],
  ['the deepest value', nested(31)],
])('%s pass', (_what, value) => {
  expect(check(value)).not.toThrow();
});

test('a hole in an array of options is refused', () => {
  const sparse = new Array(1) as never;
  const create = (options: object) => () => StreamerHandler.async('handlers/report.ts', options);
  expect(create({ concurrency: sparse })).toThrow('`concurrency` must contain only values of Concurrency');
  expect(create({ schedules: sparse })).toThrow('`schedules[0]` must be an object with `name`');
  expect(create({ initialPolicy: sparse })).toThrow('`initialPolicy` must be an array of policy statements');
  expect(create({ layers: sparse })).toThrow('`layers` must be an array of layers');
  expect(create({ bundling: { nodeModules: sparse } })).toThrow('`bundling.nodeModules` must be an array of strings');
});
