import * as fc from 'fast-check';
import { loggable, loggableText, mergeFields } from '../../../lambda-src/core/loggable';

const boom = () => {
  throw new Error('boom');
};

test('errors keep their name, message, stack, cause and own fields', () => {
  const error = Object.assign(new TypeError('x', { cause: new Error('y') }), { code: 'E1' });

  expect(loggable(error)).toEqual({
    name: 'TypeError',
    message: 'x',
    stack: error.stack,
    cause: { name: 'Error', message: 'y', stack: (error.cause as Error).stack, cause: undefined },
    code: 'E1',
  });
});

test('cycles, values that are too deep and properties that throw are replaced by a description', () => {
  const error = new Error('x');
  error.cause = error;
  const deep: { next?: object } = {};
  let last = deep;
  for (let i = 0; i < 20; i++) {
    last.next = {};
    last = last.next;
  }
  const shown = loggable({
    error,
    deep,
    get bad() {
      return boom();
    },
    revoked: new Proxy({}, { ownKeys: boom }),
    date: new Date(Number.NaN),
    n: 10n,
    toJSON: boom,
  });

  expect(shown).toMatchObject({
    error: { message: 'x', cause: '[circular]' },
    bad: '[cannot be read: boom]',
    revoked: '[cannot be read: boom]',
    date: 'Invalid Date',
    n: '10',
    toJSON: '[function]',
  });
  expect(JSON.stringify(shown)).toContain('[too deep]');
});

test('the copy of any value can be written as JSON', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withObjectString: true,
    withNullPrototype: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      expect(() => JSON.stringify(loggable({ value }))).not.toThrow();
    }),
  );
});

test('fields are merged even if a getter throws', () => {
  const bad = {
    a: 2,
    get b() {
      return boom();
    },
  };

  expect(mergeFields({ a: 1, c: 3 }, { a: 2 })).toEqual({ a: 2, c: 3 });
  expect(mergeFields({ a: 1, c: 3 }, undefined)).toEqual({ a: 1, c: 3 });
  expect(mergeFields({ a: 1, c: 3 }, bad)).toEqual({ a: 2, b: '[cannot be read: boom]', c: 3 });
});

test('any message becomes a string', () => {
  expect(loggableText('x')).toBe('x');
  expect(loggableText(undefined)).toBe('undefined');
  expect(loggableText({ toString: boom })).toBe('[cannot be read: boom]');
});
