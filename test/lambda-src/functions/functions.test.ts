import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import type { DynamoStore } from '../../../lambda-src/aws/dynamodb/store';
import type { WebSocketEvent } from '../../../lambda-src/functions/router';
import { defineHandler } from '../../../lambda-src/handler';
import { ENV, OUTBOX_STATUSES } from '../../../src/contract';
import { clientOf, storeOf } from '../support/embedded-tables';
import { ACTION_CONFIG, LocalAws, QUEUE_NAMES } from '../support/local-aws';

/** Tests the functions with the environment that the construct gives them, on local services. Events are passed in, and frames come out. */

const ENVIRONMENT = { ...process.env };
const CONNECTED_AT = Date.now();
const handlers = {
  echo: { default: defineHandler({ input: z.object({ text: z.string() }), run: ({ input }) => input.text }) },
  report: {
    default: defineHandler({
      input: z.object({
        n: z.number().default(5),
        events: z.number().optional(),
        size: z.number().optional(),
        hangs: z.boolean().optional(),
      }),
      async run({ input, progress, emit, request }) {
        if (input.hangs) await new Promise(() => undefined);
        if (input.n < 0) throw new Error('broken');
        progress(50, 'half');
        for (let i = 0; i < (input.events ?? 1); i++) await emit('step', { attempt: request.attempt });
        if (input.size) return 'x'.repeat(input.size);
        return input.n * 2;
      },
    }),
  },
};

let aws: LocalAws;
let client: DynamoDBClient;
let store: DynamoStore;
let router: (event: WebSocketEvent) => Promise<{ statusCode?: number; body?: string; headers?: object }>;
let dispatcher: (event: never) => Promise<{ batchItemFailures: unknown[] }>;
let processor: (event: SQSEvent, context: Context) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
let brokenProcessor: typeof processor;
const exit = jest.fn();
const loadBroken = async () => {
  throw new Error('DATABASE_URL is not set');
};
let sweeper: () => Promise<void>;
let position: 'TRIM_HORIZON' | { after: string } = 'TRIM_HORIZON';

beforeAll(async () => {
  aws = await LocalAws.start();
  client = clientOf(aws.database.url);
  store = storeOf(client);
  Object.assign(process.env, aws.environment, {
    [ENV.limits]: '{"maxInputBytes":100,"maxResultBytes":40,"maxEvents":3}',
  });
  const thread = await aws.heartbeat();
  jest.doMock('../../../lambda-src/runtime/heartbeat', () => {
    const actual = jest.requireActual('../../../lambda-src/runtime/heartbeat');
    return {
      ...actual,
      ThreadHeartbeat: class extends actual.ThreadHeartbeat {
        constructor(log: unknown) {
          super(log, thread);
        }
      },
    };
  });
  const { createRouter } = require('../../../lambda-src/functions/router');
  const { createProcessor } = require('../../../lambda-src/functions/processor');
  const { createDispatcher } = require('../../../lambda-src/functions/dispatcher');
  dispatcher = createDispatcher({ queues: { report: QUEUE_NAMES } });
  ({ handler: sweeper } = require('../../../lambda-src/functions/sweeper'));
  const schema = { input: handlers.report.default.input };
  router = createRouter({
    actions: {
      echo: { kind: 'sync', load: () => handlers.echo },
      broken: { kind: 'sync', load: loadBroken },
      report: { kind: 'async', maxAttempts: 2, schema: () => schema },
      unchecked: { kind: 'async', maxAttempts: 2, schema: loadBroken },
    },
  });
  // The handler has no schema, so the schema module next to it is used, in the router and here.
  const { run } = handlers.report.default;
  const shared = { action: 'report', config: ACTION_CONFIG };
  processor = createProcessor({ ...shared, load: () => ({ default: { run } }), schema: () => schema }, { exit });
  brokenProcessor = createProcessor({ ...shared, load: loadBroken }, { exit });
});
afterAll(async () => {
  process.env = ENVIRONMENT;
  client.destroy();
  await aws.close();
});

const event = (routeKey: string, body?: unknown, headers: Record<string, string> = {}): WebSocketEvent => ({
  requestContext: {
    routeKey,
    connectionId: 'c1',
    connectedAt: CONNECTED_AT,
    requestId: 'api-1',
    authorizer: {
      user: 'alice',
      tenant: 'acme',
      exp: String(Math.floor(Date.now() / 1000) + 600),
      principalId: 'alice',
    },
  },
  headers,
  ...(body !== undefined && { body: JSON.stringify(body) }),
});
const send = async (message: object) => JSON.parse((await router(event('$default', message))).body ?? '');

