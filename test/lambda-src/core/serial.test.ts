import * as fc from 'fast-check';
import { requestKey } from '../../../lambda-src/core/keys';
import { isLocked, lockKey, releaseLock, renewLock, startedKey, takeLock } from '../../../lambda-src/core/transitions';
import { apply, holds, type Update } from '../../../lambda-src/core/write';
import { OUTBOX_STATUSES, REQUESTS } from '../../../src/contract';

const NOW = 1_000_000;
const FIRST = { requestKey: 'acme#ann#r1', fence: 1 };
const SECOND = { requestKey: 'acme#bob#r2', fence: 1 };
const applied = (write: Update, item?: Record<string, unknown>) => {
  if (write.when && !holds(write.when, item)) throw new Error('not applied');
  return apply(write, item) ?? {};
};
const taken = () => applied(takeLock('report', FIRST, NOW));

test("no request's key equals the key of a lock, whatever its names are", () => {
  const part = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(part, part, part, part, (action, tenant, user, id) => {
      expect(requestKey({ tenant, user }, id)).not.toBe(lockKey(action).requestKey);
      expect(startedKey(action)).not.toEqual(lockKey(action));
    }),
  );
});

test('a lock is in no index, and the stream gives the dispatcher no record of it', () => {
  const lock = taken();
  expect(OUTBOX_STATUSES).not.toContain(lock.status);
  for (const { partitionKey } of [REQUESTS.byUser, REQUESTS.due]) expect(lock).not.toHaveProperty(partitionKey);
});

test('a lock is taken by one claim until its lease ends', () => {
  const lock = taken();
  const leaseUntil = Number(lock.leaseUntil);

  expect([NOW, leaseUntil, leaseUntil + 1].map((now) => isLocked(lock, now))).toEqual([true, true, false]);
  expect(() => applied(takeLock('report', SECOND, leaseUntil), lock)).toThrow('not applied');
  expect(applied(takeLock('report', SECOND, leaseUntil + 1), lock)).toMatchObject({ holder: '1#acme#bob#r2' });
});

test.each([SECOND, { ...FIRST, fence: 2 }])('only its holder can renew and release a lock, not %p', (other) => {
  const lock = taken();

  expect(() => applied(renewLock('report', other, NOW), lock)).toThrow('not applied');
  expect(() => applied(releaseLock('report', other), lock)).toThrow('not applied');
  expect(applied(renewLock('report', FIRST, NOW + 9), lock)).toEqual({ ...lock, leaseUntil: NOW + 60_009 });
  const released = applied(releaseLock('report', FIRST), lock);
  expect(isLocked(released, NOW)).toBe(false);
  expect(applied(takeLock('report', other, NOW), released)).toMatchObject({ leaseUntil: NOW + 60_000 });
});
