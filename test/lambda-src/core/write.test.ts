import { apply, defined } from '../../../lambda-src/core/write';

const key = { requestKey: 'k' };

test('a put replaces the whole item, and leaves out undefined attributes', () => {
  const put = { kind: 'put', table: 'requests', key, attributes: { a: 1, b: undefined } } as const;

  expect(apply(put, { ...key, c: 3 })).toEqual({ requestKey: 'k', a: 1 });
  expect(Object.keys(apply(put, undefined) ?? {})).toEqual(['a', 'requestKey']);
});

test('an update sets, adds and removes, and keeps the rest', () => {
  const update = {
    kind: 'update',
    table: 'requests',
    key,
    set: { a: 2, skipped: undefined },
    add: { count: 2, fresh: 1 },
    remove: ['gone', 'never'],
  } as const;

  expect(apply(update, { ...key, a: 1, count: 3, gone: true, kept: 'x' })).toEqual({
    requestKey: 'k',
    a: 2,
    count: 5,
    fresh: 1,
    kept: 'x',
  });
});

test('an update creates a missing item', () => {
  expect(apply({ kind: 'update', table: 'requests', key, add: { n: 1 } }, undefined)).toEqual({ ...key, n: 1 });
});

test('a write does not change the item that it was given', () => {
  const before = { ...key, n: 1 };

  apply({ kind: 'update', table: 'requests', key, set: { a: 1 }, add: { n: 1 } }, before);

  expect(before).toEqual({ ...key, n: 1 });
});

test('a delete removes the item', () => {
  expect(apply({ kind: 'delete', table: 'requests', key }, { ...key, a: 1 })).toBeUndefined();
});

test('`defined` keeps null, false, zero and the empty string', () => {
  expect(defined({ a: null, b: false, c: 0, d: '', e: undefined })).toEqual({ a: null, b: false, c: 0, d: '' });
});
