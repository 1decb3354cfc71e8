import type { CancelReason } from '../../../../lambda-src/core/cancellation';
import { logKey } from '../../../../lambda-src/core/keys';
import { inputKey } from '../../../../lambda-src/core/log';
import { redrive } from '../../../../lambda-src/core/redrive';
import { isDeadLetter, type RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import type { Overdue } from '../../../../lambda-src/flows/attempt/end';
import {
  type Delivery,
  type Disposition,
  type ProcessDeps,
  processMessage,
} from '../../../../lambda-src/flows/attempt/process';
import { AbandonedAttempt } from '../../../../lambda-src/flows/attempt/run-attempt';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { cancel } from '../../../../lambda-src/flows/requests/cancel';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { FatalError, HandlerError, RetryableError } from '../../../../lambda-src/handler';
import { StreamerError, validateMessage } from '../../../../lambda-src/protocol';
import { BOUNDS } from '../../../../src/contract';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';

const KEY = 'acme#alice#r1';
const SECOND = 1_000;
let bench: Bench;
let beats: {
  started: unknown[];
  overdue?: Overdue;
  heads: number;
  ended: number;
  stopped: number;
  lose: () => void;
  cancel: (reason: CancelReason) => void;
};

beforeEach(async () => {
  bench = new Bench();
  beats = { started: [], heads: 0, ended: 0, stopped: 0, lose: () => undefined, cancel: () => undefined };
  await bench.connect(ALICE, ALICE_PHONE);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

type Run = (context: HandlerContext<never, Record<string, unknown>>) => unknown;
function depsOf(run: Run, more: Partial<ProcessDeps> = {}): ProcessDeps {
  return {
    ...bench.deps,
    heartbeat: {
      start: async (claim, { onLost, onCancelled }, { overdue }) => {
        beats.started.push(claim);
        beats.overdue = overdue;
        beats.lose = onLost;
        beats.cancel = onCancelled;
      },
      sawHead: () => {
        beats.heads++;
      },
      handlerEnded: () => {
        beats.ended++;
      },
      stop: () => {
        beats.stopped++;
      },
    },
    noteStart: async () => undefined,
    run: run as RunHandler,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    ...more,
  };
}
const delivery = (messageId = 'm1', seconds = 300): Delivery => ({
  messageId,
  body: { requestKey: KEY },
  functionEndsAt: bench.platform.now() + seconds * SECOND,
});
const work = (run: Run, more: Partial<ProcessDeps> = {}, message = delivery()): Promise<Disposition> =>
  processMessage(depsOf(run, more), message);
const never = () => {
  throw new Error('the handler was not to run');
};
const lastFrame = () => bench.to(ALICE).at(-1);
const errorOf = (request: RequestItem) => request.outcome?.kind === 'error' && JSON.parse(request.outcome.error);

describe('an attempt that ends well', () => {
  test('an attempt that ends well completes the request, logs the result and sends it', async () => {
    await bench.request();

    expect(await work(async ({ input }) => ({ got: input }))).toBe('done');

    const request = await bench.stored();
    expect(request).toMatchObject({
      status: 'COMPLETED',
      fence: 1,
      attempt: 1,
      outcome: { kind: 'result', body: '{"got":{"n":1}}' },
    });
    for (const gone of ['dueBucket', 'dueAt', 'leaseUntil', 'messageId']) expect(request).not.toHaveProperty(gone);
    expect(await bench.entries(request)).toMatchObject([
      { name: '$attempt' },
      { offset: 1, kind: 'end', run: 1, attempt: 1 },
    ]);
    expect(lastFrame()).toEqual({ type: 'result', id: 'r1', offset: 1, run: 1, attempt: 1, result: { got: { n: 1 } } });
    expect(beats).toMatchObject({ started: [{ requestKey: KEY, fence: 1 }], stopped: 1 });
  });

  test('the write that ends the run stores the last progress, so that the head needs no write', async () => {
    await bench.request();
    await work(({ progress }) => {
      progress(10, 'begun');
      progress(90, 'almost done', { rows: 3 });
    });

    const request = await bench.stored();
    expect(JSON.parse(String(request.lastProgress))).toEqual({
      ...{ run: 1, attempt: 1, fence: 1, seq: 1, afterOffset: 1 },
      ...{ percentage: 90, message: 'almost done', metadata: { rows: 3 } },
    });
    expect(await bench.head(request)).toBeUndefined();
    const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
    expect(ack.progress).toMatchObject({ percentage: 90, message: 'almost done', metadata: { rows: 3 } });
  });

  test('the last progress is stored on the head if it is large, or if the run continues', async () => {
    await bench.request();
    await work(({ progress }) => {
      progress(10);
      throw new RetryableError('BUSY', 'try again');
    });
    expect(await bench.head(await bench.stored())).toMatchObject({ percentage: 10 });
    await bench.platform.advance(60_000);
    await work(({ progress }) => progress(20, 'm'.repeat(300)));

    const request = await bench.stored();
    expect(request).not.toHaveProperty('lastProgress');
    expect(await bench.head(request)).toMatchObject({ percentage: 20, fence: 2 });
  });

  test('a result of 4 KB is stored once: on the request, to which the terminal entry refers', async () => {
    await bench.request();
    const text = 'x'.repeat(4_094);
    await work(() => text);

    const request = await bench.stored();
    expect(request.outcome).toEqual({ kind: 'result', body: JSON.stringify(text) });
    expect((await bench.entries(request)).at(-1)).toMatchObject({ kind: 'end', outcome: { kind: 'request' } });
    expect(bench.memory.all('events').filter(({ body }) => body !== undefined)).toEqual([]);
    expect(lastFrame()).toMatchObject({ type: 'result', result: text });
    const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 });
    expect(ack.entries).toMatchObject([{ type: 'result', result: text }]);
  });

  test('an attempt that ends well gives the handler its request, its identity, its deadline and a log that names all three', async () => {
    await bench.request();
    let seen: HandlerContext<never, Record<string, unknown>> | undefined;
    await work((context) => {
      seen = context;
      context.log.info('working', { rows: 3 });
    });

    const now = bench.platform.now();
    expect(seen?.request).toEqual({
      id: 'r1',
      action: 'report',
      attempt: 1,
      run: 1,
      slice: 1,
      createdAt: now,
      deadline: now + 295_000,
    });
    expect(seen?.identity).toEqual({ tenant: 'acme', user: 'alice' });
    expect(bench.lines).toEqual([
      { level: 'info', message: 'working', fields: { id: 'r1', action: 'report', run: 1, attempt: 1, rows: 3 } },
    ]);
  });

  test('a large result is stored once, next to the request, and sent whole', async () => {
    await bench.request();
    const text = 'x'.repeat(5_000);
    await work(() => text);

    const request = await bench.stored();
    expect(request.outcome).toEqual({ kind: 'result', bodyAt: -1_001 });
    expect(JSON.stringify(bench.memory.all('requests')).length).toBeLessThan(1_500);
    expect(lastFrame()).toMatchObject({ type: 'result', result: text });
    const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 });
    expect(ack).toMatchObject({ entries: [{ type: 'result', result: text }] });
  });

  test.each([[undefined], [null], [() => 1]])('a handler that returns %s has the result null', async (value) => {
    await bench.request();
    await work(() => value);

    expect(lastFrame()).toMatchObject({ type: 'result', result: null });
  });

  test('an attempt reads a large input from its separate item', async () => {
    const input = { rows: Array.from({ length: 1_000 }, (_, i) => i) };
    await bench.request('r1', input);
    let seen: unknown;
    await work((context) => {
      seen = context.input;
    });

    expect((await bench.stored()).input).toBeUndefined();
    expect(seen).toEqual(input);
  });

  test("an attempt passes the schema's output to the handler", async () => {
    await bench.request();
    await work(({ input }) => input, { parseInput: async (input) => ({ parsed: input }) });

    expect(lastFrame()).toMatchObject({ result: { parsed: { n: 1 } } });
  });

  test('the result is sent even if an attach by another connection appended it', async () => {
    await bench.request();
    const write = bench.store.write;
    bench.store.write = async (each) => {
      const result = await write(each);
      // Between the write of the end and its log entry, an attach appends the entry, and posts to nobody.
      if (each.table === 'requests' && each.kind === 'update' && each.set?.status === 'COMPLETED') {
        await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
      }
      return result;
    };
    await work(() => 'done');

    expect(lastFrame()).toMatchObject({ type: 'result', offset: 1, result: 'done' });
    expect(await bench.entries(await bench.stored())).toHaveLength(2);
  });
});

