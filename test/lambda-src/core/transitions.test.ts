import * as claims from '../../../lambda-src/core/claim';
import { minuteOf } from '../../../lambda-src/core/keys';
import { decodeRequest, type RequestItem } from '../../../lambda-src/core/request';
import * as transitions from '../../../lambda-src/core/transitions';
import { apply, holds, type Item, type Update } from '../../../lambda-src/core/write';

const NOW = 1_700_000_000_000;
const AT = { now: NOW, retentionSeconds: 60 };
const OK = { kind: 'result', body: '1' } as const;
const FAILED = { kind: 'error', error: '{}' } as const;
const CLAIM = { requestKey: 'k', fence: 2 };
const PENDING: RequestItem = {
  requestKey: 'k',
  tenant: 't',
  user: 'u',
  id: 'r',
  action: 'a',
  ref: 'ref',
  epoch: 'e',
  status: 'PENDING',
  fence: 2,
  attempt: 1,
  maxAttempts: 3,
  run: 1,
  createdAt: NOW,
  pendingSince: NOW,
  inputHash: 'h',
  userKey: 't#u',
  expiresAt: 1,
  dueBucket: 'x',
  dueAt: NOW,
};
const RUNNING: RequestItem = { ...PENDING, status: 'RUNNING', leaseUntil: NOW - 1, messageId: 'm' };

/** Returns the item after the write, or undefined if the condition refuses the write. */
function outcomeOf(write: Update, before: RequestItem): RequestItem | undefined {
  if (write.when && !holds(write.when, before as unknown as Item)) return undefined;
  return decodeRequest(apply(write, before as unknown as Item) as Item);
}
const keysOf = (item: RequestItem | undefined) => Object.keys(item ?? {});

describe('a claim', () => {
  const claim = (before: RequestItem, due: claims.DueKey = 'keeps') =>
    outcomeOf(claims.claim('k', { messageId: 'm2' }, AT, due), before);

  test('a claim increments attempt and fence, and takes a lease', () => {
    expect(claim(PENDING)).toMatchObject({
      status: 'RUNNING',
      fence: 3,
      attempt: 2,
      messageId: 'm2',
      leaseUntil: NOW + transitions.LEASE_MS,
      expiresAt: NOW / 1000 + 60,
    });
  });

  test('a claim keeps a due key that makes the sweeper check the request soon, because a move costs two writes', () => {
    const { dueAt, dueBucket } = PENDING;
    const latest = NOW + transitions.LEASE_MS + transitions.GRACE_MS;

    expect(claim(PENDING)).toMatchObject({ dueAt, dueBucket });
    expect(claim({ ...PENDING, dueAt: latest })).toMatchObject({ dueAt: latest });
    expect(claim({ ...PENDING, dueAt: latest + 1 })).toBeUndefined();
    expect(claim({ ...PENDING, dueAt: undefined })).toBeUndefined();
    expect(claims.dueKeyOf({ dueAt: latest }, NOW)).toBe('keeps');
  });

  test('a claim moves a later due key to the end of the lease', () => {
    const dueAt = NOW + transitions.LEASE_MS;
    const later = { ...PENDING, dueAt: NOW + 900_000 };

    expect(claims.dueKeyOf(later, NOW)).toBe('moves');
    expect(claim(later, 'moves')).toMatchObject({ dueAt });
    expect(claim(later, 'moves')?.dueBucket).toMatch(new RegExp(`^${minuteOf(dueAt)}#`));
  });

  test.each<[string, Partial<RequestItem>, boolean]>([
    ['pending', {}, true],
    ['pending, not before later', { notBefore: NOW + 1 }, false],
    ['pending, cancelled', { cancelRequested: true }, false],
    ['running, its lease over', { ...RUNNING }, false],
    ['waiting', { status: 'WAITING' }, false],
    ['completed', { status: 'COMPLETED' }, false],
  ])('a claim of a request that is %s: %#', (_, more, expected) => {
    expect(claim({ ...PENDING, ...more }) !== undefined).toBe(expected);
  });

  test('a claim succeeds if the clock has passed notBefore, or if the queue has delayed the message until then', () => {
    const waiting = { ...PENDING, notBefore: NOW + 4_000 };
    const by = (notBefore?: number) =>
      outcomeOf(claims.claim('k', { messageId: 'm2', notBefore }, AT, 'keeps'), waiting);

    expect(by()).toBeUndefined();
    expect(by(NOW + 3_999)).toBeUndefined();
    expect(by(NOW + 4_000)).toMatchObject({ status: 'RUNNING' });
    expect(keysOf(by(NOW + 4_000))).not.toContain('notBefore');
  });

  test('a claim does not create a request', () => {
    expect(holds(claims.claim('k', { messageId: 'm' }, AT, 'moves').when as never, undefined)).toBe(false);
  });
});

