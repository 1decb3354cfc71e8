import * as v from 'valibot';
import { decodeRequest, type RequestItem } from '../../../../lambda-src/core/request';
import { parseState } from '../../../../lambda-src/flows/attempt/continue';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import type { Queues } from '../../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import type { HandlerContext } from '../../../../lambda-src/handler';
import type { AckFrame } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';

const KEY = 'acme#alice#r1';
const MINUTE_MS = 60_000;

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
});

type Context = HandlerContext<never, Record<string, unknown>, never, unknown>;
type Run = (context: Context) => unknown;

function depsOf(run: Run, more: Partial<ProcessDeps> = {}): ProcessDeps {
  return {
    ...bench.deps,
    heartbeat: {
      start: async () => undefined,
      sawHead: () => undefined,
      handlerEnded: () => undefined,
      stop: () => undefined,
    },
    noteStart: async () => undefined,
    run: run as unknown as RunHandler,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    ...more,
  };
}

let messages = 0;
const process = (run: Run, more: Partial<ProcessDeps> = {}, notBefore?: number) =>
  processMessage(depsOf(run, more), {
    messageId: `m${++messages}`,
    body: { requestKey: KEY, ...(notBefore !== undefined && { notBefore }) },

    functionEndsAt: bench.platform.now() + 15 * MINUTE_MS,
  });

/** Runs a function whose handler sleeps, in virtual time. */
async function inVirtualTime<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) await bench.platform.advance(MINUTE_MS);
  return done;
}

const framesOf = (type: string) => bench.to(ALICE).filter((frame) => frame.type === type);
const readAll = () => attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 }) as Promise<AckFrame>;
const errorOf = (request: RequestItem) => request.outcome?.kind === 'error' && JSON.parse(request.outcome.error);

test('a request of six hours in 30 slices is one request with one log and one result', async () => {
  await bench.request();
  const began = bench.platform.now();
  const run = async ({ state, progress, emit, request, ...context }: Context) => {
    const done = (state as { done: number } | undefined)?.done ?? 0;
    await bench.platform.sleep(12 * MINUTE_MS);
    progress((100 * (done + 1)) / 30, `part ${done + 1}`);
    await emit('part', { slice: request.slice });
    return done === 29 ? { parts: done + 1 } : context.continue({ done: done + 1 });
  };
  const sent: { requestKey: string }[] = [];
  const queues: Queues = {
    serves: () => true,
    deadLetter: async () => undefined,
    send: async (_, all) => {
      sent.push(...all.map(({ body }) => body));
      return [];
    },
  };

  for (let slice = 1; slice <= 30; slice++) {
    expect(await inVirtualTime(process(run))).toBe('done');
    await dispatch({ ...bench.deps, queues }, [{ sequenceNumber: '1', request: await bench.stored() }]);
  }

  expect((bench.platform.now() - began) / MINUTE_MS).toBeGreaterThanOrEqual(360);
  expect(sent).toEqual(Array.from({ length: 29 }, () => ({ requestKey: KEY })));
  expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', run: 1, attempt: 1, fence: 30, continued: 29 });
  const { entries = [] } = await readAll();
  expect(entries.map(({ offset }) => offset)).toEqual(Array.from({ length: 61 }, (_, n) => n));
  expect(entries.flatMap((entry) => (entry.type === 'event' && entry.name === 'part' ? entry.data : []))).toEqual(
    Array.from({ length: 30 }, (_, n) => ({ slice: n + 1 })),
  );
  expect(entries.filter(({ type }) => type !== 'event')).toMatchObject([{ type: 'result', result: { parts: 30 } }]);
  const percentages = framesOf('progress').map(({ percentage }) => Number(percentage));
  expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
});

