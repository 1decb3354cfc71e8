import { redrive } from '../../../../lambda-src/core/redrive';
import { UncertainWrite } from '../../../../lambda-src/core/write';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import { type OutgoingMessage, type Store, writeTimeOf } from '../../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import type { Json } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

test('a request is stored with everything that is needed to find and run it', async () => {
  const ack = await acceptRequest(
    bench.deps,
    ALICE,
    { type: 'request', id: 'r1', action: 'report', input: { n: 1 }, trace: 't-1' },
    { maxAttempts: 4 },
  );

  const now = bench.platform.now();
  const seconds = Math.floor(now / 1000);
  expect(bench.memory.all('requests')).toEqual([
    {
      requestKey: 'acme#alice#r1',
      tenant: 'acme',
      user: 'alice',
      id: 'r1',
      action: 'report',
      ref: 'id-1',
      epoch: 'id-2',
      status: 'PENDING',
      fence: 0,
      attempt: 0,
      maxAttempts: 4,
      run: 1,
      createdAt: now,
      pendingSince: now,
      inputHash: expect.stringMatching(/^[\w-]{43}$/),
      input: '{"n":1}',
      origin: { connectionId: 'c-alice', connectedAt: 1_000 },
      userKey: 'acme#alice',
      trace: 't-1',
      dueAt: now + 60_000,
      dueBucket: expect.stringMatching(new RegExp(`^${Math.floor((now + 60_000) / 60_000)}#\\d+$`)),
      expiresAt: seconds + 86_400,
    },
  ]);
  expect(ack).toEqual({ type: 'ack', id: 'r1', status: 'PENDING', epoch: 'id-2', ref: 'id-1', run: 1, offset: 0 });
});

describe('the input', () => {
  const ofLength = (length: number) => 'x'.repeat(length - 2);

  test("an input of up to 2,048 characters is stored on the request's item", async () => {
    await bench.request('r1', ofLength(2_048));

    expect((await bench.stored()).input).toHaveLength(2_048);
    expect(bench.memory.all('events')).toEqual([]);
  });

  test('a longer input is a separate item that is stored before the request', async () => {
    await bench.request('r1', ofLength(2_049));

    const { input, expiresAt } = await bench.stored();
    expect(input).toBeUndefined();
    expect(bench.memory.all('events')).toEqual([
      { logKey: 'acme#alice#r1#id-2', offset: -2, body: JSON.stringify(ofLength(2_049)), expiresAt },
    ]);
    expect(bench.written.slice(-2).map(({ table }) => table)).toEqual(['events', 'requests']);
  });

  test('the input may be left out', async () => {
    await acceptRequest(bench.deps, ALICE, { type: 'request', id: 'r1', action: 'report' }, { maxAttempts: 1 });

    expect(await bench.stored()).not.toHaveProperty('input');
  });
});

describe('the same id again', () => {
  test('a repeated id with the same payload is answered with the current state of the request, and starts nothing', async () => {
    const first = await bench.request('r1', { a: 1, b: { c: [1, 2], d: null } });
    const before = await bench.stored();
    const again = await bench.request('r1', { b: { d: null, c: [1, 2] }, a: 1 }, ALICE_PHONE);

    expect(again).toEqual({ ...first, entries: [], recovered: true, replayed: true });
    expect(await bench.stored()).toEqual(before);
  });

  test('a repeated id makes the connection a viewer', async () => {
    await bench.request();
    await bench.request('r1', { n: 1 }, ALICE_PHONE);

    expect(bench.memory.all('subscriptions')).toMatchObject([{ connectionId: 'c-phone', connectedAt: 2_000 }]);
  });

  test.each<[string, Json, Json]>([
    ['other values', { a: 1 }, { a: 2 }],
    ['another order in a list', [1, 2], [2, 1]],
    ['a string for a number', 1, '1'],
    ['null for an empty object', {}, null],
    ['a list for an object', { 0: 'a' }, ['a']],
  ])('a repeated id with %s is refused', async (_, first, second) => {
    await bench.request('r1', first);

    await expect(bench.request('r1', second)).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST', retryable: false });
  });

  test('a repeated id with an input is refused if the first request had none', async () => {
    await acceptRequest(bench.deps, ALICE, { type: 'request', id: 'r1', action: 'report' }, { maxAttempts: 1 });

    await expect(bench.request('r1', null)).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
  });

  test('a repeated id with another action is refused', async () => {
    await bench.request();
    const other = { type: 'request', id: 'r1', action: 'other', input: { n: 1 } } as const;

    await expect(acceptRequest(bench.deps, ALICE, other, { maxAttempts: 3 })).rejects.toMatchObject({
      code: 'DUPLICATE_REQUEST',
    });
  });

  test('the same id under another user or tenant is another request', async () => {
    await bench.request('r1', 1);
    await bench.request('r1', 2, MALLORY);
    await bench.request('r1', 3, { ...MALLORY, tenant: 'acme', user: 'bob' });

    expect(bench.memory.all('requests').map(({ requestKey, input }) => [requestKey, input])).toEqual([
      ['acme#alice#r1', '1'],
      ['evil#alice#r1', '2'],
      ['acme#bob#r1', '3'],
    ]);
  });

  test('a repeated id after the retention is a new request with a new log', async () => {
    const first = await bench.request('r1', 1);
    await bench.claim();
    bench.platform.time += 86_402_000;
    const second = await bench.request('r1', 2);

    expect(second.epoch).not.toBe(first.epoch);
    expect(await bench.stored()).toMatchObject({
      status: 'PENDING',
      fence: 0,
      attempt: 0,
      input: '2',
      epoch: second.epoch,
    });
    expect(second).not.toHaveProperty('replayed');
  });

  test('a repeated id in the last second of the retention is still the same request', async () => {
    await bench.request('r1', 1);
    bench.platform.time += 86_400_000;

    await expect(bench.request('r1', 2)).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
  });

  test('two requests with the same id at the same time are accepted once', async () => {
    const acks = await Promise.all([bench.request(), bench.request(), bench.request()]);

    expect(acks.filter((ack) => 'replayed' in ack && ack.replayed)).toHaveLength(2);
    expect(new Set(acks.map((ack) => 'epoch' in ack && ack.epoch)).size).toBe(1);
  });
});

