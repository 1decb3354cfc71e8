import { z } from 'zod';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import {
  type FunctionError,
  functionRun,
  isolatedRun,
  type RemoteEvent,
  type Reply,
} from '../../../../lambda-src/flows/handlers/invoked-function';
import { answerRouter } from '../../../../lambda-src/flows/handlers/sync-run';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import { HandlerError } from '../../../../lambda-src/handler';
import { ALICE, Bench } from '../../support/bench';

/** Tests handlers that invoke another function: the payload, and the effect of the function's answer. */

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:quote';
const SYNC_MS = 5_000;
let bench: Bench;
/** Answer of the function. A test may set another one. */
let answer: (event: RemoteEvent, signal: AbortSignal) => Reply | Promise<Reply>;
let invoked: { readonly name: string; readonly event: RemoteEvent }[];

const returned = (value: unknown): Reply => ({ kind: 'returned', body: JSON.stringify(value) });
const failed = (error: FunctionError): Reply => ({ kind: 'failed', error });
const NEVER = (_: RemoteEvent, signal: AbortSignal) =>
  new Promise<Reply>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

beforeEach(async () => {
  bench = new Bench();
  invoked = [];
  answer = () => returned({ price: 5 });
  await bench.connect(ALICE);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

const functions = {
  invoke: async (name: string, payload: string, signal: AbortSignal) => {
    const event = JSON.parse(payload) as RemoteEvent;
    invoked.push({ name, event });
    return answer(event, signal);
  },
};
const target = (more: object = {}) => ({ functionName: ARN, timeoutMs: SYNC_MS, async: false, ...more });
const remoteDeps = () => ({ functions, platform: bench.platform });

function send(run: RunHandler, input?: unknown) {
  const actions = new Map<string, Action>([['quote', { kind: 'sync', run }]]);
  const message = { type: 'request', id: 'r1', action: 'quote', ...(input !== undefined && { input }) };
  return route({ ...bench.deps, actions, syncTimeoutMs: SYNC_MS }, ALICE, JSON.stringify(message));
}
const ownFunction = (more: object = {}) => functionRun(remoteDeps(), target(more));
const isolated = () => isolatedRun(remoteDeps(), target());
const error = (code: string, more: object = {}) => ({ type: 'error', id: 'r1', error: { code, ...more } });

describe('a sync function of the user', () => {
  test('a function of the user receives the action, the input, the request and its owner', async () => {
    const now = bench.platform.now();
    expect(await send(ownFunction(), { kind: 'small' })).toEqual({ type: 'response', id: 'r1', result: { price: 5 } });
    expect(invoked).toEqual([
      {
        name: ARN,
        event: {
          action: 'quote',
          input: { kind: 'small' },
          request: { id: 'r1', attempt: 1, run: 1, createdAt: now, deadline: now + SYNC_MS },
          identity: { tenant: 'acme', user: 'alice' },
        },
      },
    ]);
  });

  test("a user's sync function gets null if there is no input, and may return nothing", async () => {
    answer = () => ({ kind: 'returned', body: '' });
    expect(await send(ownFunction())).toEqual({ type: 'response', id: 'r1', result: null });
    expect(invoked[0].event.input).toBeNull();
  });

  test('a function that throws causes HANDLER_ERROR, and its message is only logged', async () => {
    answer = () => failed({ errorType: 'KeyError', errorMessage: 'password=hunter2' });
    const refused = await send(ownFunction());
    expect(refused).toMatchObject(error('HANDLER_ERROR', { retryable: false }));
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    expect(bench.lines).toMatchObject([
      { level: 'error', message: 'the handler failed', fields: { error: { message: 'KeyError: password=hunter2' } } },
    ]);
  });

  test.each<[string, FunctionError]>([
    ['the error of a runtime', { errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: 1 Error: Task timed out' }],
    ['the older text', { errorMessage: '2026-11-21T07:00:00Z 1 Task timed out after 3.00 seconds' }],
  ])('a function that Lambda ended at its timeout causes TIMEOUT: %s', async (_, timedOut) => {
    answer = () => failed(timedOut);
    expect(await send(ownFunction())).toMatchObject(error('TIMEOUT'));
  });

  test('a function that was throttled may be invoked again', async () => {
    answer = () => ({ kind: 'throttled' });
    expect(await send(ownFunction())).toMatchObject(error('UNAVAILABLE', { retryable: true, retryAfter: 1 }));
  });

  test('an invocation without an answer is not retried, because the function may have run', async () => {
    answer = () => ({ kind: 'unreachable', cause: new Error('socket hang up') });
    expect(await send(ownFunction())).toMatchObject(error('UNAVAILABLE', { retryable: false }));
  });

  test('a function that Lambda refused to invoke did not run, and the answer reports it', async () => {
    answer = () => ({ kind: 'refused', cause: new Error('Lambda answered 404') });
    const message = 'The action did not run: Lambda refused its function.';
    expect(await send(ownFunction())).toMatchObject(error('UNAVAILABLE', { retryable: false, message }));
  });

  test('if the runtime of a function is not available, the error names the runtime', async () => {
    answer = () => ({ kind: 'refused', cause: new Error('Lambda answered 502'), runtime: 'python3 was not found' });
    const message = 'The action cannot run: python3 was not found';
    expect(await send(ownFunction())).toMatchObject(error('UNAVAILABLE', { retryable: false, message }));
  });

  test('a function that does not return JSON causes RESULT_NOT_JSON', async () => {
    answer = () => ({ kind: 'returned', body: '<html>' });
    expect(await send(ownFunction())).toMatchObject(error('RESULT_NOT_JSON'));
  });

  test("the wait for a user's sync function ends at the handler's timeout", async () => {
    answer = NEVER;
    const waiting = send(ownFunction({ timeoutMs: 2_000 }));
    await bench.platform.advance(2_000);
    expect(await waiting).toMatchObject(error('TIMEOUT', { message: expect.stringContaining('2000 ms') }));
    expect(invoked[0].event.request.deadline).toBe(bench.platform.now());
  });

  test("the wait for a user's sync function ends at the syncTimeout, if the handler's timeout is longer", async () => {
    answer = NEVER;
    const waiting = send(ownFunction({ timeoutMs: 60_000 }));
    await bench.platform.advance(SYNC_MS);
    expect(await waiting).toMatchObject(error('TIMEOUT'));
  });
});

describe('an isolated handler', () => {
  const inputs = z.object({ kind: z.enum(['small', 'large']) });
  const runsAs = (run: (context: { input: never; signal: AbortSignal }) => unknown, schema?: typeof inputs) => {
    answer = async (event) => returned(await answerRouter({ ...bench.deps, run: run as never, schema }, event));
  };

  test('an isolated handler answers with its result, from the input that its schema let through', async () => {
    runsAs(({ input }) => ({ got: input }), inputs);
    expect(await send(isolated(), { kind: 'small' })).toEqual({
      type: 'response',
      id: 'r1',
      result: { got: { kind: 'small' } },
    });
  });

  test('an isolated handler refuses an input that its schema does not accept, and names the path', async () => {
    runsAs(() => 1, inputs);
    expect(await send(isolated(), { kind: 'huge' })).toMatchObject(
      error('INVALID_INPUT', { details: { issues: [{ path: 'kind' }] } }),
    );
  });

  test('an isolated handler gets no input if the client sent none', async () => {
    runsAs(({ input }) => String(input));
    expect(await send(isolated())).toMatchObject({ result: 'undefined' });
  });

  test('the client receives the whole error that an isolated handler intends for it', async () => {
    runsAs(() => {
      throw new HandlerError('SOLD_OUT', 'None left.', { details: { left: 0 }, retryable: true, retryAfter: 60 });
    });
    expect(await send(isolated())).toMatchObject({
      error: { code: 'SOLD_OUT', message: 'None left.', details: { left: 0 }, retryable: true, retryAfter: 60 },
    });
  });

  test("any other error of an isolated handler is only in its function's log", async () => {
    runsAs(() => {
      throw new Error('password=hunter2');
    });
    const refused = await send(isolated());
    expect(refused).toMatchObject(error('HANDLER_ERROR', { message: 'The handler failed.' }));
    expect(bench.lines).toMatchObject([{ level: 'error', fields: { error: { message: 'password=hunter2' } } }]);
  });

  test('an isolated handler that does not end in time is aborted by its signal, and the client gets a TIMEOUT', async () => {
    let signal: AbortSignal | undefined;
    runsAs((context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    const waiting = send(isolated());
    await bench.platform.advance(SYNC_MS);
    expect(await waiting).toMatchObject(error('TIMEOUT'));
    expect(signal?.aborted).toBe(true);
  });

  test('an isolated handler whose process died causes HANDLER_ERROR', async () => {
    answer = () => failed({ errorType: 'Runtime.ExitError', errorMessage: 'exit status 1' });
    expect(await send(isolated())).toMatchObject(error('HANDLER_ERROR'));
  });

  test('an answer without an envelope causes HANDLER_ERROR', async () => {
    answer = () => returned(null);
    expect(await send(isolated())).toMatchObject(error('HANDLER_ERROR'));
  });

  test('the result of an isolated handler cannot be larger than a frame allows', async () => {
    runsAs(() => 'x'.repeat(200_000));
    expect(await send(isolated())).toMatchObject(error('RESULT_TOO_LARGE'));
  });
});

describe('an async function of the user', () => {
  const asyncFunction = () => functionRun(remoteDeps(), target({ async: true, timeoutMs: 240_000 }));
  async function work(seconds = 300) {
    const deps: ProcessDeps = {
      ...bench.deps,
      heartbeat: {
        start: async () => undefined,
        sawHead: () => undefined,
        handlerEnded: () => undefined,
        stop: () => undefined,
      },
      noteStart: async () => undefined,
      run: asyncFunction(),
      parseInput: async (input) => input,
      progressRate: 10,
      retryBackoff: { baseMs: 1_000, maxMs: 1_000 },
    };
    const functionEndsAt = bench.platform.now() + seconds * 1_000;
    return processMessage(deps, {
      messageId: 'm1',
      body: { requestKey: 'acme#alice#r1' },
      functionEndsAt,
    });
  }

  test('an async function receives the number of its attempt, and completes the request with what it returns', async () => {
    await bench.request();
    await work();
    expect(invoked[0].event).toMatchObject({
      action: 'report',
      input: { n: 1 },
      request: { attempt: 1, run: 1 },
    });
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', outcome: { body: '{"price":5}' } });
  });

  test.each<[string, Reply]>([
    ['throws', failed({ errorType: 'Error', errorMessage: 'broken' })],
    ['is throttled', { kind: 'throttled' }],
    ['is lost on the way', { kind: 'unreachable', cause: new Error('reset') }],
    ['is ended by Lambda', failed({ errorType: 'Sandbox.Timedout' })],
  ])("a user's async function is retried when it %s, and fails after the last attempt", async (_, reply) => {
    await bench.request();
    answer = () => reply;
    for (const status of ['PENDING', 'PENDING', 'FAILED']) {
      await work();
      expect(await bench.stored()).toMatchObject({ status });
      await bench.platform.advance(2_000);
    }
    expect(invoked.map(({ event }) => event.request.attempt)).toEqual([1, 2, 3]);
  });

  test("a user's async function fails at the first attempt if its runtime is not available", async () => {
    await bench.request();
    answer = () => ({ kind: 'refused', cause: new Error('Lambda answered 502'), runtime: 'python3 was not found' });
    await work();
    expect(await bench.stored()).toMatchObject({ status: 'FAILED', attempt: 1 });
  });

  test("a user's async function is abandoned at its timeout, as a handler is", async () => {
    await bench.request();
    answer = NEVER;
    const working = work();
    await bench.platform.advance(240_000);
    await working;
    expect(await bench.stored()).toMatchObject({ status: 'PENDING', attempt: 1 });
  });
});