/** Invokes the dispatcher with the records that the mapping of the requests' stream delivers. */
async function runDispatcher() {
  const reader = aws.database.stream(aws.requestsStreamArn);
  const [shard] = await reader.shards();
  const { records } = await reader.read(shard, position, 100);
  position = { after: records.at(-1)?.dynamodb.SequenceNumber ?? '' };
  const Records = records.filter(({ dynamodb }) =>
    (OUTBOX_STATUSES as readonly unknown[]).includes((dynamodb.NewImage?.status as { S?: string })?.S),
  );
  return { Records, answer: await dispatcher({ Records } as never) };
}

/** Invokes the processor with the messages that the mapping of the action's queue delivers. */
async function runProcessor(run = processor) {
  const received = aws.queue('work').receive(10);
  const Records = received.map((message) => ({
    ...message,
    awsRegion: 'us-east-1',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work',
  }));
  const answer = await run({ Records } as never, { getRemainingTimeInMillis: () => 60_000 } as Context);
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId, receiptHandle } of received)
    if (!failed.has(messageId)) aws.queue('work').delete(receiptHandle);
  return { received, answer };
}

describe('the router', () => {
  test('the router opens no connection whose token has expired, because a client would renew it forever', async () => {
    const { requestContext } = event('$connect');
    const exp = String(Math.floor(Date.now() / 1000) - 100);
    const ended = { requestContext: { ...requestContext, authorizer: { user: 'alice', exp } } };

    expect(await router(ended)).toEqual({ statusCode: 401 });
  });

  test('the router opens a connection with the subprotocol, never with the token', async () => {
    const answer = await router(
      event('$connect', undefined, { 'sec-websocket-protocol': 'bearer.c2VjcmV0, streamer.v1' }),
    );

    expect(answer).toEqual({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'streamer.v1' } });
    expect(await store.get('connections', { connectionId: 'c1' })).toMatchObject({
      tenant: 'acme',
      user: 'alice',
      connectedAt: CONNECTED_AT,
    });
  });

  test('the router refuses a connection for which the authorizer named no user', async () => {
    const anonymous = event('$default', { type: 'ping' });
    const { authorizer: _, ...requestContext } = anonymous.requestContext;

    await expect(router({ ...anonymous, requestContext })).rejects.toThrow('must have `user`');
  });

  test('the router answers no subprotocol that was not offered', async () => {
    expect(await router(event('$connect', undefined, { 'Sec-WebSocket-Protocol': 'other' }))).toEqual({
      statusCode: 200,
    });
  });

  test('the router answers a sync action in the route response', async () => {
    expect(await send({ type: 'request', id: 's1', action: 'echo', input: { text: 'hi' } })).toEqual({
      type: 'response',
      id: 's1',
      result: 'hi',
    });
    expect(await send({ type: 'request', id: 's1', action: 'echo', input: {} })).toMatchObject({
      error: { code: 'INVALID_INPUT' },
    });
  });

  test('the router answers an invalid frame', async () => {
    expect(JSON.parse((await router({ ...event('$default'), body: undefined })).body ?? '')).toMatchObject({
      error: { code: 'INVALID_JSON' },
    });
  });
});

describe('a module that throws when it is loaded', () => {
  const notLoaded = { error: { code: 'HANDLER_NOT_LOADED', retryable: false } };

  test('a module that throws when it is loaded fails the requests of its own action in the router, and no others', async () => {
    expect(await send({ type: 'request', id: 'b1', action: 'broken' })).toMatchObject({ id: 'b1', ...notLoaded });
    expect(await send({ type: 'request', id: 'b2', action: 'unchecked' })).toMatchObject({ id: 'b2', ...notLoaded });
    expect(await send({ type: 'request', id: 'b3', action: 'echo', input: { text: 'hi' } })).toMatchObject({
      result: 'hi',
    });
  });

  test('a module that throws when it is loaded uses an attempt each time, and then the request fails with one dead letter', async () => {
    await send({ type: 'request', id: 'b4', action: 'report', input: {} });
    for (const status of ['PENDING', 'FAILED']) {
      await runDispatcher();
      const { received } = await runProcessor(brokenProcessor);
      // The process ends, which fails the invocation. Its message was deleted before.
      expect(received).toHaveLength(1);
      expect(aws.queue('work').depth()).toMatchObject({ visible: 0, inFlight: 0 });
      expect(exit).toHaveBeenCalledTimes(1);
      exit.mockClear();
      expect(await store.get('requests', { requestKey: 'acme#alice#b4' })).toMatchObject({ status });
    }
    await runDispatcher();

    expect(await send({ type: 'attach', id: 'b4', offset: 2 })).toMatchObject({
      status: 'FAILED',
      entries: [{ type: 'error', error: { ...notLoaded.error, details: { attempt: 2 } } }],
    });
    const letters = aws.queue('dead').receive(10);
    expect(letters.map(({ body }) => JSON.parse(body).id)).toEqual(['b4']);
    for (const { receiptHandle } of letters) aws.queue('dead').delete(receiptHandle);
  });
});