test('a request that could not be stored is not acknowledged', async () => {
  bench.beforeStore = (call, table) => {
    if (call === 'put' && table === 'requests') throw new Error('out of reach');
  };

  await expect(bench.request()).rejects.toThrow('out of reach');
});

describe('an accepting write whose answers are lost', () => {
  const ask = { type: 'request', id: 'r1', action: 'report', input: { n: 1 } } as const;
  const asking = (store: Partial<Store>, connection = ALICE) =>
    acceptRequest({ ...bench.deps, store: { ...bench.store, ...store } }, connection, ask, { maxAttempts: 3 });
  const lost = new UncertainWrite(new Error('socket hang up'));

  test('a write that took effect is acknowledged even if its answers were lost', async () => {
    const write: Store['write'] = async (each) => {
      await bench.store.write(each);
      throw lost;
    };

    expect(await asking({ write })).toEqual({
      type: 'ack',
      id: 'r1',
      status: 'PENDING',
      epoch: (await bench.stored()).epoch,
      ref: (await bench.stored()).ref,
      run: 1,
      offset: 0,
    });
  });

  test('a lost answer for a request that had been stored before shows its current state', async () => {
    await bench.request();
    await bench.claim();

    expect(await asking({ write: () => Promise.reject(lost) })).toMatchObject({ status: 'RUNNING', replayed: true });
  });

  test('a lost answer is a rejection if the id belongs to another input', async () => {
    await bench.request('r1', { n: 2 });

    await expect(asking({ write: () => Promise.reject(lost) })).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
  });

  test.each([
    ['that shows nothing', async () => undefined],
    ['that fails, too', () => Promise.reject(new Error('out of reach'))],
  ])('after a lost answer and a read %s, the outcome is unknown, and the client must send the same id again', async (_, get) => {
    const unknown = asking({ write: () => Promise.reject(lost), get });

    await expect(unknown).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    expect(await bench.request()).toMatchObject({ status: 'PENDING' });
  });

  test('after a lost answer, the outcome is unknown if the stored item has expired', async () => {
    await bench.request();
    bench.platform.time += 86_401_000;

    await expect(asking({ write: () => Promise.reject(lost) })).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  test('a lost answer is distinguished from a refusal by the store', async () => {
    const refused = new Error('AccessDenied');

    await expect(asking({ write: () => Promise.reject(refused) })).rejects.toBe(refused);
    await expect(
      asking({ write: () => Promise.reject(refused), get: () => Promise.reject(new Error('out of reach')) }),
    ).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  test('a temporary refusal of a repetition does not refuse the request that is already stored', async () => {
    await bench.request();
    const throttled = new Error('ThrottlingException');

    expect(await asking({ write: () => Promise.reject(throttled) })).toMatchObject({
      status: 'PENDING',
      replayed: true,
    });
  });

  test('a request that is stored, but whose log cannot be read, is not refused', async () => {
    await bench.request();

    await expect(asking({ query: () => Promise.reject(new Error('out of reach')) })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });
});

describe('a request that starts later', () => {
  const MINUTE = 60_000;
  const scheduled = (notBefore: number, id = 'r1') =>
    acceptRequest(bench.deps, ALICE, { type: 'request', id, action: 'report', notBefore }, { maxAttempts: 3 });

  test.each([
    ['within the delay of a queue', 10 * MINUTE, 11 * MINUTE],
    ['beyond it', 60 * MINUTE, 60 * MINUTE - 7.5 * MINUTE],
  ])('a request that starts later, %s, is stored with its time and the next check', async (_, ahead, check) => {
    const now = bench.platform.now();
    await scheduled(now + ahead);

    expect(await bench.stored()).toMatchObject({
      status: 'PENDING',
      createdAt: now,
      notBefore: now + ahead,
      pendingSince: now + ahead,
      dueAt: now + check,
      expiresAt: Math.floor((now + ahead) / 1000) + 86_400,
    });
  });

  test('a time that has passed has no effect', async () => {
    await scheduled(bench.platform.now() - MINUTE);

    expect(await bench.stored()).not.toHaveProperty('notBefore');
    expect(await bench.stored()).toMatchObject({ pendingSince: bench.platform.now() });
  });

  test('the same id with another time is the same request, which keeps its time', async () => {
    const first = bench.platform.now() + MINUTE;
    await scheduled(first);

    expect(await scheduled(first + MINUTE)).toMatchObject({ replayed: true, status: 'PENDING' });
    expect(await bench.stored()).toMatchObject({ notBefore: first });
  });

  test('a request that starts in hours is sent to its queue in time, with the rest as its delay', async () => {
    const start = bench.platform.now() + 180 * MINUTE;
    await scheduled(start);
    await sweep(bench.deps);
    const sent: OutgoingMessage[] = [];
    const send = async (_: string, messages: readonly OutgoingMessage[]) => {
      sent.push(...messages);
      return [];
    };
    const queues = { serves: () => true, deadLetter: async () => undefined, send };
    for (let minute = 0; minute < 180 && sent.length === 0; minute++) {
      bench.platform.time += MINUTE;
      await sweep(bench.deps);
      await dispatch({ ...bench.deps, queues }, [{ sequenceNumber: '1', request: await bench.stored() }]);
    }
    const { requestKey } = await bench.stored();

    expect(sent).toMatchObject([{ body: { requestKey, notBefore: start } }]);
    expect(bench.platform.now() + sent[0].delaySeconds * 1000).toBe(start);
    expect(sent[0].delaySeconds).toBeGreaterThan(300);
  });
});

describe('a request of an action with a deadline', () => {
  const HOUR_MS = 3_600_000;
  const config = { maxAttempts: 1, deadlineMs: HOUR_MS };
  const message = { type: 'request', id: 'r1', action: 'report' } as const;

  test("a request has the action's deadline, at which the sweeper checks it", async () => {
    await acceptRequest(bench.deps, ALICE, message, { maxAttempts: 1, deadlineMs: 5_000 });

    const deadlineAt = bench.platform.now() + 5_000;
    expect(await bench.stored()).toMatchObject({ deadlineMs: 5_000, deadlineAt, dueAt: deadlineAt });
  });

  test.each([
    [1_000, 1_000],
    [HOUR_MS + 1, HOUR_MS],
  ])('the earlier deadline applies: %d ms of the message and one hour of the action give %d ms', async (asked, deadlineMs) => {
    await acceptRequest(bench.deps, ALICE, { ...message, deadlineMs: asked }, config);

    expect(await bench.stored()).toMatchObject({ deadlineMs, deadlineAt: bench.platform.now() + deadlineMs });
  });

  test("the action's deadline counts from the earliest start of a request that starts later", async () => {
    const notBefore = bench.platform.now() + 2 * HOUR_MS;

    await acceptRequest(bench.deps, ALICE, { ...message, notBefore }, config);

    expect(await bench.stored()).toMatchObject({ deadlineMs: HOUR_MS, deadlineAt: notBefore + HOUR_MS });
  });

  test("the message's deadline counts from the acceptance, also if the request starts later", async () => {
    const now = bench.platform.now();

    await acceptRequest(
      bench.deps,
      ALICE,
      { ...message, notBefore: now + 2 * HOUR_MS, deadlineMs: 2.5 * HOUR_MS },
      config,
    );

    expect(await bench.stored()).toMatchObject({ deadlineMs: HOUR_MS, deadlineAt: now + 2.5 * HOUR_MS });
  });

  test("a redrive begins the action's time again", async () => {
    await acceptRequest(bench.deps, ALICE, { ...message, notBefore: bench.platform.now() + 1 }, config);
    await bench.memory.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: 'acme#alice#r1' },
      set: { status: 'FAILED' },
    });
    bench.platform.advance(2 * HOUR_MS);

    await bench.memory.write(redrive(await bench.stored(), writeTimeOf(bench.deps)));

    expect(await bench.stored()).toMatchObject({ run: 2, deadlineAt: bench.platform.now() + HOUR_MS });
  });
});

test('all times of a request count from one reading of the clock', async () => {
  let now = bench.platform.now();
  const platform = { ...bench.deps.platform, now: () => now++ };
  const message = { type: 'request', id: 'r1', action: 'report', deadlineMs: 1_500 } as const;
  await acceptRequest({ ...bench.deps, platform }, ALICE, message, { maxAttempts: 4 });

  const [{ createdAt, pendingSince, deadlineAt }] = bench.memory.all('requests');
  expect([Number(pendingSince) - Number(createdAt), Number(deadlineAt) - Number(createdAt)]).toEqual([0, 1_500]);
});
