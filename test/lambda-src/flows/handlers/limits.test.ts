import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { DEFAULTS, type Limits } from '../../../../src/contract';
import { ALICE, Bench } from '../../support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

type Run = (context: HandlerContext<never, Record<string, unknown>>) => unknown;

function request(action: Action, input: unknown, limits: Limits = DEFAULTS.limits) {
  const deps = { ...bench.deps, actions: new Map([['work', action]]), syncTimeoutMs: 5_000, limits };
  return route(deps, ALICE, JSON.stringify({ type: 'request', id: 'r1', action: 'work', input }));
}
const sync = (run: () => unknown): Action => ({ kind: 'sync', run: run as RunHandler });
const job: Action = { kind: 'async', maxAttempts: 3 };

async function work(run: Run, limits: Limits = DEFAULTS.limits): Promise<void> {
  const deps: ProcessDeps = {
    ...bench.deps,
    heartbeat: {
      start: async () => undefined,
      sawHead: () => undefined,
      handlerEnded: () => undefined,
      stop: () => undefined,
    },
    noteStart: async () => undefined,
    run: run as RunHandler,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    limits,
  };
  const functionEndsAt = bench.platform.now() + 300_000;
  await processMessage(deps, { messageId: 'm1', body: { requestKey: 'acme#alice#r1' }, functionEndsAt });
}
const errorCode = async () => {
  const { outcome } = await bench.stored();
  return outcome?.kind === 'error' ? JSON.parse(outcome.error).code : undefined;
};
const eventNames = async () => (await bench.entries(await bench.stored())).flatMap(({ name }) => (name ? [name] : []));

describe('an input above the limit', () => {
  const limits = { maxInputBytes: 10, maxEvents: 10 };

  test.each([
    ['sync', sync(() => 'ran')],
    ['async', job],
  ])('an input above the limit is refused for a %s action, before its schema and before anything is stored', async (_kind, action) => {
    const validate = jest.fn();
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as never;

    expect(await request({ ...action, schema }, '123456789', limits)).toMatchObject({
      type: 'error',
      id: 'r1',
      error: {
        code: 'PAYLOAD_TOO_LARGE',
        message: 'The input must be at most 10 bytes of JSON.',
        retryable: false,
        details: { limit: 10 },
      },
    });
    expect(validate).not.toHaveBeenCalled();
    expect(bench.memory.all('requests')).toEqual([]);
    expect(bench.memory.all('events')).toEqual([]);
  });

  test('an input above the limit counts bytes, not characters', async () => {
    expect(await request(job, 'ääääa', limits)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await request(job, '12345678', limits)).toMatchObject({ type: 'ack' });
  });

  test('the limit of an action replaces the limit of the API', async () => {
    expect(await request({ ...job, maxInputBytes: 12 }, '1234567890', limits)).toMatchObject({ type: 'ack' });
    expect(await request({ ...job, maxInputBytes: 5 }, '12345', limits)).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE', details: { limit: 5 } },
    });
  });

  test('a request without input is accepted whatever the limit is', async () => {
    expect(await request(job, undefined, { maxInputBytes: 1, maxEvents: 1 })).toMatchObject({ type: 'ack' });
  });
});

describe('a result above the limit', () => {
  const limits = { maxResultBytes: 6, maxEvents: 10 };

  test('a result above the limit is refused in the answer of a sync action', async () => {
    expect(
      await request(
        sync(() => '12345'),
        1,
        limits,
      ),
    ).toMatchObject({
      error: { code: 'RESULT_TOO_LARGE', message: 'A result must be at most 6 bytes of JSON.' },
    });
    expect(
      await request(
        sync(() => '1234'),
        1,
        limits,
      ),
    ).toMatchObject({ type: 'response', result: '1234' });
  });

  test('a result above the limit fails an async request, which is not retried', async () => {
    await bench.request();
    await work(() => '12345', limits);
    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 1 });
    expect(await errorCode()).toBe('RESULT_TOO_LARGE');
  });

  test('the limit of a result cannot be higher than the size that fits into a message', async () => {
    await bench.request();
    await work(() => 'x'.repeat(130_000), { maxResultBytes: 1_000_000, maxEvents: 10 });
    expect(await errorCode()).toBe('RESULT_TOO_LARGE');
  });
});

describe('events above the limit', () => {
  const limits = { maxEvents: 2 };

  test('events above the limit are refused, and the request fails if its handler does not catch the error', async () => {
    await bench.request();
    await work(async ({ emit }) => {
      for (const name of ['a', 'b', 'c']) await emit(name, 1);
    }, limits);
    expect(await eventNames()).toEqual(['$attempt', 'a', 'b']);
    expect(await errorCode()).toBe('INVALID_EVENT');
    expect((await bench.stored()).attempt).toBe(1);
  });

  test('a handler that catches the error of an event above the limit can still return a result', async () => {
    await bench.request();
    const refused: string[] = [];
    await work(async ({ emit }) => {
      for (const name of ['a', 'b', 'c', 'd']) await emit(name, 1).catch(({ message }) => refused.push(message));
      return 'done';
    }, limits);
    expect(refused).toEqual(Array(2).fill('emit: a request may have at most 2 events'));
    expect((await bench.stored()).status).toBe('COMPLETED');
  });

  test('the limit counts events over all attempts, without the markers of the attempts', async () => {
    await bench.request();
    await work(async ({ emit }) => {
      await emit('a', 1);
      throw new Error('again');
    }, limits);
    bench.platform.time += 60_000;
    await work(async ({ emit }) => {
      await emit('b', 1);
      await emit('c', 1);
    }, limits);
    expect(await eventNames()).toEqual(['$attempt', 'a', '$attempt', 'b']);
    expect(await errorCode()).toBe('INVALID_EVENT');
  });

  test('the end of an earlier run does not count as an event', async () => {
    await bench.request();
    await work(() => 'first', limits);
    const { requestKey } = await bench.stored();
    const set = { status: 'PENDING', run: 2, attempt: 0 };
    await bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey }, set, remove: ['outcome'] });
    await work(async ({ emit }) => {
      await emit('a', 1);
      await emit('b', 1);
    }, limits);
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', run: 2, attempt: 1, fence: 2 });
    expect(await eventNames()).toEqual(['$attempt', '$attempt', 'a', 'b']);
  });

  test('the limit of events is 10,000 by default', async () => {
    await bench.request();
    let stored = 0;
    await work(async ({ emit }) => {
      for (; stored <= 10_000; stored++) await emit('a', undefined);
    });
    expect(stored).toBe(10_000);
  });
});
