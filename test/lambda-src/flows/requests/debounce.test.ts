import { decodeRequest, type RequestItem } from '../../../../lambda-src/core/request';
import { checkStart } from '../../../../lambda-src/core/start-rules';
import * as transitions from '../../../../lambda-src/core/transitions';
import { UncertainWrite } from '../../../../lambda-src/core/write';
import { claimRequest } from '../../../../lambda-src/flows/attempt/claim';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { cancel } from '../../../../lambda-src/flows/requests/cancel';
import type { DebounceRule, Json, RequestMessage } from '../../../../lambda-src/protocol';
import fc from '../../../support/fast-check';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

/** Requests that replace earlier ones with the same key. */

const RULE: DebounceRule = { key: 'doc-7', waitMs: 2_000, maxWaitMs: 10_000 };
const CONFIG = { maxAttempts: 3 };

let bench: Bench;
let start: number;
beforeEach(async () => {
  bench = new Bench();
  start = bench.platform.now();
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

const message = (id: string, debounce: DebounceRule = RULE, input: Json = { of: id }): RequestMessage => ({
  type: 'request',
  id,
  action: 'report',
  input,
  debounce,
});
const send = (id: string, debounce = RULE, by = ALICE, input?: Json) =>
  acceptRequest(bench.deps, by, message(id, debounce, input), CONFIG);
const requests = (): RequestItem[] =>
  bench.memory
    .all('requests')
    .map(decodeRequest)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
const errorOf = ({ outcome }: RequestItem) => (outcome?.kind === 'error' ? JSON.parse(outcome.error) : undefined);
const successorOf = (request: RequestItem): string | undefined => errorOf(request)?.details?.by;
const isSuperseded = (request: RequestItem): boolean => errorOf(request)?.code === 'SUPERSEDED';
/** Claims a request, as a processor does after the delay of its message. */
const claim = async ({ requestKey, notBefore }: RequestItem): Promise<boolean> =>
  (await claimRequest({ ...bench.deps, store: bench.memory }, requestKey, { messageId: 'm', notBefore })).kind ===
  'claimed';
const queues = { serves: () => true, send: async () => [], deadLetter: async () => undefined };
/** Passes the current state of each request to the dispatcher, which adds the ends to the logs. */
const runDispatcher = () =>
  dispatch(
    { ...bench.deps, store: bench.memory, queues },
    requests().map((request) => ({ sequenceNumber: request.id, request })),
  );
/** Finishes each request that runs. */
async function finishAll(): Promise<void> {
  const at = { now: bench.platform.now(), retentionSeconds: 60 };
  for (const request of requests()) {
    if (request.status === 'RUNNING')
      await bench.memory.write(transitions.finish(request, { kind: 'result', body: '1' }, at));
  }
}
const endsOf = async (request: RequestItem): Promise<number> =>
  (await bench.entries(request)).filter(({ kind, name }) => kind !== 'event' && name === undefined).length;

describe('a later request with the same key', () => {
  test('a debounced request starts after the wait of its rule', async () => {
    expect(await send('r1')).toEqual(expect.objectContaining({ type: 'ack', status: 'PENDING', offset: 0 }));
    expect(await bench.stored('r1')).toMatchObject({ notBefore: start + 2_000, pendingSince: start + 2_000 });
  });

  test('a later request ends the earlier one, and starts after its own wait', async () => {
    await send('r1');
    bench.platform.time += 1_500;
    await send('r2');

    expect(await bench.stored('r1')).toMatchObject({ status: 'CANCELLED', endedAt: start + 1_500 });
    expect(errorOf(await bench.stored('r1'))).toEqual({
      code: 'SUPERSEDED',
      message: expect.any(String),
      retryable: false,
      details: { by: 'r2' },
    });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', notBefore: start + 3_500 });
  });

  test('a later request starts no later than the maximum after the first one', async () => {
    for (let n = 0; n < 6; n++) {
      await send(`r${n}`);
      bench.platform.time += 1_900;
    }
    expect(await bench.stored('r5')).toMatchObject({ status: 'PENDING', notBefore: start + 10_000 });
    expect(requests().filter(isSuperseded)).toHaveLength(5);
  });

  test('a request that may not be delayed further is not replaced, and the later one begins a new period', async () => {
    await send('r1', { key: 'k', waitMs: 2_000, maxWaitMs: 2_000 });
    bench.platform.time += 2_000;
    await send('r2', { key: 'k', waitMs: 2_000, maxWaitMs: 2_000 });

    expect(await bench.stored('r1')).toMatchObject({ status: 'PENDING' });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', notBefore: start + 4_000 });
  });

  test('a request that has started is not replaced, and the later one begins a new period', async () => {
    await send('r1');
    bench.platform.time += 2_000;
    expect(await claim(await bench.stored('r1'))).toBe(true);
    await send('r2');

    expect(await bench.stored('r1')).toMatchObject({ status: 'RUNNING' });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING', notBefore: start + 4_000 });
  });

  test('a request that waits for its next attempt counts as started, and is not replaced', async () => {
    await send('r1');
    bench.platform.time += 2_000;
    await claim(await bench.stored('r1'));
    const at = { now: bench.platform.now(), retentionSeconds: 60 };
    await bench.memory.write(transitions.retry(await bench.stored('r1'), at.now + 500, at));
    await send('r2');

    expect(await bench.stored('r1')).toMatchObject({ status: 'PENDING', attempt: 1 });
  });

  test('a request that was cancelled is not replaced, and stays cancelled', async () => {
    await send('r1');
    await cancel(bench.deps, ALICE, { id: 'r1', reason: 'enough' });
    await send('r2');

    expect(errorOf(await bench.stored('r1'))).toMatchObject({ code: 'CANCELLED', details: { reason: 'enough' } });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING' });
  });

  test('requests with another key, of another user or without a rule are not replaced', async () => {
    await send('r1');
    await send('r2', { ...RULE, key: 'doc-8' });
    await send('r1', RULE, MALLORY);
    await bench.request('r3');
    await acceptRequest(bench.deps, ALICE, { ...message('r4'), action: 'other' }, CONFIG);

    expect(requests().map(({ status }) => status)).toEqual(Array(5).fill('PENDING'));
  });

  test('viewers of the earlier request receive its end', async () => {
    await send('r1');
    await send('r2');
    await runDispatcher();

    expect(bench.to(ALICE)).toMatchObject([
      { type: 'error', id: 'r1', offset: 0, run: 1, error: { code: 'SUPERSEDED', details: { by: 'r2' } } },
    ]);
  });
});

describe('a repetition', () => {
  test('a request that is sent again is the same request, and keeps its time', async () => {
    await send('r1');
    bench.platform.time += 1_000;
    expect(await send('r1')).toMatchObject({ replayed: true, status: 'PENDING' });
    expect(await bench.stored('r1')).toMatchObject({ notBefore: start + 2_000 });
  });

  test('a superseded request that is sent again shows its end, and replaces no other request', async () => {
    await send('r1');
    await send('r2');
    const ack = await send('r1');

    expect(ack).toMatchObject({ replayed: true, status: 'CANCELLED', entries: [{ error: { code: 'SUPERSEDED' } }] });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING' });
    expect(await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 })).toMatchObject({ offset: 1 });
  });

  test('the same id with another input is refused, and supersedes nothing', async () => {
    await send('r1');
    await send('r2');
    await expect(send('r2', RULE, ALICE, 'other')).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
    expect(await bench.stored('r2')).toMatchObject({ status: 'PENDING' });
  });

  test('a transaction whose answer is lost is recognized by the item that it stored', async () => {
    const { transact } = bench.memory;
    jest.spyOn(bench.memory, 'transact').mockImplementationOnce(async (writes) => {
      await transact.call(bench.memory, writes);
      throw new Error('the answer was lost');
    });
    expect(await send('r1')).toMatchObject({ type: 'ack', status: 'PENDING' });
    expect(await bench.stored('r1')).toMatchObject({ notBefore: start + 2_000 });
  });

  test('if the effect of a transaction is unknown, the answer is an unknown outcome, and not a refusal', async () => {
    jest.spyOn(bench.memory, 'transact').mockRejectedValueOnce(new UncertainWrite(new Error('no answer')));
    await expect(send('r1')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await send('r1')).toMatchObject({ type: 'ack', status: 'PENDING' });
  });
});