test('an async request goes from its frame to its result', async () => {
  const ack = await send({ type: 'request', id: 'r1', action: 'report', input: {} });
  expect(ack).toMatchObject({ type: 'ack', id: 'r1', status: 'PENDING', offset: 0 });

  expect((await runDispatcher()).answer).toEqual({ batchItemFailures: [] });
  const { received, answer } = await runProcessor();
  expect(received).toMatchObject([{ body: '{"requestKey":"acme#alice#r1"}', attributes: { MessageGroupId: 'acme' } }]);
  expect(answer).toEqual({ batchItemFailures: [] });

  expect(
    aws
      .frames()
      .filter((frame) => (frame as { id?: string }).id === 'r1')
      .map(({ type }) => type)
      .filter((type) => type !== 'progress'),
  ).toEqual(['event', 'event', 'result']);
  expect(aws.frames().at(-1)).toEqual({ type: 'result', id: 'r1', offset: 2, run: 1, attempt: 1, result: 10 });
  expect(aws.frames()).toContainEqual(expect.objectContaining({ type: 'progress', percentage: 50, message: 'half' }));
  expect(await send({ type: 'attach', id: 'r1', offset: 2 })).toMatchObject({
    status: 'COMPLETED',
    entries: [{ result: 10 }],
  });
  await runDispatcher();
  expect(aws.queue('dead').depth()).toMatchObject({ visible: 0 });
});

const statusOf = async (id: string) => (await store.get('requests', { requestKey: `acme#alice#${id}` }))?.status;

/** Starts a request whose handler never ends. */
async function startHanging(id: string) {
  await send({ type: 'request', id, action: 'report', input: { hangs: true } });
  await runDispatcher();
  const running = runProcessor();
  while ((await statusOf(id)) !== 'RUNNING') await new Promise((resolve) => setTimeout(resolve, 20));
  return { running };
}

test('a cancelled handler that ignores its signal ends its process, after its end is written and its message deleted', async () => {
  const { running } = await startHanging('hangs');
  expect(await send({ type: 'cancel', id: 'hangs', reason: 'enough' })).toEqual({
    ...{ type: 'ack', for: 'cancel', id: 'hangs', status: 'RUNNING', run: 1 },
  });
  await running;

  expect(exit).toHaveBeenCalledTimes(1);
  exit.mockClear();
  expect(aws.queue('work').depth()).toMatchObject({ visible: 0, inFlight: 0 });
  expect(await statusOf('hangs')).toBe('CANCELLED');
  expect(aws.frames().at(-1)).toMatchObject({
    ...{ type: 'error', id: 'hangs', error: { code: 'CANCELLED', details: { reason: 'enough' } } },
  });
  await runDispatcher();
  expect(aws.queue('dead').depth()).toMatchObject({ visible: 0 });
});