describe('a take-over', () => {
  const takeOver = (read: RequestItem, before = read) =>
    outcomeOf(claims.takeOver(read, { messageId: 'm2' }, AT), before);

  test('a take-over starts the next attempt and adds the lost one to the history', () => {
    const earlier = { run: 1, attempt: 0, startedAt: 1, endedAt: 2 };
    expect(takeOver({ ...RUNNING, startedAt: NOW - 70_000, attempts: [earlier] })).toMatchObject({
      status: 'RUNNING',
      fence: 3,
      attempt: 2,
      startedAt: NOW,
      leaseUntil: NOW + transitions.LEASE_MS,
      attempts: [
        earlier,
        { run: 1, attempt: 1, startedAt: NOW - 70_000, endedAt: NOW - 1, error: { code: 'ATTEMPT_LOST' } },
      ],
    });
  });

  test.each<[string, Partial<RequestItem>, boolean]>([
    ['running, its lease over', {}, true],
    ['running, its lease over, on the last attempt', { attempt: 3 }, false],
    ['running, its lease over, cancelled', { cancelRequested: true }, false],
    ['running, on the last moment of its lease', { leaseUntil: NOW }, false],
    ['pending', { status: 'PENDING' }, false],
    ['completed', { status: 'COMPLETED' }, false],
  ])('a take-over of a request that is %s: %#', (_, more, expected) => {
    expect(takeOver({ ...RUNNING, ...more }) !== undefined).toBe(expected);
  });

  test('a take-over of a request that was claimed after it was read is refused', () => {
    expect(takeOver(RUNNING, { ...RUNNING, fence: 3 })).toBeUndefined();
  });
});

describe('only the holder of the claim', () => {
  const writes: [string, (claim: typeof CLAIM) => Update, RequestItem][] = [
    ['renews', (claim) => transitions.renew(claim, NOW), RUNNING],
    ['finishes', (claim) => transitions.finish(claim, OK, AT), RUNNING],
    ['gives it back for another try', (claim) => transitions.retry(claim, NOW, AT), RUNNING],
    [
      'ends it as cancelled',
      (claim) => transitions.cancelled(claim, FAILED, AT),
      { ...RUNNING, cancelRequested: true },
    ],
  ];

  test.each(writes)('only the holder of the claim can do this: %s', (_, write, before) => {
    expect(outcomeOf(write(CLAIM), before)).toBeDefined();
    expect(outcomeOf(write({ ...CLAIM, fence: 1 }), before)).toBeUndefined();
    expect(outcomeOf(write({ ...CLAIM, fence: 3 }), before)).toBeUndefined();
    expect(outcomeOf(write(CLAIM), { ...before, status: 'COMPLETED' })).toBeUndefined();
    expect(outcomeOf(write(CLAIM), { ...before, status: 'PENDING' })).toBeUndefined();
  });
});

describe('an end', () => {
  test.each([
    ['a result', OK, 'COMPLETED'],
    ['an error', FAILED, 'FAILED'],
  ] as const)('a run that ends with %s leaves no due key for the sweeper', (_, outcome, status) => {
    const ended = outcomeOf(transitions.finish(CLAIM, outcome, AT), RUNNING);

    expect(ended).toMatchObject({ status, outcome, fence: 2, attempt: 1 });
    expect(keysOf(ended)).toEqual(
      keysOf(RUNNING)
        .filter((name) => !['dueBucket', 'dueAt', 'leaseUntil', 'messageId'].includes(name))
        .concat('outcome', 'endedAt'),
    );
  });

  test('an end is refused if the request is being cancelled', () => {
    const asked = { ...RUNNING, cancelRequested: true };

    expect(outcomeOf(transitions.finish(CLAIM, OK, AT), asked)).toBeUndefined();
    expect(outcomeOf(transitions.retry(CLAIM, NOW, AT), asked)).toBeUndefined();
    expect(outcomeOf(transitions.requeueExpiredLease(asked, AT), asked)).toBeUndefined();
    expect(outcomeOf(transitions.cancelled(CLAIM, FAILED, AT), asked)).toMatchObject({ status: 'CANCELLED' });
    expect(outcomeOf(transitions.cancelled(CLAIM, FAILED, AT), RUNNING)).toBeUndefined();
  });
});

describe('a retry', () => {
  test('a retry makes the request pending, without a lease, and due a minute after it may start', () => {
    const again = outcomeOf(transitions.retry(CLAIM, NOW + 5_000, AT), RUNNING);

    expect(again).toMatchObject({
      status: 'PENDING',
      notBefore: NOW + 5_000,
      dueAt: NOW + 65_000,
      fence: 2,
      attempt: 1,
    });
    expect(again).toMatchObject({ pendingSince: NOW + 5_000 });
    expect(keysOf(again)).not.toContain('leaseUntil');
    expect(keysOf(again)).not.toContain('messageId');
  });

  test('a request whose retry waits longer than the retention is kept until the retry has run', () => {
    const again = outcomeOf(transitions.retry(CLAIM, NOW + 3_600_000, AT), RUNNING);

    expect(again?.expiresAt).toBe(Math.floor(NOW / 1000) + 3_600 + 60);
  });
});