describe('the next slice', () => {
  test('the next slice is pending with its state, a first attempt and a due key, and its frames name it', async () => {
    await bench.request();
    await process(({ progress, ...context }) => {
      progress(40, 'two fifths');
      return context.continue({ page: 7 });
    });
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', attempt: 0, continued: 1, state: '{"page":7}' });
    expect(await bench.stored()).toMatchObject({ dueAt: bench.platform.now() + MINUTE_MS });
    for (const gone of ['leaseUntil', 'messageId', 'notBefore']) expect(await bench.stored()).not.toHaveProperty(gone);

    const [ended] = (await bench.stored()).attempts ?? [];
    expect(ended).toMatchObject({ run: 1, attempt: 1 });
    expect(ended).not.toHaveProperty('error');

    const seen: unknown[] = [];
    await process(({ state, request }) => {
      seen.push(state, request.slice, request.attempt);
      return 'done';
    });

    expect(seen).toEqual([{ page: 7 }, 2, 1]);
    const markers = framesOf('event');
    expect(markers).toMatchObject([
      { attempt: 1, fence: 1 },
      { attempt: 1, fence: 2, slice: 2 },
    ]);
    expect(markers[0]).not.toHaveProperty('slice');
    expect(markers[1].data).toEqual({ attempt: 1, run: 1, slice: 2 });
    // the second slice continues the progress of the first
    expect(framesOf('progress')).toContainEqual(
      expect.objectContaining({ fence: 2, slice: 2, percentage: 40, message: 'two fifths' }),
    );
  });

  test('a deadline before the next slice ends the request at the deadline', async () => {
    const asked = { type: 'request', id: 'r1', action: 'report', deadlineMs: 10 * MINUTE_MS } as const;
    await acceptRequest(bench.deps, ALICE, asked, { maxAttempts: 3 });
    const deadline = bench.platform.now() + 10 * MINUTE_MS;
    await process((context) => context.continue({ page: 7 }, { delay: 3_600 }));
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', dueAt: deadline });

    await bench.platform.advance(11 * MINUTE_MS);
    await sweep(bench.deps);

    const ended = await bench.stored();
    expect(ended.status).toBe('FAILED');
    expect(errorOf(ended)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('a retry of a slice has the same state, and begins at no progress', async () => {
    await bench.request();
    await process(({ progress, ...context }) => {
      progress(40);
      return context.continue('checkpoint');
    });
    await process(({ progress }) => {
      progress(60);
      throw new Error('broken');
    });
    const { notBefore } = await bench.stored();
    const states: unknown[] = [];
    await process(
      ({ state, request, ...context }) => {
        states.push(state, request.slice, request.attempt);
        return context.continue(undefined);
      },
      {},
      notBefore,
    );
    await process(({ state, request }) => void states.push(state, request.slice, request.attempt));

    expect(states).toEqual(['checkpoint', 2, 2, undefined, 3, 1]);
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', fence: 4, continued: 2 });
    expect((await bench.stored()).attempts?.map(({ slice, attempt }) => [slice, attempt])).toEqual([
      [undefined, 1],
      [2, 1],
      [2, 2],
      [3, 1],
    ]);
    expect(await bench.stored()).not.toHaveProperty('state');
    expect(framesOf('progress').filter(({ fence }) => fence === 3)).toEqual([]);
  });

  test('a long state is an item of its own, which the slice that wrote it cannot take from the one that runs', async () => {
    const large = { text: 'x'.repeat(50_000) };
    await bench.request();
    await process((context) => context.continue(large));
    const { stateAt } = await bench.stored();
    expect(stateAt).toBeLessThan(0);
    // this attempt stores its state, and dies before the next slice is written
    bench.beforeStore = async (call, table) => {
      const isNextSlice = call === 'update' && table === 'requests' && (await bench.stored()).status === 'RUNNING';
      if (isNextSlice) throw new Error('died');
    };
    await expect(process((context) => context.continue({ text: 'y'.repeat(50_000) }))).rejects.toThrow('died');
    bench.beforeStore = () => undefined;
    await bench.platform.advance(2 * MINUTE_MS);
    await sweep(bench.deps);
    const states: unknown[] = [];
    await process(({ state }) => void states.push(state));

    expect(states).toEqual([large]);
  });

  test('a slice with a delay starts after it, by its message or by the sweeper', async () => {
    await bench.request();
    await process((context) => context.continue(1, { delay: 90 }));
    const notBefore = bench.platform.now() + 90_000;
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', notBefore, pendingSince: notBefore });
    expect(await process(() => expect('the handler').toBe('not run'))).toEqual({ againInSeconds: 92 });

    await bench.platform.advance(90_000);
    expect(await process(() => 'done')).toBe('done');
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED' });
  });

  test('a message of the previous slice that comes again starts nothing twice', async () => {
    await bench.request();
    await process((context) => context.continue(1));
    await process(() => 'done');

    expect(await process(() => expect('the handler').toBe('not run'))).toBe('done');
    const { entries = [] } = await readAll();
    expect(entries.filter(({ type }) => type === 'result')).toHaveLength(1);
  });

  test('a request that is cancelled meanwhile does not continue', async () => {
    await bench.request();
    await process(async (context) => {
      await bench.memory.write({
        kind: 'update',
        table: 'requests',
        key: { requestKey: KEY },
        set: { cancelRequested: true },
      });
      return context.continue(1);
    });

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('each slice has all attempts of the action', async () => {
    await bench.request('r1', 1, ALICE, 2);
    const fail = () => {
      throw new Error('broken');
    };
    await process(fail);
    await process((context) => context.continue(1), {}, (await bench.stored()).notBefore);
    await process(fail);
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', attempt: 1, continued: 1 });
    await process(fail, {}, (await bench.stored()).notBefore);

    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 2, continued: 1 });
  });
});

describe('an attempt that cannot continue', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;

  test.each<[what: string, run: Run, message: string]>([
    ['a state that is not JSON', (context) => context.continue(cycle), 'cannot be sent'],
    ['a state that is too large', (context) => context.continue('x'.repeat(300_000)), 'at most 262144 bytes'],
    ['a negative delay', (context) => context.continue(1, { delay: -1 }), '`delay` must be'],
    ['a delay of years', (context) => context.continue(1, { delay: 1e9 }), '`delay` must be'],
    ['a delay that is no number', (context) => context.continue(1, { delay: '5' as never }), '`delay` must be'],
    ['a value that was not returned', (context) => void context.continue(1), 'must return the value of `continue`'],
  ])('an attempt that cannot continue fails with INVALID_CONTINUE and is not retried: %s', async (_what, run, message) => {
    await bench.request();
    await process(run);

    const request = await bench.stored();
    expect(request).toMatchObject({ status: 'FAILED', attempt: 1 });
    expect(errorOf(request)).toMatchObject({ code: 'INVALID_CONTINUE', message: expect.stringContaining(message) });
  });

  test('an attempt that cannot continue fails where it writes a state that does not match its schema', async () => {
    const schema = v.object({ page: v.number() });
    await bench.request();
    await process((context) => context.continue({ page: 'seven' }), {
      parseState: (state) => parseState(schema, state),
    });

    expect(errorOf(await bench.stored())).toMatchObject({ code: 'INVALID_CONTINUE' });
  });

  test('an attempt gets its state transformed by the schema, and fails if a new version of the schema refuses it', async () => {
    const schema = v.object({ page: v.pipe(v.number(), v.transform(String)) });
    await bench.request();
    await process((context) => context.continue({ page: 7 }), { parseState: (state) => parseState(schema, state) });
    const states: unknown[] = [];
    await process(
      ({ state, ...context }) => {
        states.push(state);
        return context.continue({ page: 8 });
      },
      { parseState: (state) => parseState(schema, state) },
    );
    expect(states).toEqual([{ page: '7' }]);

    await process(() => expect('the handler').toBe('not run'), {
      parseState: (state) => parseState(v.string(), state),
    });
    expect(errorOf(await bench.stored())).toMatchObject({ code: 'INVALID_CONTINUE' });
  });

  test('an attempt cannot continue after 10,000 slices', async () => {
    await bench.request();
    await bench.memory.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: KEY },
      set: { continued: 9_999 },
    });
    await process((context) => context.continue(1));

    expect(errorOf(await bench.stored())).toMatchObject({
      code: 'INVALID_CONTINUE',
      message: expect.stringContaining('10000 slices'),
    });
  });
});

test('an item of the requests table with a continuation of another type is refused', async () => {
  await bench.request();

  expect(() => decodeRequest({ ...(bench.memory.all('requests')[0] ?? {}), continued: '1' })).toThrow(/`continued`/);
});
