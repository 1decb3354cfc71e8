import { cancelledOutcome } from '../../../../lambda-src/core/cancellation';
import { releaseSlot } from '../../../../lambda-src/core/caps';
import { capKey } from '../../../../lambda-src/core/keys';
import type { RequestItem } from '../../../../lambda-src/core/request';
import { LEASE_MS } from '../../../../lambda-src/core/transitions';
import type { Item, Write } from '../../../../lambda-src/core/write';
import { type ClaimDeps, claimRequest, releaseSlots, renewClaim } from '../../../../lambda-src/flows/attempt/claim';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import { wakeLine } from '../../../../lambda-src/flows/caps/line';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import type { CapConfig } from '../../../../src/contract';
import { ALICE, Bench, MALLORY } from '../../support/bench';

/** An action whose attempts are limited by caps. */

const CAP = { key: capKey('report', 'action'), max: 1 };
const SLOT = { logKey: CAP.key, offset: 0 };
const keyOf = (id: string) => `acme#alice#${id}`;
const SECOND = 1_000;
let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
  for (const id of ['r1', 'r2', 'r3']) {
    await bench.request(id);
    bench.platform.time += 1;
  }
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

const serial = (caps: readonly CapConfig[] = [{ scope: 'action', max: 1 }]) => ({ ...bench.deps, caps });
const claim = (id: string, messageId = `m-${id}`, deps: ClaimDeps = serial()) =>
  claimRequest(deps, keyOf(id), { messageId });
const slot = () => bench.memory.get('events', SLOT);
const line = async () =>
  (await bench.memory.query({ table: 'events', partition: CAP.key })).flatMap(({ requestKey }) => requestKey ?? []);
const cancel = (id: string, set: Item = { status: 'CANCELLED', outcome: cancelledOutcome({}) }) =>
  bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey: keyOf(id) }, set });

async function claimed(id: string, deps?: ClaimDeps) {
  const result = await claim(id, `m-${id}`, deps);
  if (result.kind !== 'claimed') throw new Error(`${id} is ${result.kind}`);
  return result;
}

function work(id: string, run: RunHandler) {
  const deps: ProcessDeps = {
    ...serial(),
    heartbeat: {
      start: async () => undefined,
      sawHead: () => undefined,
      handlerEnded: () => undefined,
      stop: () => undefined,
    },
    noteStart: async () => undefined,
    run,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
  };
  const functionEndsAt = bench.platform.now() + 300 * SECOND;
  return processMessage(deps, { messageId: `m-${id}`, body: { requestKey: keyOf(id) }, functionEndsAt });
}
const never = () => {
  throw new Error('the handler was not to run');
};

describe('a claim', () => {
  test('a claim takes request and slot with one lease, and gives the request as it is stored', async () => {
    const { request, claim: mine } = await claimed('r1');

    expect(request).toEqual(await bench.stored('r1'));
    expect(request).toMatchObject({ status: 'RUNNING', fence: 1, attempt: 1, messageId: 'm-r1' });
    expect(mine).toEqual({ requestKey: keyOf('r1'), fence: 1, slots: [{ ...CAP, slot: 0 }] });
    expect(await slot()).toMatchObject({ holder: `1#${keyOf('r1')}`, leaseUntil: request.leaseUntil });
  });

  test('a request without a free slot waits in the line, and uses up nothing', async () => {
    await claimed('r1');

    expect(await claim('r2')).toEqual({ kind: 'parked' });
    expect(await bench.stored('r2')).toMatchObject({ status: 'WAITING', fence: 0, attempt: 0, line: CAP });
    expect(await line()).toEqual([keyOf('r2')]);
  });

  test('a request that was accepted earlier waits before one that came to the line first', async () => {
    await claimed('r1');
    for (const id of ['r3', 'r2']) await claim(id);

    expect(await line()).toEqual([keyOf('r2'), keyOf('r3')]);
  });

  test('a request that finds a free slot, but others in the line, waits behind them', async () => {
    const { claim: first } = await claimed('r1');
    await claim('r2');
    await releaseSlots(bench.deps, first);

    expect(await claim('r3')).toEqual({ kind: 'parked' });
    await claimed('r2');
    expect(await line()).toEqual([keyOf('r3')]);
  });

  test('a claim of a request that may not start is rejected, whether a slot is free or not', async () => {
    await claimed('r1');

    expect(await claim('r1', 'duplicate')).toMatchObject({ kind: 'refused', request: { id: 'r1', status: 'RUNNING' } });
    expect(await claim('unknown')).toEqual({ kind: 'refused' });
  });

  test('a claim by three messages at once, which all find the slot free, succeeds once', async () => {
    const results = await Promise.all([claim('r1'), claim('r2'), claim('r1', 'duplicate')]);

    expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'parked', 'refused']);
    expect(bench.memory.all('requests').filter(({ status }) => status === 'RUNNING')).toHaveLength(1);
  });

  test('a claim takes the slot of a holder that died when its lease has ended', async () => {
    const { claim: dead } = await claimed('r1');
    bench.platform.time += LEASE_MS;
    expect((await claim('r2')).kind).toBe('parked');
    bench.platform.time += 1;
    await wakeLine(bench.deps, CAP);
    await claimed('r2');

    // The holder is alive after all. It can renew neither lease, and its release frees nothing.
    expect(await renewClaim(bench.store, dead, bench.platform.now())).toEqual({ held: false });
    await releaseSlots(bench.deps, dead);
    expect(await slot()).toMatchObject({ holder: `1#${keyOf('r2')}` });
  });

  test('a claim that others outrun each time is given back, and its message comes again', async () => {
    const store = { ...bench.store, transact: async () => false };

    expect(await claim('r1', 'm1', { ...serial(), store })).toEqual({ kind: 'contended' });
  });

  test('a request that waited for a cap that its action has no longer leaves the line at its claim', async () => {
    await claimed('r1');
    for (const id of ['r2', 'r3']) await claim(id);
    bench.platform.time += 61 * SECOND;
    await wakeLine(bench.deps, CAP);

    expect(await claimRequest(bench.deps, keyOf('r2'), { messageId: 'm' })).toMatchObject({ kind: 'claimed' });
    expect([await line(), (await bench.stored('r3')).status]).toEqual([[keyOf('r3')], 'PENDING']);
  });
});

