import type { RequestItem } from '../../../../lambda-src/core/request';
import type { Write } from '../../../../lambda-src/core/write';
import { claimRequest, renewClaim, unlock } from '../../../../lambda-src/flows/attempt/claim';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { ALICE, Bench } from '../../support/bench';

/** Tests an action that runs only one attempt at a time, by its lock. */

const LOCK = { requestKey: '#serial#report' };
const keyOf = (id: string) => `acme#alice#${id}`;
const SECOND = 1_000;
let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
  for (const id of ['r1', 'r2']) await bench.request(id);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

const serial = () => ({ ...bench.deps, serialAction: 'report' });
const claim = (id: string, messageId = `m-${id}`) => claimRequest(serial(), keyOf(id), { messageId });
const lock = () => bench.memory.get('requests', LOCK);

async function claimed(id: string) {
  const result = await claim(id);
  if (result.kind !== 'claimed') throw new Error(`${id} is ${result.kind}`);
  return result;
}

function work(id: string, run: RunHandler, receives = 1) {
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
  return processMessage(deps, { messageId: `m-${id}`, body: { requestKey: keyOf(id) }, receives, functionEndsAt });
}
const never = () => {
  throw new Error('the handler was not to run');
};

describe('a claim', () => {
  test('a claim takes request and lock with one lease, and returns the stored request', async () => {
    const { request, claim: mine } = await claimed('r1');

    expect(request).toEqual(await bench.stored('r1'));
    expect(request).toMatchObject({ status: 'RUNNING', fence: 1, attempt: 1, messageId: 'm-r1' });
    expect(mine).toEqual({ requestKey: keyOf('r1'), fence: 1, serialAction: 'report' });
    expect(await lock()).toEqual({ ...LOCK, holder: `1#${keyOf('r1')}`, leaseUntil: request.leaseUntil });
  });

  test('the lock rejects the claim of another request, and no attempt is counted', async () => {
    await claimed('r1');

    expect(await claim('r2')).toEqual({ kind: 'locked' });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', fence: 0, attempt: 0 });
  });

  test('a claim of a request that may not start is rejected, with or without a lock', async () => {
    await claimed('r1');

    expect(await claim('r1', 'duplicate')).toMatchObject({ kind: 'refused', request: { id: 'r1', status: 'RUNNING' } });
    expect(await claim('unknown')).toEqual({ kind: 'refused' });
  });

  test('if three messages claim at once and all find the lock free, one claim succeeds', async () => {
    const results = await Promise.all([claim('r1'), claim('r2'), claim('r1', 'duplicate')]);

    expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'locked', 'locked']);
    const running = bench.memory.all('requests').filter(({ status }) => status === 'RUNNING');
    expect(running).toHaveLength(1);
  });

  test("a claim takes the lock of a dead holder after the holder's lease has ended", async () => {
    const { claim: dead } = await claimed('r1');
    bench.platform.time += 60 * SECOND;
    expect((await claim('r2')).kind).toBe('locked');
    bench.platform.time += 1;
    await claimed('r2');

    // The holder is alive after all. It can renew neither lease, and its release frees nothing.
    expect(await renewClaim(bench.store, dead, bench.platform.now())).toEqual({ held: false });
    await unlock(bench.deps, dead);
    expect(await lock()).toMatchObject({ holder: `1#${keyOf('r2')}` });
  });
});

test('a renewal renews both leases', async () => {
  const { claim: mine } = await claimed('r1');
  bench.platform.time += 20 * SECOND;

  expect(await renewClaim(bench.store, mine, bench.platform.now())).toEqual({ held: true });
  const leaseUntil = bench.platform.now() + 60 * SECOND;
  expect([await lock(), await bench.stored('r1')]).toMatchObject([{ leaseUntil }, { leaseUntil }]);
});

test('a renewal of an attempt that has ended renews nothing', async () => {
  const { claim: mine } = await claimed('r1');
  await bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey: keyOf('r1') }, set: { fence: 2 } });
  const before = await lock();
  bench.platform.time += SECOND;

  expect(await renewClaim(bench.store, mine, bench.platform.now())).toEqual({ held: false });
  expect(await lock()).toEqual(before);
});

describe('a message', () => {
  test.each<[how: string, run: RunHandler, status: RequestItem['status']]>([
    ['a result', () => 1, 'COMPLETED'],
    ['another try', () => Promise.reject(new Error('again')), 'PENDING'],
  ])('a message whose attempt ends with %s releases the lock', async (_, run, status) => {
    let during: unknown;
    await work('r1', async (context) => {
      during = await lock();
      return run(context);
    });

    expect(during).toMatchObject({ holder: `1#${keyOf('r1')}` });
    expect(await lock()).toEqual(LOCK);
    expect(await bench.stored('r1')).toMatchObject({ status });
  });

  test('a message whose attempt cannot be written releases the lock, and is received again', async () => {
    bench.beforeStore = (call, table) => {
      if (call === 'update' && table === 'events') throw new Error('out of reach');
    };

    await expect(work('r1', () => 1)).rejects.toThrow('out of reach');
    expect(await lock()).toEqual(LOCK);
  });

  test('a message that cannot release the lock is still settled, and the failure is logged', async () => {
    let done = false;
    bench.beforeStore = (call, table) => {
      if (done && call === 'update' && table === 'requests' && bench.written.some(isEnd)) throw new Error('throttled');
    };
    await expect(
      work('r1', () => {
        done = true;
      }),
    ).resolves.toBe('done');

    expect(await bench.stored('r1')).toMatchObject({ status: 'COMPLETED' });
    expect(bench.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('could not be released') }]);
  });

  test('a message that finds the lock held occupies its invocation for 4 s, and is received again after 1 to 3 s', async () => {
    await claimed('r1');
    const waiting = work('r2', never);
    await bench.platform.advance(3_999);
    expect(bench.platform.sleeping).toBe(1);
    await bench.platform.advance(1);

    expect(await waiting).toEqual({ againInSeconds: 2 });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  test('a message that found the lock held 500 times is dropped, because the sweeper has sent others', async () => {
    await claimed('r1');

    expect(await work('r2', never, 500)).toBe('done');
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', dueAt: expect.any(Number) });
  });

  test('a request that was cancelled while it waited for the lock ends at its next message', async () => {
    await claimed('r1');
    const cancel = { set: { cancelRequested: true }, key: { requestKey: keyOf('r2') } };
    await bench.memory.write({ kind: 'update', table: 'requests', ...cancel });

    expect(await work('r2', never)).toBe('done');
    expect(await bench.stored('r2')).toMatchObject({ status: 'CANCELLED' });
  });
});

const isEnd = (write: Write): boolean => write.kind === 'update' && write.set?.status === 'COMPLETED';