describe('a failure', () => {
  test.each([
    ['INTERNAL', 'INTERNAL'],
    ['TOKEN_EXPIRED', 'TOKEN_EXPIRED'],
    // In a log, this code would mean that the request was cancelled.
    ['CANCELLED', 'HANDLER_ERROR'],
  ])("a failure with the protocol's code %s is shown as %s, with its message", async (code, shown) => {
    await bench.request();
    await work(() => Promise.reject(new HandlerError(code, 'Mine.')));

    expect(lastFrame()).toMatchObject({ type: 'error', error: { code: shown, message: 'Mine.', retryable: false } });
    expect(await bench.stored()).toMatchObject({ status: 'FAILED' });
  });

  test('a failure that the handler intends to show is shown whole and is not retried', async () => {
    await bench.request();
    const error = new HandlerError('DATASET_MISSING', 'There is no such dataset.', {
      details: { name: 'x' },
      cause: 'secret',
    });
    await work(() => Promise.reject(error));

    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 1 });
    expect(lastFrame()).toEqual({
      type: 'error',
      id: 'r1',
      offset: 1,
      run: 1,
      attempt: 1,
      error: {
        code: 'DATASET_MISSING',
        message: 'There is no such dataset.',
        retryable: false,
        details: { name: 'x' },
      },
    });
  });

  test.each([
    ['an Error', new Error('password=123'), 'password=123'],
    ['a string', 'password=123', "'password=123'"],
    ['an object', { password: 123 }, '{ password: 123 }'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
  ])('a failure that is %s is hidden, logged and retried', async (_, thrown, message) => {
    await bench.request();
    await work(() => Promise.reject(thrown));

    expect(await bench.stored()).toMatchObject({
      status: 'PENDING',
      fence: 1,
      attempt: 1,
      notBefore: bench.platform.now() + 500,
    });
    expect(bench.lines).toMatchObject([
      { level: 'error', message: 'the handler failed', fields: { error: { message } } },
    ]);

    bench.platform.time += 60 * SECOND;
    await work(() => Promise.reject(thrown));
    bench.platform.time += 60 * SECOND;
    await work(() => Promise.reject(thrown));

    expect(lastFrame()).toMatchObject({
      type: 'error',
      attempt: 3,
      error: { code: 'HANDLER_ERROR', message: 'The handler failed.', retryable: false, details: { attempt: 3 } },
    });
    expect(JSON.stringify([bench.posts, bench.memory.all('events')])).not.toContain('password');
    expect(JSON.stringify(bench.memory.all('requests'))).not.toContain('123');
  });

  test('the wait after a failure grows with each attempt, and lasts as long as the handler requests', async () => {
    await bench.request();
    await work(() => Promise.reject(new HandlerError('BUSY', 'Later.', { retryable: true })));
    expect(((await bench.stored()).notBefore ?? 0) - bench.platform.now()).toBe(500);

    bench.platform.time += 10 * SECOND;
    await work(() => Promise.reject(new HandlerError('BUSY', 'Later.', { retryable: true, retryAfter: 120 })));
    expect(((await bench.stored()).notBefore ?? 0) - bench.platform.now()).toBe(120_000);
  });

  test('a failure is in the history of the request with its time, its error and its cause; so is the success after it', async () => {
    await bench.request();
    const startedAt = bench.platform.now();
    await work(async () => {
      bench.platform.time += 3 * SECOND;
      throw new RetryableError('BUSY', 'Later.', { cause: new TypeError('the pool is empty, token=abcdef0123') });
    });
    bench.platform.time += 60 * SECOND;
    await work(() => 'done');

    expect((await bench.stored()).attempts).toEqual([
      {
        run: 1,
        attempt: 1,
        startedAt,
        endedAt: startedAt + 3_000,
        error: { code: 'BUSY', message: 'Later.' },
        cause: 'TypeError: the pool is empty, token=[redacted]',
      },
      { run: 1, attempt: 2, startedAt: startedAt + 63_000, endedAt: startedAt + 63_000 },
    ]);
  });

  test('a failure by the death of the function is in the history once another attempt has taken over', async () => {
    const { startedAt } = await bench.running();
    bench.platform.time += transitions.LEASE_MS + SECOND;
    await work(() => 'done');

    expect((await bench.stored()).attempts).toEqual([
      {
        run: 1,
        attempt: 1,
        startedAt,
        endedAt: Number(startedAt) + transitions.LEASE_MS,
        error: { code: 'ATTEMPT_LOST', message: 'The function that ran the attempt died.' },
      },
      expect.objectContaining({ attempt: 2 }),
    ]);
  });

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e15,
    -5,
  ])('a requested wait of %p is ignored', async (retryAfter) => {
    await bench.request();
    await work(() => Promise.reject(new HandlerError('BUSY', 'Later.', { retryable: true, retryAfter })));

    const { status, notBefore } = await bench.stored();
    expect([status, Number(notBefore) - bench.platform.now()]).toEqual(['PENDING', 500]);
  });

  test('a failure of the last attempt ends with the last error, even if that one was retryable', async () => {
    await bench.request('r1', null, ALICE, 1);
    await work(() => Promise.reject(new HandlerError('BUSY', 'Later.', { retryable: true })));

    expect(errorOf(await bench.stored())).toEqual({ code: 'BUSY', message: 'Later.', retryable: false });
  });

  test.each<[string, Run, boolean]>([
    ['a final error of the handler', () => Promise.reject(new FatalError('NO_DATA', 'None.')), false],
    ['a retryable error of the handler', () => Promise.reject(new RetryableError('BUSY', 'Later.')), true],
    ['an error that nobody wrote for the client', () => Promise.reject(new Error('x')), true],
    ['a result that cannot be stored', () => 1n, true],
  ])('a failure of the last attempt by %s is a dead letter: %3$s', async (_, run, deadLetter) => {
    await bench.request('r1', null, ALICE, 1);
    await work(run);

    const { status, outcome } = await bench.stored();
    expect([status, outcome]).toEqual([
      'FAILED',
      { kind: 'error', error: expect.any(String), ...(deadLetter && { deadLetter }) },
    ]);
  });

  test("a failure that the handler's rule declares final is not retried", async () => {
    await bench.request();
    await work(() => Promise.reject(new TypeError('x')), { retryIf: async (error) => !(error instanceof TypeError) });

    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 1, outcome: { deadLetter: true } });
  });

  test.each([
    ['a number that a table has not', { n: 2 ** 60, tiny: 1e-200, huge: 1e300 }],
    ['an empty name', { '': 1 }],
    ['30 levels', JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`)],
  ])('a failure keeps its details even if they have %s', async (_, details) => {
    await bench.request();
    await work(() => Promise.reject(new HandlerError('ODD', 'Odd.', { details })));

    // The error is a string, so that a table can store any details.
    expect((await bench.stored()).outcome).toEqual({ kind: 'error', error: expect.any(String) });
    expect(lastFrame()).toMatchObject({ error: { code: 'ODD', details } });
  });

  test('an invalid input is reported, and not retried', async () => {
    await bench.request();
    await work(never, {
      parseInput: async () => {
        throw new StreamerError('INVALID_INPUT', 'The input is not valid: n', { details: { issues: [] } });
      },
    });

    expect(lastFrame()).toMatchObject({ error: { code: 'INVALID_INPUT', retryable: false } });
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  test.each([
    ['cyclic', cyclic, 'RESULT_NOT_JSON'],
    ['a BigInt', 1n, 'RESULT_NOT_JSON'],
    ['cut inside a character', '\ud83d', 'RESULT_NOT_JSON'],
    ['nested deeper than a client reads', JSON.parse('['.repeat(63) + ']'.repeat(63)), 'RESULT_NOT_JSON'],
    ['full of a key that a client refuses', JSON.parse('{"a":{"__proto__":1}}'), 'RESULT_NOT_JSON'],
    ['too large', 'x'.repeat(BOUNDS.resultBytes), 'RESULT_TOO_LARGE'],
    ['too large in bytes', '\u20ac'.repeat(BOUNDS.resultBytes / 3), 'RESULT_TOO_LARGE'],
  ])('a result that is %s fails with a separate code, and is not retried', async (_, result, code) => {
    await bench.request();
    await work(() => result);

    expect(lastFrame()).toMatchObject({ type: 'error', error: { code, retryable: false } });
  });

  test.each([
    ['the largest', 'x'.repeat(BOUNDS.resultBytes - 2)],
    ['the deepest', JSON.parse('['.repeat(61) + ']'.repeat(61))],
  ])('%s result does not fail, and a client accepts it also in the answer to an attach', async (_, result) => {
    await bench.request();
    await work(({ progress }) => {
      progress(50, '\u{1f600}'.repeat(512), { text: 'x'.repeat(16_000) });
      return result;
    });
    const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 });

    expect(lastFrame()).toMatchObject({ type: 'result', result });
    expect(validateMessage(JSON.stringify(lastFrame()), 'server')).toMatchObject({ ok: true });
    expect(validateMessage(JSON.stringify(ack), 'server')).toMatchObject({ ok: true });
  });
});

describe('an event that the protocol does not allow', () => {
  test.each([
    ['a reserved name', '$attempt', 1],
    ['a name that is too long', 'x'.repeat(65), 1],
    ['no name', undefined, 1],
    ['data that is too large', 'a', 'x'.repeat(32 * 1024)],
    ['data that is not JSON', 'a', 1n],
    ['data with half a character', 'a', { text: '\ud83d' }],
    ['data that is too deep', 'a', JSON.parse('['.repeat(63) + ']'.repeat(63))],
  ])('an event that the protocol does not allow, because of %s, is refused, and the log remains readable', async (_, name, data) => {
    await bench.request();
    await work(async ({ emit }) => {
      await emit(name as string, data);
    });

    expect(lastFrame()).toMatchObject({ type: 'error', offset: 1, error: { code: 'INVALID_EVENT', retryable: false } });
  });

  test('an invalid event does not end the process if the handler does not wait for it', async () => {
    await bench.request();
    await work(async ({ emit }) => {
      void emit('$x', 1);
      await emit('ok', undefined);
      return 'fine';
    });

    expect(bench.to(ALICE).map(({ name, type }) => name ?? type)).toEqual(['$attempt', 'ok', 'result']);
  });

  test('the handler can catch the error of an invalid event', async () => {
    await bench.request();
    await work(async ({ emit }) => {
      await emit('$x', 1).catch(() => undefined);
      await emit('ok', undefined);
      return 'fine';
    });

    expect(bench.to(ALICE).map(({ name, type }) => name ?? type)).toEqual(['$attempt', 'ok', 'result']);
  });
});

describe('time', () => {
  test('an attempt fires the signal at the deadline, and gives a handler that obeys it a second to end', async () => {
    await bench.request();
    let reason: unknown;
    const working = work(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('stopped'));
          });
        }),
    );
    await bench.platform.advance(295_000);
    await working;

    expect(reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', attempt: 1 });
  });

  test('an attempt abandons a handler that ignores the signal', async () => {
    await bench.request('r1', null, ALICE, 1);
    const working = work(() => new Promise(() => undefined));
    await bench.platform.advance(296_000);
    // its code must not run during the next attempt
    expect(await working).toBe('abandoned');

    expect(lastFrame()).toMatchObject({ error: { code: 'HANDLER_TIMEOUT', retryable: false } });
  });

  test('an attempt also abandons a schema that never ends', async () => {
    await bench.request('r1', null, ALICE, 1);
    const working = work(never, { parseInput: () => new Promise(() => undefined) });
    await bench.platform.advance(296_000);
    await working;

    expect(lastFrame()).toMatchObject({ error: { code: 'HANDLER_TIMEOUT' } });
  });

  test('if little time remains, an attempt reserves a fifth of it for writing', async () => {
    await bench.request();
    let deadline = 0;
    await work(
      ({ request }) => {
        deadline = request.deadline;
      },
      {},
      delivery('m1', 10),
    );

    expect(deadline - bench.platform.now()).toBe(8_000);
  });

  test('a late event of an abandoned handler is refused', async () => {
    await bench.request('r1', null, ALICE, 1);
    let emit: ((name: string) => Promise<void>) | undefined;
    const working = work((context) => {
      emit = (name) => context.emit(name, 1);
      return new Promise(() => undefined);
    });
    await bench.platform.advance(296_000);
    await working;

    await expect(emit?.('late')).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' });
    expect(await bench.entries(await bench.stored())).toHaveLength(2);
  });
});

describe('an attempt that lost its claim', () => {
  test('an attempt writes no outcome when the heartbeat reports a lost claim', async () => {
    await bench.request();
    await work(async ({ signal }) => {
      beats.lose();
      return signal.aborted;
    });

    expect(await bench.stored()).toMatchObject({ status: 'RUNNING', fence: 1 });
    expect(lastFrame()).toMatchObject({ name: '$attempt' });
  });

  test('an attempt that loses its claim before the handler starts does not start the handler', async () => {
    await bench.request();
    const parseInput = async (input: unknown) => {
      beats.lose();
      return input;
    };
    const run = jest.fn();
    await work(run, { parseInput });

    expect(run).not.toHaveBeenCalled();
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING', fence: 1 });
    expect(bench.lines).toMatchObject([{ level: 'warn', message: 'another attempt has taken over' }]);
  });

  test("an attempt that lost its claim cannot finish: the later attempt's outcome stands", async () => {
    await bench.request();
    await work(async () => {
      bench.platform.time += 61 * SECOND;
      await work(() => 'second', {}, delivery('m2'));
      return 'first';
    });

    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', fence: 2, outcome: { body: '"second"' } });
    expect(bench.to(ALICE).filter(({ type }) => type === 'result')).toMatchObject([{ attempt: 2, result: 'second' }]);
  });

  test('an attempt stops if another attempt has taken its log', async () => {
    await bench.request();
    await work(async () => {
      bench.platform.time += 61 * SECOND;
      const taken = work(never, {}, delivery('m2')).catch(() => undefined);
      await taken;
      return 'first';
    });

    expect(await bench.stored()).toMatchObject({ fence: 2 });
    expect(bench.to(ALICE).some(({ type }) => type === 'result')).toBe(false);
  });

  test('if the table cannot be reached, the message is not settled, so that it is received again', async () => {
    await bench.request();
    bench.beforeStore = (call, table) => {
      if (call === 'put' && table === 'events') throw new Error('out of reach');
    };

    await expect(work(() => 1)).rejects.toThrow('out of reach');
    expect(beats.stopped).toBe(1);
  });
});

describe('a cancellation', () => {
  const askFor = (reason?: string) => cancel(bench.deps, ALICE_PHONE, { id: 'r1', reason });
  /** Waits for the signal, and returns its reason. */
  const stopped = (signal: AbortSignal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

  test('a cancellation fires the signal of a handler that never reports, within a second, with its reason', async () => {
    await bench.request();
    let seen: { reason: unknown; at: number } | undefined;
    const working = work(async ({ signal }) => {
      seen = { reason: await stopped(signal as AbortSignal), at: bench.platform.now() };
    });
    await bench.platform.advance(10_100);
    const askedAt = bench.platform.now();
    await askFor('wrong month');
    await bench.platform.advance(1_000);

    expect(await working).toBe('done');
    expect(seen?.reason).toMatchObject({ code: 'CANCELLED', details: { reason: 'wrong month' } });
    expect((seen?.at ?? 0) - askedAt).toBeLessThanOrEqual(600);
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(lastFrame()).toEqual({
      type: 'error',
      id: 'r1',
      offset: 1,
      run: 1,
      attempt: 1,
      error: {
        code: 'CANCELLED',
        message: 'The request was cancelled.',
        retryable: false,
        details: { reason: 'wrong month' },
      },
    });
  });

  test('a cancellation fires the signal of a handler that reports all the time', async () => {
    await bench.request();
    const working = work(async ({ signal, progress }) => {
      for (let i = 0; !signal.aborted; i++) {
        progress(i);
        await bench.platform.sleep(50);
      }
    });
    await bench.platform.advance(3_000);
    await askFor();
    await bench.platform.advance(1_000);

    expect(await working).toBe('done');
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('a cancellation that was requested between the first claim and its start gives the handler its signal within a second', async () => {
    await bench.request();
    bench.beforeStore = async (call, table) => {
      if (call !== 'put' || table !== 'events') return;
      bench.beforeStore = () => undefined;
      await askFor();
    };

    const startedAt = bench.platform.now();
    let abortedAt = Number.POSITIVE_INFINITY;
    const working = work(async ({ signal }) => {
      await stopped(signal as AbortSignal);
      abortedAt = bench.platform.now();
    });
    await bench.platform.advance(2_000);
    await working;
    expect(abortedAt - startedAt).toBeLessThan(1_000);
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', attempt: 1 });
  });

  test('a cancellation that was requested between a later claim and its start lets no user code run', async () => {
    await bench.request();
    await work(() => {
      throw new RetryableError('BUSY', 'try again');
    });
    await bench.platform.advance(60_000);
    bench.beforeStore = async (call, table) => {
      if (call !== 'update' || table !== 'events') return;
      bench.beforeStore = () => undefined;
      await askFor();
    };

    await work(never);
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', attempt: 2 });
  });

  test.each([
    ['a small', { pages: 3 }],
    ['a large', { text: 'x'.repeat(5_000) }],
  ])('a cancellation has %s value that the handler returns after its signal as partial result', async (_size, partial) => {
    await bench.request();
    const working = work(async ({ signal }) => {
      await stopped(signal as AbortSignal);
      return partial;
    });
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_000);
    await working;

    expect(lastFrame()).toMatchObject({ type: 'error', error: { code: 'CANCELLED' }, partial });
    const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 });
    expect(ack).toMatchObject({ status: 'CANCELLED', entries: [{ type: 'error', partial }] });
    expect(JSON.stringify(bench.memory.all('requests')).length).toBeLessThan(1_500);
  });

  test.each([
    ['no value', undefined, []],
    ['a value that is not JSON', 1n, ['the partial result was left out']],
  ])('a cancellation after which the handler returns %s has no partial result', async (_what, value, lines) => {
    await bench.request();
    const working = work(async ({ signal }) => {
      await stopped(signal as AbortSignal);
      return value;
    });
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_000);
    await working;

    expect(lastFrame()).toMatchObject({ type: 'error', error: { code: 'CANCELLED' } });
    expect(lastFrame()).not.toHaveProperty('partial');
    expect(bench.lines.map(({ message }) => message)).toEqual(lines);
  });

  test('a cancellation is the outcome whatever the handler throws after its signal', async () => {
    await bench.request();
    const working = work(async ({ signal }) => {
      await stopped(signal as AbortSignal);
      throw new HandlerError('BROKEN', 'Mine.', { retryable: true });
    });
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_000);
    await working;

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
    expect(lastFrame()).toMatchObject({ error: { code: 'CANCELLED' } });
  });

  test('a cancellation abandons a handler that ignores its signal after another second', async () => {
    await bench.request();
    const working = work(() => new Promise(() => undefined));
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_600);

    expect(await working).toBe('abandoned');
    expect(lastFrame()).toMatchObject({ error: { code: 'CANCELLED' } });
  });

  test('a cancellation abandons such a handler although the end of its attempt cannot be written', async () => {
    await bench.request();
    const working = work(() => new Promise(() => undefined)).catch((error) => error);
    await bench.platform.advance(1_000);
    await askFor();
    bench.beforeStore = (call) => {
      if (call === 'update') throw new Error('throttled');
    };
    await bench.platform.advance(1_600);

    expect(await working).toBeInstanceOf(AbandonedAttempt);
  });

  test('a cancellation abandons such a handler although another attempt has taken over', async () => {
    await bench.request();
    const working = work(() => new Promise(() => undefined));
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_000);
    beats.lose();
    await bench.platform.advance(600);

    expect(await working).toBe('abandoned');
  });

  test('a cancellation abandons such a handler although a viewer does not answer', async () => {
    await bench.request();
    bench.gateway.post = () => new Promise(() => undefined);
    const working = work(() => new Promise(() => undefined));
    await bench.platform.advance(1_000);
    await askFor();
    await bench.platform.advance(1_900);

    expect(await working).toBe('abandoned');
  });

  test('a cancellation that the heartbeat reports fires the signal, too', async () => {
    await bench.request();
    const working = work(async ({ signal }) => {
      const reason = stopped(signal as AbortSignal);
      beats.cancel({ cancelReason: 'by heartbeat' });
      return reason;
    });
    await askFor('by heartbeat');
    await bench.platform.advance(1_000);
    await working;

    expect(lastFrame()).toMatchObject({ error: { code: 'CANCELLED', details: { reason: 'by heartbeat' } } });
  });

  test('the heartbeat knows how long the head has not been seen', async () => {
    await bench.request();
    const working = work(() => bench.platform.sleep(6_000));
    await bench.platform.advance(6_000);
    await working;

    expect(beats.heads).toBe(9);
  });

  test('a cancellation wins over a result, which it then has as partial result', async () => {
    await bench.request();
    await work(async () => {
      await askFor('enough');
      return 'too late';
    });

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
    const error = { code: 'CANCELLED', details: { reason: 'enough' } };
    expect(lastFrame()).toMatchObject({ type: 'error', error, partial: 'too late' });
  });

  test('a cancellation wins over another attempt', async () => {
    await bench.request();
    await work(async () => {
      await askFor();
      throw new Error('again');
    });

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('a cancellation before the first attempt ends the request', async () => {
    await bench.request();
    await askFor();

    expect(await work(never)).toBe('done');
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', fence: 0 });
    expect(lastFrame()).toMatchObject({ type: 'error', offset: 0, error: { code: 'CANCELLED' } });
  });
});

describe('a deadline of the request', () => {
  const ask = (deadlineMs: number) => {
    const message = { type: 'request', id: 'r1', action: 'report', input: null, deadlineMs } as const;
    return acceptRequest(bench.deps, ALICE, message, { maxAttempts: 3 });
  };
  const message = 'The request did not end before its deadline.';
  const EXCEEDED = { code: 'DEADLINE_EXCEEDED', message, retryable: false };

  test('a deadline of the request fires the signal, and the value that the handler returns is a partial result', async () => {
    await ask(5_000);
    let seen: { reason: unknown; at: number } | undefined;
    const startedAt = bench.platform.now();
    const working = work(
      ({ signal, request }) =>
        new Promise((resolve) => {
          const fired = () => {
            seen = { reason: signal.reason, at: bench.platform.now() };
            resolve({ until: request.deadline - startedAt });
          };
          signal.addEventListener('abort', fired);
        }),
    );
    await bench.platform.advance(5_000);

    expect(await working).toBe('done');
    expect(seen).toMatchObject({ reason: { code: 'DEADLINE_EXCEEDED' }, at: startedAt + 5_000 });
    const request = await bench.stored();
    expect(request).toMatchObject({ status: 'FAILED', attempt: 1 });
    expect(isDeadLetter(request)).toBe(false);
    expect(lastFrame()).toMatchObject({ type: 'error', error: EXCEEDED, partial: { until: 5_000 } });
  });

  test('a deadline of the request that has passed lets no handler run', async () => {
    await ask(5_000);
    bench.platform.time += 5_000;

    expect(await work(never)).toBe('done');
    expect(await bench.stored()).toMatchObject({ status: 'FAILED', fence: 0 });
    expect(lastFrame()).toMatchObject({ type: 'error', offset: 0, error: EXCEEDED });
  });

  test('a deadline of the request before the next attempt makes the error of this attempt the last', async () => {
    await ask(5_000);
    await work(() => Promise.reject(new HandlerError('BUSY', 'Busy.', { retryable: true, retryAfter: 60 })));

    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 1 });
    expect(lastFrame()).toMatchObject({ error: { code: 'BUSY' } });
  });

  test('a deadline of the request abandons a handler that ignores its signal', async () => {
    await ask(5_000);
    const working = work(() => new Promise(() => undefined));
    await bench.platform.advance(6_000);

    expect(await working).toBe('abandoned');
    expect(lastFrame()).toMatchObject({ error: EXCEEDED });
  });

  test('a deadline of the request is also for a handler that blocks its thread', async () => {
    await ask(5_000);
    const startedAt = bench.platform.now();
    await work(() => 1);

    expect(beats.overdue).toMatchObject({ at: startedAt + 7_000 });
  });

  test('the sweeper ends a request that has waited until its deadline', async () => {
    await ask(90_000);
    bench.platform.time += 60_000;
    await sweep(bench.deps);
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', dueAt: bench.platform.now() + 30_000 });
    bench.platform.time += 30_000;
    await sweep(bench.deps);

    expect(await bench.stored()).toMatchObject({ status: 'FAILED' });
    expect(errorOf(await bench.stored())).toEqual(EXCEEDED);
  });

  test('a redrive begins the time of the request anew', async () => {
    await ask(5_000);
    bench.platform.time += 5_000;
    await work(never);
    await bench.memory.write(redrive(await bench.stored(), { now: bench.platform.now(), retentionSeconds: 86_400 }));

    expect(await bench.stored()).toMatchObject({ status: 'PENDING', run: 2, deadlineAt: bench.platform.now() + 5_000 });
    await work(() => 'done');
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED' });
  });

  test('the sweeper ends a request whose function died, and whose deadline has passed', async () => {
    await ask(30_000);
    await bench.claim();
    bench.platform.time += 61_000;
    await sweep(bench.deps);

    expect(errorOf(await bench.stored())).toEqual(EXCEEDED);
  });
});

describe('a message with nothing to run', () => {
  test('a message of an unknown request is settled', async () => {
    expect(await work(never)).toBe('done');
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('a message of a parked request is settled', async () => {
    await bench.request();
    await bench.memory.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: KEY },
      set: { status: 'WAITING' },
    });

    expect(await work(never)).toBe('done');
  });

  test('a message of a request that has ended is settled, and the terminal entry is appended if it is missing', async () => {
    const request = await bench.running();
    const at = { now: bench.platform.now(), retentionSeconds: 60 };
    await bench.memory.write(transitions.finish({ requestKey: KEY, fence: 1 }, { kind: 'result', body: '7' }, at));

    expect(await work(never)).toBe('done');
    expect(await bench.entries(request)).toMatchObject([{ offset: 0, kind: 'end' }]);
    expect(lastFrame()).toMatchObject({ type: 'result', result: 7 });

    // The processor that received the message may have died before it sent the end.
    expect(await work(never)).toBe('done');
    expect(bench.to(ALICE).filter(({ type }) => type === 'result')).toHaveLength(2);
    expect(await bench.entries(request)).toHaveLength(1);
  });

  test('a message of a request that may not start yet is received again when the request may start', async () => {
    await bench.request();
    await work(() => Promise.reject(new HandlerError('BUSY', 'Later.', { retryable: true, retryAfter: 30 })));

    expect(await work(never)).toEqual({ againInSeconds: 32 });
  });

  test('the message of the current claim is received again when the lease expires; any other message is settled', async () => {
    await bench.running();
    bench.platform.time += 5 * SECOND;

    expect(await work(never, {}, delivery('m1'))).toEqual({ againInSeconds: transitions.LEASE_MS / SECOND - 5 + 2 });
    expect(await work(never, {}, delivery('m2'))).toBe('done');
  });

  test('a message takes over a request whose lease has expired', async () => {
    await bench.running();
    bench.platform.time += 61 * SECOND;
    await work(({ request }) => request.attempt);

    expect(lastFrame()).toMatchObject({ type: 'result', attempt: 2, result: 2 });
  });

  test('a message of a request whose last attempt died ends the request', async () => {
    await bench.request('r1', null, ALICE, 1);
    await bench.claim();
    bench.platform.time += 61 * SECOND;

    expect(await work(never)).toBe('done');
    expect(await bench.stored()).toMatchObject({ status: 'FAILED', fence: 1 });
    expect(lastFrame()).toMatchObject({
      type: 'error',
      error: { code: 'ATTEMPT_LOST', retryable: false, details: { attempt: 1 } },
    });
  });
});

test('two attempts in one process do not affect each other', async () => {
  await bench.request('r1');
  await bench.request('r2');
  const of = (id: string) => ({ ...delivery(id), body: { requestKey: `acme#alice#${id}` } });
  const run: Run = async ({ request, emit, progress }) => {
    for (let i = 0; i < 5; i++) {
      progress(i, request.id);
      await emit('step', request.id);
    }
    return request.id;
  };
  await Promise.all([work(run, {}, of('r1')), work(run, {}, of('r2'))]);

  for (const id of ['r1', 'r2']) {
    const frames = bench.to(ALICE).filter((frame) => frame.id === id);
    expect(frames.filter(({ name }) => name === 'step').map(({ data }) => data)).toEqual(Array(5).fill(id));
    expect(new Set(frames.flatMap(({ message }) => message ?? []))).toEqual(new Set([id]));
    expect(frames.at(-1)).toMatchObject({ type: 'result', result: id });
  }
});

describe('a handler that keeps its thread busy', () => {
  /** Does what the heartbeat's thread does when the time has come, while the handler computes. */
  async function endOverdue() {
    const { at, writes } = beats.overdue as Overdue;
    bench.platform.time = at;
    for (const write of writes) if ((await bench.memory.write(write)).applied) return;
  }

  test('if a handler blocks its thread, the other thread ends the attempt as a timeout after the deadline, and it is retried', async () => {
    await bench.request();
    const startedAt = bench.platform.now();
    await work(async () => {
      await endOverdue();
      beats.lose();
    });

    expect((beats.overdue as Overdue).at - startedAt).toBe(297 * SECOND);
    const request = await bench.stored();
    expect(request).toMatchObject({ status: 'PENDING', attempt: 1 });
    expect(request.notBefore).toBeGreaterThan(startedAt + 297 * SECOND);
  });

  test('a handler that blocks its thread in the last attempt fails with HANDLER_TIMEOUT', async () => {
    await bench.request('r1', null, ALICE, 1);
    await work(endOverdue);

    expect(await bench.stored()).toMatchObject({ status: 'FAILED' });
    expect(errorOf(await bench.stored())).toEqual({
      code: 'HANDLER_TIMEOUT',
      message: 'The handler exceeded its time limit.',
      retryable: false,
    });
  });

  test('a request that was cancelled while its handler blocks the thread ends as cancelled', async () => {
    await bench.request();
    await work(async () => {
      await bench.memory.write({
        kind: 'update',
        table: 'requests',
        key: { requestKey: KEY },
        set: { cancelRequested: true },
      });
      await endOverdue();
    });

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('even in a short function, there is time for the write if a handler blocks its thread', async () => {
    await bench.request();
    const endsAt = bench.platform.now() + 6 * SECOND;
    await work(() => 1, {}, delivery('m1', 6));

    expect((beats.overdue as Overdue).at).toBeLessThan(endsAt - 400);
    expect((beats.overdue as Overdue).at).toBeGreaterThan(endsAt - 1_200);
  });

  test('a handler that has returned is not ended by the other thread, however long the write of its result takes', async () => {
    await bench.request();
    await work(() => 1);

    expect(beats.ended).toBe(1);
  });
});

test('a request whose input is past its retention fails, and its handler does not run without the input', async () => {
  const ran = jest.fn();
  await bench.request('r1', 'x'.repeat(5_000));
  await bench.deps.store.write({ kind: 'delete', table: 'events', key: inputKey(logKey(await bench.stored())) });
  await work(ran);

  expect(ran).not.toHaveBeenCalled();
  expect(await bench.stored()).toMatchObject({
    status: 'FAILED',
    outcome: { error: expect.stringContaining('past its retention') },
  });
});