test('a request without a connection takes the same path, and its status reports its state', async () => {
  const { createSubmitter } = require('../../../lambda-src/functions/submitter');
  const submitter = createSubmitter({
    actions: {
      report: {
        kind: 'async',
        maxAttempts: 2,
        schema: () => ({ input: handlers.report.default.input, messages: { note: z.string() } }),
      },
      echo: { kind: 'sync' },
    },
  });
  const invoke = (event: object) =>
    submitter({ tenant: 'acme', user: 'alice', ...event }, { awsRequestId: 'invocation-1' });
  const submitted = await invoke({ type: 'submit', action: 'report', input: { n: 4 } });
  expect(submitted).toMatchObject({ ok: true, id: 'invocation-1', status: 'PENDING', replayed: false });
  expect(await invoke({ type: 'submit', action: 'report', input: { n: 4 } })).toEqual({ ...submitted, replayed: true });
  expect(await invoke({ type: 'submit', action: 'report', input: { n: 'x' } })).toMatchObject({
    error: { code: 'INVALID_INPUT' },
  });
  expect(await invoke({ type: 'submit', action: 'echo' })).toMatchObject({ error: { code: 'UNKNOWN_ACTION' } });
  const message = { type: 'send', id: 'm-1', request: 'invocation-1', name: 'note' };
  expect(await invoke({ ...message, data: 7 })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  expect(await invoke({ ...message, data: 'hello' })).toEqual({ ok: true, id: 'm-1', request: 'invocation-1' });

  await runDispatcher();
  await runProcessor();
  expect(await invoke({ type: 'status', id: 'invocation-1' })).toMatchObject({
    ok: true,
    status: 'COMPLETED',
    attempt: 1,
    result: 8,
  });
  await runDispatcher();
});

test('a request that fails in every attempt ends with an error and a dead letter', async () => {
  await send({ type: 'request', id: 'r2', action: 'report', input: { n: -1 } });
  for (let i = 0; i < 2; i++) {
    await runDispatcher();
    // The wait before the second attempt is at most 2 ms, but a queue delays by whole seconds.
    while (aws.queue('work').depth().visible === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await runProcessor();
  }
  await runDispatcher();

  expect(aws.frames().at(-1)).toMatchObject({
    type: 'error',
    id: 'r2',
    attempt: 2,
    error: { code: 'HANDLER_ERROR', details: { attempt: 2 } },
  });
  const [dead] = aws.queue('dead').receive(1);
  expect(JSON.parse(dead.body)).toMatchObject({ requestKey: 'acme#alice#r2', attempt: 2 });
});

test.each<[what: string, id: string, input: object, code: string]>([
  ['more events than the environment allows', 'events', { events: 4 }, 'INVALID_EVENT'],
  ['a larger result than the environment allows', 'size', { size: 50 }, 'RESULT_TOO_LARGE'],
])('%s ends a request', async (_what, id, input, code) => {
  await send({ type: 'request', id, action: 'report', input });
  await runDispatcher();
  await runProcessor();
  expect(aws.frames().at(-1)).toMatchObject({ type: 'error', id, error: { code } });
  await runDispatcher();
});

test('a larger input than the environment allows is refused, for both kinds of action', async () => {
  const input = { text: 'x'.repeat(100) };
  for (const action of ['echo', 'report']) {
    const answer = await send({ type: 'request', id: `large-${action}`, action, input });
    expect(answer).toMatchObject({
      error: { code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('100 bytes'), details: { limit: 100 } },
    });
  }
});

test('a message comes back if its request may not start yet, and a message from elsewhere is dropped', async () => {
  const key = { requestKey: 'acme#alice#later' };
  await send({ type: 'request', id: 'later', action: 'report', input: {} });
  await store.write({ kind: 'update', table: 'requests', key, set: { notBefore: Date.now() + 30_000 } });
  aws.queue('work').send({ body: JSON.stringify(key) });
  aws.queue('work').send({ body: 'hello' });
  const { received, answer } = await runProcessor();

  const later = received.find(({ body }) => body.includes('later'));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: later?.messageId }] });
  expect(aws.queue('work').depth()).toMatchObject({ visible: 0, inFlight: 1 });
});

test('the sweeper sends lost requests again', async () => {
  await send({ type: 'request', id: 'lost', action: 'report', input: {} });
  const key = { requestKey: 'acme#alice#lost' };
  const { dueAt } = require('../../../lambda-src/core/keys');
  const past = dueAt(key.requestKey, Date.now() - 60_000);
  await store.write({ kind: 'update', table: 'requests', key, set: past });
  await sweeper();

  expect((await store.get('requests', key))?.dueAt).toBeGreaterThan(Date.now());
});

test('the dispatcher requests a record again that it could not handle', async () => {
  await send({ type: 'request', id: 'ended', action: 'report', input: {} });
  const stored = await store.get('requests', { requestKey: 'acme#alice#ended' });
  // A request that ended without an outcome. Its terminal entry cannot be written.
  const image = marshall({ ...stored, status: 'COMPLETED' });
  const record = (more: object) => ({
    eventName: 'MODIFY',
    dynamodb: { SequenceNumber: '7', NewImage: image, ...more },
  });
  const answer = await dispatcher({
    Records: [record({}), record({ NewImage: undefined }), record({ NewImage: { minute: { N: '1' } } })],
  } as never);

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
});

test('a disconnect removes the connection', async () => {
  expect(await router(event('$disconnect'))).toEqual({ statusCode: 200 });
  expect(await store.get('connections', { connectionId: 'c1' })).toBeUndefined();
});

test('the authorizer uses its environment variables, and refuses a handshake without a token', async () => {
  Object.assign(process.env, {
    [ENV.jwtIssuer]: 'https://issuer.example',
    [ENV.jwksUri]: 'https://issuer.example/jwks.json',
    [ENV.jwtAudience]: '["app"]',
    [ENV.tenantClaim]: 'org',
    [ENV.allowedOrigins]: '[]',
  });
  const { handler } = require('../../../lambda-src/functions/authorizer');

  await expect(handler({ methodArn: 'arn', headers: {} })).rejects.toThrow('Unauthorized');
  await expect(handler({ methodArn: 'arn', headers: { authorization: 'Bearer x.y.z' } })).rejects.toThrow(
    'Unauthorized',
  );
});

test('a cancelled handler that ignores its signal ends its process even if the processor fails at the end of the attempt', async () => {
  const { running } = await startHanging('damaged');
  await send({ type: 'cancel', id: 'damaged' });
  await store.write({ kind: 'update', table: 'requests', key: { requestKey: 'acme#alice#damaged' }, set: { user: 1 } });

  await expect(running).rejects.toThrow('the handler still runs');
  expect(exit).toHaveBeenCalledTimes(1);
  exit.mockClear();
});