describe('the sweeper on a request whose lease is over', () => {
  test.each<[string, (before: RequestItem) => Update]>([
    ['gives it back', (before) => transitions.requeueExpiredLease(before, AT)],
    ['buries it', (before) => transitions.endExpiredLease(before, 'FAILED', FAILED, AT)],
  ])('%s, unless another function has changed the request', (_, write) => {
    expect(outcomeOf(write(RUNNING), RUNNING)).toBeDefined();
    expect(outcomeOf(write(RUNNING), { ...RUNNING, fence: 3 })).toBeUndefined();
    expect(outcomeOf(write(RUNNING), { ...RUNNING, leaseUntil: NOW })).toBeUndefined();
    expect(outcomeOf(write(RUNNING), PENDING)).toBeUndefined();
  });

  test('the sweeper does not give a request back after the last attempt', () => {
    const last = { ...RUNNING, attempt: 3 };

    expect(outcomeOf(transitions.requeueExpiredLease(last, AT), last)).toBeUndefined();
  });
});

test('a refusal ends a request that no processor has claimed', () => {
  const endPending = (before: RequestItem) => outcomeOf(transitions.endPending(PENDING, 'FAILED', FAILED, AT), before);

  expect(endPending(PENDING)).toMatchObject({ status: 'FAILED', outcome: FAILED });
  expect(endPending(RUNNING)).toBeUndefined();
  expect(endPending({ ...PENDING, fence: 3 })).toBeUndefined();
});

test('a check is postponed only if the request has not changed', () => {
  const rescheduleCheck = (before: RequestItem) =>
    outcomeOf(transitions.rescheduleCheck(PENDING, NOW + 9_000, AT), before);

  expect(rescheduleCheck(PENDING)).toMatchObject({ status: 'PENDING', dueAt: NOW + 9_000 });
  expect(rescheduleCheck({ ...PENDING, dueAt: NOW + 1 })).toBeUndefined();
  expect(rescheduleCheck({ ...PENDING, fence: 3 })).toBeUndefined();
  expect(rescheduleCheck(RUNNING)).toBeUndefined();
});

test.each([
  ['at once: a minute from now', 0, 60_000],
  ['in the past: a minute from now', -500_000, 60_000],
  ['when a queue can delay it: a minute after', 900_000, 960_000],
  ['later: while a queue can still delay it', 900_001, 450_001],
])('a request that may start %s', (_, notBefore, due) => {
  expect(transitions.dueOfPending('k', NOW + notBefore, NOW).dueAt - NOW).toBe(due);
});

test('accepting a request replaces only an expired item', () => {
  const accept = (existing: Partial<RequestItem> | undefined) =>
    holds(transitions.accept(PENDING, AT).when as never, existing as Item);
  const seconds = NOW / 1000;

  expect(accept(undefined)).toBe(true);
  expect(accept({ ...PENDING, expiresAt: seconds })).toBe(false);
  expect(accept({ ...PENDING, expiresAt: seconds - 1 })).toBe(true);
});

describe('every write', () => {
  const OUTCOME = { kind: 'error', error: '{}' } as const;

  test.each<[string, () => ReturnType<typeof transitions.accept> | Update]>([
    ['accept', () => transitions.accept(PENDING, { now: NOW })],
    ['claim', () => claims.claim('k', { messageId: 'm' }, AT, 'keeps')],
    ['renew', () => transitions.renew(CLAIM, NOW)],
    ['finish', () => transitions.finish(CLAIM, OUTCOME, AT)],
    ['retry', () => transitions.retry(CLAIM, NOW, AT)],
    ['cancelled', () => transitions.cancelled(CLAIM, OUTCOME, AT)],
    ['endPending', () => transitions.endPending(PENDING, 'FAILED', OUTCOME, AT)],
    ['requeueExpiredLease', () => transitions.requeueExpiredLease(RUNNING, AT)],
    ['endExpiredLease', () => transitions.endExpiredLease(RUNNING, 'FAILED', OUTCOME, AT)],
    ['rescheduleCheck', () => transitions.rescheduleCheck(PENDING, NOW, AT)],
  ])('%s writes this request in the requests table, and has a condition', (name, make) => {
    const write = make();
    expect(write).toMatchObject({
      kind: name === 'accept' ? 'put' : 'update',
      table: 'requests',
      key: { requestKey: 'k' },
      when: expect.anything(),
    });
    expect(write.key).toEqual({ requestKey: 'k' });
  });

  test('a renewal moves the end of the lease, and nothing else', () => {
    expect(outcomeOf(transitions.renew(CLAIM, NOW), RUNNING)).toEqual({
      ...RUNNING,
      leaseUntil: NOW + transitions.LEASE_MS,
    });
  });

  test("a request whose attempt died becomes pending at once, without the attempt's lease and message", () => {
    const { leaseUntil: _lease, messageId: _message, ...kept } = RUNNING;
    expect(outcomeOf(transitions.requeueExpiredLease(RUNNING, AT), RUNNING)).toEqual({
      ...kept,
      status: 'PENDING',
      pendingSince: NOW,
      attempts: [expect.objectContaining({ attempt: 1, endedAt: NOW - 1 })],
      expiresAt: NOW / 1000 + 60,
      ...transitions.dueOfPending('k', NOW, NOW),
    });
  });
});