test('after the retention of a request, the same key begins a new period, also for the same id', async () => {
  await send('r1');
  bench.platform.time += 30 * 86_400_000;
  expect(await send('r1')).toMatchObject({ type: 'ack', status: 'PENDING' });
  await send('r2');

  expect(successorOf(await bench.stored('r1'))).toBe('r2');
  expect(await bench.stored('r2')).toMatchObject({ notBefore: bench.platform.now() + 2_000 });
});

test('a long input is stored once, and expires together with its request', async () => {
  await send('r1', RULE, ALICE, 'x'.repeat(3_000));
  const request = await bench.stored('r1');
  const { partition, ...input } = { partition: `${request.requestKey}#${request.epoch}`, offset: -2 };
  expect(await bench.memory.get('events', { logKey: partition, ...input })).toMatchObject({
    expiresAt: request.expiresAt,
  });
});

test('if other requests are stored first too often, a request is refused as retryable, and nothing is stored', async () => {
  jest.spyOn(bench.memory, 'transact').mockResolvedValue(false);
  await expect(send('r1')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect(requests()).toEqual([]);
});

test('a request without a rule reads nothing and uses no transaction', async () => {
  const calls: string[] = [];
  bench.beforeStore = (call, table) => void calls.push(`${call} ${table}`);
  await bench.request('r1');
  expect(calls).toEqual(['put requests']);
});

test.each<[string, object, 'sync' | 'async', string]>([
  ['for a sync action', {}, 'sync', 'debounce'],
  ['with `notBefore`', { notBefore: 1 }, 'async', 'debounce'],
  ['with a maximum below its wait', { debounce: { key: 'k', waitMs: 2, maxWaitMs: 1 } }, 'async', 'debounce.maxWaitMs'],
])('a debounce rule is refused %s', (_, more, kind, path) => {
  const issues = [{ path, message: expect.any(String) }];
  expect(() => checkStart({ ...message('r1'), ...more }, { kind }, start)).toThrow(
    expect.objectContaining({ code: 'INVALID_MESSAGE', details: { issues } }),
  );
});

describe('any burst', () => {
  /** A step of a burst: a pause and then a request, or a claim of all requests that are due. */
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ pause: fc.integer({ min: 0, max: 1_500 }) }) },
      { weight: 1, arbitrary: fc.record({ claimsAfter: fc.integer({ min: 0, max: 4_000 }) }) },
    ),
    { maxLength: 25 },
  );
  const rules = fc.record({
    waitMs: fc.integer({ min: 1, max: 1_000 }),
    extraMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
  });

  async function claimDue(): Promise<void> {
    for (const request of requests()) {
      if (request.status === 'PENDING' && (request.notBefore ?? 0) <= bench.platform.now()) await claim(request);
    }
  }

  /** Ends all work, and checks that every request has exactly one end. */
  async function comeToRest(): Promise<void> {
    bench.platform.time += 100_000;
    await claimDue();
    await finishAll();
    await runDispatcher();
    await runDispatcher();
    for (const request of requests()) {
      expect(['COMPLETED', 'CANCELLED']).toContain(request.status);
      expect(await endsOf(request)).toBe(1);
    }
  }

  test('only the last request of each period of a burst runs, at a time that the rule allows', async () => {
    await fc.assert(
      fc.asyncProperty(steps, rules, async (all, { waitMs, extraMs }) => {
        bench = new Bench();
        const maxWaitMs = extraMs === undefined ? undefined : waitMs + extraMs;
        const rule = { key: 'k', waitMs, ...(maxWaitMs !== undefined && { maxWaitMs }) };
        const sentAt = new Map<string, number>();
        for (const [n, step] of all.entries()) {
          bench.platform.time += 'pause' in step ? step.pause : step.claimsAfter;
          if (!('pause' in step)) {
            await claimDue();
            continue;
          }
          const id = `r${String(n).padStart(3, '0')}`;
          await send(id, rule);
          sentAt.set(id, bench.platform.now());
        }
        const waiting = requests().filter(({ status }) => status === 'PENDING');
        const starts = new Map(waiting.map(({ id, notBefore }) => [id, Number(notBefore)]));
        await comeToRest();

        const order = [...sentAt.keys()];
        let first = order[0];
        for (const [i, id] of order.entries()) {
          const request = await bench.stored(id);
          // Each request runs, or the next request replaces it.
          if (isSuperseded(request)) expect(successorOf(request)).toBe(order[i + 1]);
          else expect(request).toMatchObject({ status: 'COMPLETED', input: JSON.stringify({ of: id }) });
          const latest = Math.min(
            Number(sentAt.get(id)) + waitMs,
            Number(sentAt.get(first)) + (maxWaitMs ?? Number.POSITIVE_INFINITY),
          );
          if (starts.has(id)) expect(starts.get(id)).toBe(latest);
          if (!isSuperseded(request)) first = order[i + 1];
        }
      }),
      { numRuns: 150 },
    );
  });

  test('in any order of requests and claims, each request has one end, and one request runs last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 6 }),
        fc.boolean(),
        async (scheduler, count, claims) => {
          bench = new Bench();
          bench.beforeStore = (call) => scheduler.schedule(Promise.resolve(), call) as Promise<undefined>;
          const ids = Array.from({ length: count }, (_, n) => `r${n}`);
          const acked = ids.map((id) => send(id, { key: 'k', waitMs: 500 }));
          const claiming = async () => {
            for (let i = 0; i < 3; i++) {
              await scheduler.schedule(Promise.resolve(), 'claim');
              for (const request of requests()) if (request.status === 'PENDING') await claim(request);
            }
          };
          await scheduler.waitFor(Promise.all([...acked, ...(claims ? [claiming()] : [])]));
          bench.beforeStore = () => undefined;

          // At most one request of the key waits.
          expect(requests().filter(({ status }) => status === 'PENDING').length).toBeLessThanOrEqual(1);
          if (!claims) expect(requests().filter(isSuperseded)).toHaveLength(count - 1);
          await comeToRest();
          expect(requests()).toHaveLength(count);
          const successors = requests().flatMap((request) => successorOf(request) ?? []);
          expect(new Set(successors).size).toBe(successors.length);
          expect(requests().filter(isSuperseded)).toHaveLength(successors.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});
