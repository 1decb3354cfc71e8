import * as fc from 'fast-check';
import { inputObjectKey, inputObjectKeys, resultObjectKey } from '../../../../lambda-src/flows/payloads/keys';
import { digestOf } from '../../../fakes/memory-payloads';

const SHA = digestOf('content');
const DAY = 86_400_000;
const ANN = { tenant: 'acme', user: 'ann' };
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }).filter((text) => !/\p{Surrogate}/u.test(text));
const request = (tenant: string, fence = 1) =>
  ({ tenant, requestKey: `${tenant}#ann#r1`, epoch: 'e', fence }) as Parameters<typeof resultObjectKey>[0];

test('the key of an input begins with the tenant, and names neither the user nor the id', () => {
  expect(inputObjectKey(ANN, 'r1', SHA, 20_000 * DAY)).toMatch(/^acme\/in\/[\w-]{43}\/20000-[\w-]{43}$/);
});

test('a key has only characters that need no escaping in a URL, and fits into the limit of S3', () => {
  fc.assert(
    fc.property(name, name, (tenant, user) => {
      for (const key of [inputObjectKey({ tenant, user }, 'r1', SHA, 0), resultObjectKey(request(tenant))]) {
        expect(key).toMatch(/^[\w.~/-]{1,1024}$/);
        expect(new URL(`https://b.test/${key}`).pathname).toBe(`/${key}`);
        expect(key.split('/').slice(1, 2)).toEqual([expect.stringMatching(/^(in|out)$/)]);
      }
    }),
  );
});

test('two tenants never share a prefix', () => {
  const prefix = (tenant: string) => inputObjectKey({ tenant, user: 'u' }, 'r', SHA, 0).split('/')[0];
  fc.assert(fc.property(name, name, (a, b) => a === b || prefix(a) !== prefix(b)));
  expect(prefix('a/in')).not.toContain('/');
  expect(prefix('..')).toBe('.002e.002e');
  expect(prefix('x'.repeat(129))).toMatch(/^~/);
});

test('another user, id, content or day has another key', () => {
  const base = inputObjectKey(ANN, 'r1', SHA, DAY);
  const others = [
    inputObjectKey({ ...ANN, user: 'bob' }, 'r1', SHA, DAY),
    inputObjectKey(ANN, 'r2', SHA, DAY),
    inputObjectKey(ANN, 'r1', digestOf('other'), DAY),
    inputObjectKey(ANN, 'r1', SHA, 2 * DAY),
  ];
  expect(new Set([base, ...others]).size).toBe(5);
  expect(inputObjectKeys(ANN, 'r1', SHA, 2 * DAY)).toEqual([others[3], base]);
});

test('each claim has another key for its result', () => {
  expect(resultObjectKey(request('acme', 1))).not.toBe(resultObjectKey(request('acme', 2)));
});
