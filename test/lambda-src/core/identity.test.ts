import { isName, ownerOf } from '../../../lambda-src/core/identity';
import { logKey, requestKey } from '../../../lambda-src/core/keys';

test.each(['a', 'ann@example.com', 'x'.repeat(256), '#', '日本', '😀'])('%j may be a name', (name) => {
  expect(isName(name)).toBe(true);
});

test.each<[unknown]>([
  [''],
  ['x'.repeat(257)],
  ['\ud83d'],
  ['\ude00a'],
  [undefined],
  [null],
  [7],
  [['ann']],
  [{ toString: () => 'ann' }],
])('%j may not be a name', (value) => {
  expect(isName(value)).toBe(false);
});

test('the fields name the owner; without a tenant it is the default tenant', () => {
  expect(ownerOf({ user: 'ann', tenant: 'acme', more: 1 })).toEqual({ user: 'ann', tenant: 'acme' });
  expect(ownerOf({ user: 'ann' })).toEqual({ user: 'ann', tenant: 'default' });
});

test('the invalid field of an identity is returned', () => {
  expect(ownerOf({})).toBe('user');
  expect(ownerOf({ user: 'ann', tenant: null })).toBe('tenant');
});

test('the longest names and the longest id fit into a key of 2 KB', () => {
  for (const widest of ['#', '日', '😀']) {
    const name = widest.repeat(256 / widest.length);
    const key = requestKey({ tenant: name, user: name }, 'x'.repeat(64));

    expect(isName(name)).toBe(true);
    expect(Buffer.byteLength(`${logKey({ requestKey: key, epoch: 'x'.repeat(12) })}#0`)).toBeLessThanOrEqual(2048);
  }
});