describe('several caps', () => {
  const caps: CapConfig[] = [
    { scope: 'input', property: 'n', max: 1 },
    { scope: 'tenant', max: 2 },
  ];

  test('a claim takes a slot of each cap that applies to the request', async () => {
    await bench.request('other', { m: 1 });

    expect((await claimed('r1', serial(caps))).claim.slots).toHaveLength(2);
    expect((await claimed('other', serial(caps))).claim.slots).toMatchObject([{ max: 2 }]);
  });

  test('requests with equal values of the property exclude each other, in any order of the keys', async () => {
    await bench.request('a', { n: { x: 1, y: 2 } });
    await bench.request('b', { n: { y: 2, x: 1 }, text: 'long'.repeat(1_000) });
    await bench.request('c', { n: { y: 2, x: 2 } });
    await claimed('a', serial(caps));

    expect((await claim('b', 'm', serial(caps))).kind).toBe('parked');
    expect((await claim('c', 'm', serial(caps))).kind).toBe('claimed');
  });

  test('a request changes to the line of the other cap, and the one behind it is woken', async () => {
    for (const n of [2, 3, 4]) await bench.request(`n${n}`, { n });
    const { claim: first } = await claimed('r1', serial(caps));
    await claim('r2', 'm', serial(caps));
    await claim('r3', 'm', serial(caps));
    for (const n of [2, 3]) await claim(`n${n}`, 'm', serial(caps));
    await releaseSlots(bench.deps, first);
    // the tenant's slot, which came free with the first one, goes to a request that waits for nothing else
    const statuses = async () => Promise.all(['r2', 'r3', 'n3'].map(async (id) => (await bench.stored(id)).status));
    expect(await statuses()).toEqual(['PENDING', 'WAITING', 'PENDING']);

    await claimed('n3', serial(caps));
    expect((await claim('r2', 'm', serial(caps))).kind).toBe('parked');
    expect(await bench.stored('r2')).toMatchObject({ status: 'WAITING', line: { max: 2 } });
    expect(await statuses()).toEqual(['WAITING', 'PENDING', 'RUNNING']);
  });

  test('users and tenants of the same names have separate slots', async () => {
    await bench.connect(MALLORY);
    await bench.request('r1', { n: 1 }, MALLORY);
    const perUser: CapConfig[] = [{ scope: 'user', max: 1 }];
    await claimed('r1', serial(perUser));

    expect(await claimRequest(serial(perUser), 'evil#alice#r1', { messageId: 'm' })).toMatchObject({ kind: 'claimed' });
    expect((await claim('r2', 'm', serial(perUser))).kind).toBe('parked');
  });
});

test('a renewal renews both leases', async () => {
  const { claim: mine } = await claimed('r1');
  bench.platform.time += 5 * SECOND;

  expect(await renewClaim(bench.store, mine, bench.platform.now())).toEqual({ held: true });
  const leaseUntil = bench.platform.now() + LEASE_MS;
  expect([await slot(), await bench.stored('r1')]).toMatchObject([{ leaseUntil }, { leaseUntil }]);
});

