import * as fc from 'fast-check';
import {
  channelOf,
  dueAt,
  dueBucket,
  logKey,
  minuteOf,
  requestKey,
  subscriptionKey,
  tenantShard,
  userKey,
} from '../../../lambda-src/core/keys';

/** Strings that could be mistaken for each other: separators, escapes, lone surrogates, and any other characters. */
const unit = fc.constantFrom('#', '%', '%23', '%25', '%d800', '\ud800', '\udc00', '\ufffd', 'a');
const part = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const owner = fc.record({ tenant: part, user: part });
/** The bytes of a string as a table stores them. */
const stored = (text: string) => Buffer.from(text, 'utf8').toString('hex');

test('no two different requests share a key, not even as the bytes that a table stores', () => {
  const request = fc.tuple(owner, part);
  fc.assert(
    fc.property(request, request, ([a, idA], [b, idB]) => {
      const same = a.tenant === b.tenant && a.user === b.user && idA === idB;
      expect(stored(requestKey(a, idA)) === stored(requestKey(b, idB))).toBe(same);
    }),
    { numRuns: 20_000 },
  );
});

test('another key results if a separator moves from one part to the next', () => {
  fc.assert(
    fc.property(part, part, part, (a, b, c) => {
      const keys = [
        requestKey({ tenant: `${a}#${b}`, user: c }, ''),
        requestKey({ tenant: a, user: `${b}#${c}` }, ''),
        requestKey({ tenant: a, user: b }, `${c}#`),
      ];
      expect(new Set(keys.map(stored)).size).toBe(3);
    }),
  );
});

test('names remain readable if they need no escapes', () => {
  expect(requestKey({ tenant: 'acme', user: 'jo@x.org' }, 'r1')).toBe('acme#jo@x.org#r1');
  expect(userKey({ tenant: 'a#b', user: '100%' })).toBe('a%23b#100%25');
  expect(userKey({ tenant: 'a', user: '\u{1f600}' })).toBe('a#\u{1f600}');
});

test('the key of a log contains the epoch, and the channel of its viewers a shard', () => {
  const log = logKey({ requestKey: 'acme#jo#r1', epoch: 'e1' });

  expect(log).toBe('acme#jo#r1#e1');
  expect(channelOf(log)).toBe('acme#jo#r1#e1#0');
  expect(subscriptionKey(log, 'c1')).toEqual({ channel: 'acme#jo#r1#e1#0', connectionId: 'c1' });
});

test("keys of a tenant's shards begin with the tenant and use all shards", () => {
  const shards = new Set(Array.from({ length: 1_000 }, (_, i) => tenantShard('a#b', `r${i}`)));

  expect([...shards].every((shard) => shard.startsWith('a%23b#'))).toBe(true);
  expect(shards.size).toBe(16);
});

test('a due time is in the bucket of its minute, in one of the shards that the sweeper reads', () => {
  const { dueBucket: bucket, dueAt: at } = dueAt('acme#jo#r1', 120_001);

  expect(at).toBe(120_001);
  expect(minuteOf(at)).toBe(2);
  expect(Array.from({ length: 16 }, (_, shard) => dueBucket(2, shard))).toContain(bucket);
});

test('the due buckets of many requests use every shard', () => {
  const buckets = new Set(Array.from({ length: 1_000 }, (_, i) => dueAt(`acme#jo#r${i}`, 0).dueBucket));

  expect(buckets.size).toBe(16);
});
