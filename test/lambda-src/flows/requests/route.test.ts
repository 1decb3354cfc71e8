import { z } from 'zod';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import { HandlerError } from '../../../../lambda-src/handler';
import { type ServerMessage, validateMessage } from '../../../../lambda-src/protocol';
import { ALICE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
let run: (context: Parameters<RunHandler>[0] & Record<string, unknown>) => unknown;
beforeEach(async () => {
  bench = new Bench();
  run = ({ input }) => ({ got: input });
  await bench.connect(ALICE);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

const actions = new Map<string, Action>([
  ['echo', { kind: 'sync', run: ((context: never) => run(context)) as RunHandler }],
  [
    'square',
    {
      kind: 'sync',
      schema: z.object({ n: z.coerce.number() }),
      run: (({ input }: { input: { n: number } }) => input.n ** 2) as never,
    },
  ],
  ['report', { kind: 'async', maxAttempts: 3 }],
  ['urgent', { kind: 'async', maxAttempts: 3, priorities: ['high', 'bulk'] }],
  ['strict', { kind: 'async', maxAttempts: 3, schema: z.object({ n: z.number() }) }],
]);

async function send(body: unknown, connection: Connection = ALICE): Promise<ServerMessage> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await route({ ...bench.deps, actions, syncTimeoutMs: 5_000 }, connection, text);
  expect(validateMessage(JSON.stringify(answer), 'server')).toMatchObject({ ok: true });
  return answer;
}
const request = (action: string, input?: unknown, more: object = {}) =>
  send({ type: 'request', id: 'r1', action, ...(input !== undefined && { input }), ...more });
const refusal = (code: string, of = 'request') => ({ type: 'error', id: 'r1', for: of, error: { code } });

test('a refusal is logged with its code and names, but without values of the input', async () => {
  await request('square', { n: 'hunter2' });
  await request('unknown', { password: 'hunter2' });
  await send({ type: 'request', id: 'r1', action: 'echo', input: 'hunter2', notBefore: -1 });
  await send('hunter2');

  expect(bench.lines).toMatchObject([
    { level: 'info', message: 'refused: INVALID_INPUT', fields: { id: 'r1', action: 'square' } },
    { level: 'info', message: 'refused: UNKNOWN_ACTION', fields: { id: 'r1', action: 'unknown' } },
    { level: 'info', message: expect.stringMatching(/^refused: [A-Z_]+$/), fields: { id: 'r1' } },
    { level: 'info', message: expect.stringMatching(/^refused: [A-Z_]+$/) },
  ]);
  expect(JSON.stringify(bench.lines)).not.toContain('hunter2');
});

test('an error of a handler that ran is not a refusal', async () => {
  run = () => Promise.reject(new HandlerError('NO_DATA', 'There is none.'));
  await request('echo');

  expect(bench.lines).toEqual([]);
});

describe('ping', () => {
  test('ping is answered, with its id if it had one', async () => {
    expect(await send({ type: 'ping' })).toEqual({ type: 'pong' });
    expect(await send({ type: 'ping', id: 'p1' })).toEqual({ type: 'pong', id: 'p1' });
  });
});

describe('a sync action', () => {
  test('a sync action answers with its result', async () => {
    expect(await request('echo', { a: [1] })).toEqual({ type: 'response', id: 'r1', result: { got: { a: [1] } } });
  });

  test('a sync action gets the output of its schema', async () => {
    expect(await request('square', { n: '3' })).toEqual({ type: 'response', id: 'r1', result: 9 });
  });

  test('a sync action does not run on an input that its schema refuses', async () => {
    expect(await request('square', { n: 'x' })).toMatchObject({
      ...refusal('INVALID_INPUT'),
      error: { details: { issues: [{ path: 'n' }] } },
    });
  });

  test('a sync action that returns nothing answers null', async () => {
    run = () => undefined;
    expect(await request('echo')).toEqual({ type: 'response', id: 'r1', result: null });
  });

  test('a sync action gets the owner and its deadline, and its reports are ignored', async () => {
    let seen: Record<string, unknown> = {};
    run = async (context) => {
      seen = context;
      (context.progress as (n: number) => void)(5);
      await (context.emit as (name: string) => Promise<void>)('x');
      (context.log as typeof bench.log).info('here');
    };
    await request('echo');

    const now = bench.platform.now();
    expect(seen).toMatchObject({
      request: { id: 'r1', action: 'echo', attempt: 1, run: 1, createdAt: now, deadline: now + 5_000 },
      identity: { tenant: 'acme', user: 'alice' },
    });
    expect(bench.posts).toEqual([]);
    expect(bench.lines).toEqual([
      { level: 'info', message: 'here', fields: { id: 'r1', action: 'echo', run: 1, attempt: 1 } },
    ]);
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('a sync action that takes too long is aborted, and the client gets an error', async () => {
    let reason: unknown;
    run = ({ signal }) =>
      new Promise(() => {
        (signal as AbortSignal).addEventListener('abort', () => {
          reason = (signal as AbortSignal).reason;
        });
      });
    const answer = request('echo');
    await bench.platform.advance(5_000);

    expect(await answer).toMatchObject({ ...refusal('TIMEOUT'), error: { code: 'TIMEOUT', retryable: false } });
    expect(reason).toMatchObject({ code: 'TIMEOUT' });
  });

  test('a sync action that throws reveals nothing of the reason', async () => {
    run = () => {
      throw new Error('password=123');
    };
    const answer = await request('echo');

    expect(answer).toEqual({
      type: 'error',
      id: 'r1',
      for: 'request',
      ran: true,
      error: { code: 'HANDLER_ERROR', message: 'The handler failed.', retryable: false },
    });
    expect(bench.lines).toMatchObject([
      { level: 'error', fields: { action: 'echo', error: new Error('password=123') } },
    ]);
  });

  test.each([
    [undefined],
    [null],
    ['text'],
    [{ code: 'MINE' }],
  ])('a sync action that rejects with %j does not reveal that value', async (thrown) => {
    run = () => Promise.reject(thrown);

    expect(await request('echo')).toMatchObject(refusal('HANDLER_ERROR'));
  });

  test('a sync action can show a failure to the client', async () => {
    run = () =>
      Promise.reject(
        new HandlerError('NO_SEAT', 'Sold out.', { details: { left: 0 }, retryable: true, retryAfter: 3 }),
      );

    expect(await request('echo')).toMatchObject({
      error: { code: 'NO_SEAT', message: 'Sold out.', details: { left: 0 }, retryable: true, retryAfter: 3 },
    });
  });

  test.each([
    'TOKEN_EXPIRED',
    'UNAUTHORIZED',
    'OUTCOME_UNKNOWN',
    'RATE_LIMITED',
    'INTERNAL',
    'CANCELLED',
  ])('a sync action that fails with a code of the protocol, %s, is distinguished from a refusal', async (code) => {
    run = () => Promise.reject(new HandlerError(code, 'Mine.'));

    expect(await request('echo')).toEqual({
      type: 'error',
      id: 'r1',
      for: 'request',
      ran: true,
      error: { code, message: 'Mine.', retryable: false },
    });
  });

  test('a sync action that did not run is refused without `ran`', async () => {
    expect(await request('square', { n: 'x' })).not.toHaveProperty('ran');
    expect(await request('nope')).not.toHaveProperty('ran');
  });

  test.each([
    ['too large', 'x'.repeat(131_072), 'RESULT_TOO_LARGE'],
    ['no JSON', 1n, 'RESULT_NOT_JSON'],
    ['not what a client reads', '\ud83d', 'RESULT_NOT_JSON'],
  ])('a sync action whose result is %s fails', async (_, result, code) => {
    run = () => result;
    expect(await request('echo')).toMatchObject(refusal(code));
  });

  test('a repeated sync request runs again', async () => {
    let runs = 0;
    run = () => ++runs;

    expect([await request('echo'), await request('echo')]).toMatchObject([{ result: 1 }, { result: 2 }]);
  });
});

describe('an async action', () => {
  test('an async action is acknowledged once it is stored', async () => {
    expect(await request('report', { a: 1 })).toMatchObject({
      type: 'ack',
      id: 'r1',
      status: 'PENDING',
      offset: 0,
      run: 1,
    });
    expect(await bench.stored()).toMatchObject({
      status: 'PENDING',
      action: 'report',
      maxAttempts: 3,
      input: '{"a":1}',
    });
  });

  test('an async action is not stored when its schema refuses the input', async () => {
    expect(await request('strict', { n: 'x' })).toMatchObject(refusal('INVALID_INPUT'));
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('the input of an async action is stored unchanged, because the processor applies the schema again', async () => {
    await request('strict', { n: 1, more: true });

    expect((await bench.stored()).input).toBe('{"n":1,"more":true}');
  });

  test('an async action with another payload under the same id is refused', async () => {
    await request('report', 1);

    expect(await request('report', 2)).toMatchObject(refusal('DUPLICATE_REQUEST'));
  });

  test('an async request that cannot be stored is refused temporarily, without the reason', async () => {
    bench.beforeStore = () => {
      throw new Error('arn:aws:dynamodb:secret');
    };
    const answer = await request('report');

    expect(answer).toMatchObject({ ...refusal('INTERNAL'), error: { retryable: true } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(bench.lines).toMatchObject([{ level: 'error', message: 'a message failed' }]);
  });
});

describe('attach', () => {
  test('attach answers with the current state of the request', async () => {
    await request('report');

    expect(await send({ type: 'attach', id: 'r1', offset: 0 })).toMatchObject({
      type: 'ack',
      status: 'PENDING',
      entries: [],
    });
  });

  test("attach with a ref gives no access beyond the user's own requests", async () => {
    await request('report');
    const { ref } = await bench.stored();

    expect(await send({ type: 'attach', id: 'r1', offset: 0, ref })).toMatchObject({ type: 'ack' });
    expect(await send({ type: 'attach', id: 'r1', offset: 0, ref }, MALLORY)).toMatchObject(
      refusal('NOT_FOUND', 'attach'),
    );
  });

  test('attach to a missing request is refused, and the refusal names the request', async () => {
    expect(await send({ type: 'attach', id: 'r1', offset: 0 })).toMatchObject(refusal('NOT_FOUND', 'attach'));
  });
});

describe('a message that is refused', () => {
  test.each([
    'nope',
    'toString',
    'constructor',
    'hasOwnProperty',
    'valueOf',
    'Echo',
  ])('a request for the unknown action %s is refused', async (action) => {
    expect(await request(action)).toMatchObject(refusal('UNKNOWN_ACTION'));
  });

  test('the invalid action name __proto__ is refused', async () => {
    expect(await request('__proto__')).toMatchObject(refusal('INVALID_MESSAGE'));
  });

  test.each([
    ['urgent', 'low', 'The classes of urgent are high, bulk.', ['high', 'bulk']],
    ['report', 'high', 'report has no priority classes', []],
    ['echo', 'high', 'echo has no priority classes', []],
  ])('a priority class that the action %s does not have is refused', async (action, priority, text, priorities) => {
    const error = { code: 'UNKNOWN_PRIORITY', message: expect.stringContaining(text), details: { priorities } };
    expect(await request(action, 1, { priority })).toMatchObject({ type: 'error', id: 'r1', error });
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('a request keeps the priority class of its first send', async () => {
    expect(await request('urgent', 1, { priority: 'high' })).toMatchObject({ type: 'ack', status: 'PENDING' });
    expect(await request('urgent', 1, { priority: 'bulk' })).toMatchObject({ type: 'ack', replayed: true });
    expect(await bench.stored()).toMatchObject({ priority: 'high' });
  });

  test.each([
    ['echo', 1, 'a sync action runs at once'],
    ['report', 4e15, '366 days ahead'],
  ])('a start that the action %s cannot have is refused', async (action, notBefore, text) => {
    const issues = [{ path: 'notBefore', message: expect.stringContaining(text) }];
    const error = { code: 'INVALID_MESSAGE', message: expect.stringContaining('`notBefore`'), details: { issues } };
    expect(await send({ type: 'request', id: 'r1', action, notBefore })).toMatchObject({ type: 'error', error });
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test.each([
    ['publish', { type: 'publish', id: 'r1', topic: 't', data: 1 }],
  ])('a message that a later version serves is refused, in %s', async (type, message) => {
    expect(await send(message)).toMatchObject(refusal('UNSUPPORTED_TYPE', type));
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test.each([
    ['subscribe', { type: 'subscribe', topic: 't' }],
    ['unsubscribe', { type: 'unsubscribe', topic: 't' }],
    ['auth.refresh', { type: 'auth.refresh', token: 'x' }],
  ])('the message %s, which has no id, is refused', async (type, message) => {
    expect(await send(message)).toMatchObject({ type: 'error', for: type, error: { code: 'UNSUPPORTED_TYPE' } });
  });

  test.each([
    ['', 'INVALID_JSON'],
    ['{', 'INVALID_JSON'],
    ['1', 'INVALID_MESSAGE'],
    ['{"type":"hello"}', 'UNKNOWN_TYPE'],
    ['{"type":"ack"}', 'UNKNOWN_TYPE'],
    ['{"type":"ping","v":2}', 'UNSUPPORTED_VERSION'],
    [`{"type":"ping","x":"${'x'.repeat(32_768)}"}`, 'MESSAGE_TOO_LARGE'],
  ])('the invalid frame %.30s is refused', async (frame, code) => {
    expect(await send(frame)).toMatchObject({ type: 'error', error: { code } });
  });

  test.each([
    [
      { type: 'subscribe', topic: 't', offset: -1 },
      { topic: 't', for: 'subscribe' },
    ],
    [
      { type: 'publish', topic: 't', id: 'p1' },
      { topic: 't', id: 'p1', for: 'publish' },
    ],
    [
      { type: 'attach', id: 'r1', offset: null },
      { id: 'r1', for: 'attach' },
    ],
    [{ type: 'subscribe_all', topic: 't' }, { topic: 't' }],
    [
      { type: 'subscribe', topic: 't', v: 2 },
      { topic: 't', for: 'subscribe' },
    ],
    [{ type: 'publish', topic: 'a b', id: '#', data: 1 }, { for: 'publish' }],
  ])('the refusal of %j contains every valid name of the message', async (message, names) => {
    const { error, type, ...named } = (await send(message)) as unknown as Record<string, unknown>;

    expect({ type, named }).toEqual({ type: 'error', named: names });
  });

  test('once the token has expired, each message is refused, and the refusal names it', async () => {
    const expired = { ...ALICE, authExp: bench.platform.now() / 1000 };

    expect(await send({ type: 'request', id: 'r1', action: 'echo' }, expired)).toMatchObject(refusal('TOKEN_EXPIRED'));
    expect(await send({ type: 'ping' }, expired)).toMatchObject({
      for: 'ping',
      error: { code: 'TOKEN_EXPIRED', retryable: false },
    });
  });

  test('no message is refused before the token expires', async () => {
    expect(await send({ type: 'ping' }, { ...ALICE, authExp: bench.platform.now() / 1000 + 1 })).toEqual({
      type: 'pong',
    });
  });
});