test('a renewal of an attempt that has ended renews nothing', async () => {
  const { claim: mine } = await claimed('r1');
  await bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey: keyOf('r1') }, set: { fence: 2 } });
  const before = await slot();
  bench.platform.time += SECOND;

  expect(await renewClaim(bench.store, mine, bench.platform.now())).toEqual({ held: false });
  expect(await slot()).toEqual(before);
});

describe('a message', () => {
  test.each<[how: string, run: RunHandler, status: RequestItem['status']]>([
    ['a result', () => 1, 'COMPLETED'],
    ['another try', () => Promise.reject(new Error('again')), 'PENDING'],
  ])('a message whose attempt ends with %s releases the slot, and wakes the next request', async (_, run, status) => {
    let during: unknown;
    await work('r1', async (context) => {
      during = await slot();
      await claim('r2');
      return run(context);
    });

    expect(during).toMatchObject({ holder: `1#${keyOf('r1')}` });
    expect(await slot()).not.toHaveProperty('holder');
    expect(await bench.stored('r1')).toMatchObject({ status });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', pendingSince: bench.platform.now() });
  });

  test('a message whose attempt cannot be written releases the slot, and comes back', async () => {
    bench.beforeStore = (call, table) => {
      if (call === 'put' && table === 'events') throw new Error('out of reach');
    };

    await expect(work('r1', () => 1)).rejects.toThrow('out of reach');
    expect(await slot()).not.toHaveProperty('holder');
  });

  test('a message that cannot release the slot is settled all the same, and logs it', async () => {
    bench.beforeStore = (call, table) => {
      if (call === 'update' && table === 'events' && bench.written.some(isEnd)) throw new Error('throttled');
    };
    await expect(work('r1', () => 1)).resolves.toBe('done');

    expect(await bench.stored('r1')).toMatchObject({ status: 'COMPLETED' });
    expect(bench.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('could not be released') }]);
  });

  test('a message of a request that has to wait is settled: the wake sends another one', async () => {
    await claimed('r1');

    expect(await work('r2', never)).toBe('done');
    expect(await work('r2', never)).toBe('done');
    expect(await bench.stored('r2')).toMatchObject({ status: 'WAITING', dueAt: expect.any(Number) });
  });

  test('a message of an attempt that died without another attempt wakes the next request', async () => {
    await bench.request('last', { n: 1 }, ALICE, 1);
    await claimed('last');
    await claim('r2');
    bench.platform.time += 61 * SECOND;

    expect(await work('last', never)).toBe('done');
    expect((await bench.stored('last')).status).toBe('FAILED');
    expect((await bench.stored('r2')).status).toBe('PENDING');
  });

  test('a message of a request that was cancelled before its claim ends it at once', async () => {
    await claimed('r1');
    await cancel('r2', { cancelRequested: true });

    expect(await work('r2', never)).toBe('done');
    expect(await bench.stored('r2')).toMatchObject({ status: 'CANCELLED' });
  });
});

describe('a request that was cancelled while it waited', () => {
  test('a cancelled request is passed over when a slot becomes free', async () => {
    const { claim: first } = await claimed('r1');
    for (const id of ['r2', 'r3']) await claim(id);
    await cancel('r2');
    await releaseSlots(bench.deps, first);

    expect(await line()).toEqual([keyOf('r3')]);
    expect((await bench.stored('r3')).status).toBe('PENDING');
  });

  test('a cancelled request leaves the line with its end, also if it had its turn already', async () => {
    const { claim: first } = await claimed('r1');
    for (const id of ['r2', 'r3']) await claim(id);
    await releaseSlots(bench.deps, first);
    await cancel('r2');
    const record = { sequenceNumber: '1', request: await bench.stored('r2') };
    const queues = { serves: () => true, send: async () => [], deadLetter: async () => undefined };
    await dispatch({ ...bench.deps, queues }, [record]);

    expect(await line()).toEqual([keyOf('r3')]);
    expect((await bench.stored('r3')).status).toBe('PENDING');
  });
});

test('the sweeper wakes a line whose slots became free without a wake, and checks the others again later', async () => {
  const { claim: first } = await claimed('r1');
  for (const id of ['r2', 'r3']) await claim(id);
  const { slots = [] } = first;
  for (const held of slots) await bench.memory.write(releaseSlot(held, first));
  await sweep(bench.deps);
  bench.platform.time += 70 * SECOND;
  await sweep(bench.deps);

  expect((await bench.stored('r2')).status).toBe('PENDING');
  expect(await bench.stored('r3')).toMatchObject({ status: 'WAITING' });
  expect((await bench.stored('r3')).dueAt).toBeGreaterThan(bench.platform.now() + 50 * SECOND);
});

const isEnd = (write: Write): boolean => write.kind === 'update' && write.set?.status === 'COMPLETED';
