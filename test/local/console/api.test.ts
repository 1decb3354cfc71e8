import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadAt } from '../../../lambda-src/core/keys';
import { type Console, Recorder, startConsole } from '../../../local/console';
import type { Delta, RedriveView, RequestDetail, Snapshot } from '../../../local/console/types';
import { type DynamoDbEndpoint, startDynamoDb } from '../../../local/emulator/dynamodb';
import { Queue } from '../../../local/emulator/sqs';
import { systemClock } from '../../../local/emulator/types';
import type { ScheduleOutcome } from '../../../local/run/types';

/** A console with real tables and queues. Functions and gateways are fakes that answer as a test requires. */
const KEY = 'acme#ann#r-1';
const LOG = `${KEY}#e1`;
const ANN = { connectionId: 'c1=', connectedAt: 1, lastActiveAt: 2, authorizer: { user: 'ann', tenant: 'acme' } };

let dynamodb: DynamoDbEndpoint;
let console: Console;
let server: Server;
let origin: string;
let recorder: Recorder;
let deadLetters: Queue;
let pageDir: string;
const dropped: string[] = [];
const started: string[] = [];
let refused: ScheduleOutcome;

const queueSpec = { fifo: false, visibilityTimeoutMs: 1000, delayMs: 0, retentionMs: 60_000 };

beforeEach(async () => {
  dynamodb = await startDynamoDb();
  const requests = await dynamodb.createTable({
    tableName: 'requests',
    keySchema: [{ AttributeName: 'requestKey', KeyType: 'HASH' }],
    attributeDefinitions: [
      { AttributeName: 'requestKey', AttributeType: 'S' },
      { AttributeName: 'dueBucket', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    indexes: [
      {
        indexName: 'due',
        keySchema: [
          { AttributeName: 'dueBucket', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    streamViewType: 'NEW_IMAGE',
  });
  await dynamodb.createTable({
    tableName: 'events',
    keySchema: [
      { AttributeName: 'logKey', KeyType: 'HASH' },
      { AttributeName: 'offset', KeyType: 'RANGE' },
    ],
    attributeDefinitions: [
      { AttributeName: 'logKey', AttributeType: 'S' },
      { AttributeName: 'offset', AttributeType: 'N' },
    ],
  });
  recorder = new Recorder(systemClock, (text) => text);
  deadLetters = new Queue({ ...queueSpec, queueName: 'dead' }, { arn: 'arn:aws:sqs:r:a:dead', senderId: 'a' });
  pageDir = mkdtempSync(join(tmpdir(), 'console-page-'));
  for (const file of ['index.html', 'app.js', 'app.css']) writeFileSync(join(pageDir, file), `content of ${file}`);
  dropped.length = 0;
  started.length = 0;
  refused = {};
  console = startConsole({
    recorder,
    clock: systemClock,
    log: () => undefined,
    pageDir,
    credentials: { accessKeyId: 'console', secretAccessKey: 'secret' },
    dynamodbUrl: dynamodb.url,
    tables: [
      { tableName: 'requests', path: 'Stack/Requests', partitionKey: { name: 'requestKey', type: 'S' } },
      {
        tableName: 'events',
        path: 'Stack/Events',
        partitionKey: { name: 'logKey', type: 'S' },
        sortKey: { name: 'offset', type: 'N' },
      },
    ],
    schedules: {
      list: () => [{ name: 'report/nightly', action: 'report', expression: 'rate(1 day)', enabled: true, nextAt: 7 }],
      run: (name) => ({
        name,
        scheduledAt: started.push(name),
        outcome: async () => refused,
      }),
    },
    queues: [{ queue: deadLetters, name: 'Dead', action: 'report', deadLetters: true }],
    apis: [
      {
        api: 'shop',
        retentionSeconds: 60,
        requestsTable: 'requests',
        eventsTable: 'events',
        stream: dynamodb.stream(String(requests.streamArn)),
      },
    ],
    inputExample: async (action) => ({ input: { of: action } }),
    host: { environments: () => [{ functionName: 'f', pid: 1, busy: true, codeDir: '/code' }] },
    gateways: [
      { name: 'api/v1', gateway: { connections: () => [ANN], disconnect: (id: string) => dropped.push(id) } as never },
    ],
    run: { startedAt: 1, stacks: ['Stack'], gateways: [], functions: [{ functionName: 'f', name: 'F' }], warnings: [] },
  });
  server = createServer((req, res) => void console.handleRequest(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  console.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await dynamodb.close();
  deadLetters.close();
  rmSync(pageDir, { recursive: true, force: true });
});

async function put(TableName: string, Item: object): Promise<void> {
  const response = await fetch(dynamodb.url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 test', 'x-amz-target': 'DynamoDB_20120810.PutItem' },
    body: JSON.stringify({ TableName, Item }),
  });
  if (!response.ok) throw new Error(await response.text());
}

const S = (text: string) => ({ S: text });
const N = (number: number) => ({ N: String(number) });

function putRequest(change: object = {}): Promise<void> {
  return put('requests', {
    requestKey: S(KEY),
    id: S('r-1'),
    action: S('report'),
    tenant: S('acme'),
    user: S('ann'),
    epoch: S('e1'),
    status: S('RUNNING'),
    fence: N(1),
    attempt: N(1),
    maxAttempts: N(3),
    run: N(1),
    createdAt: N(1000),
    ...change,
  });
}

async function getJson(path: string): Promise<never> {
  return (await fetch(`${origin}${path}`)).json() as never;
}

/** Returns the events of a live connection, one at a time. */
async function live(): Promise<{ next(event: string): Promise<never>; end(): void }> {
  const abort = new AbortController();
  const response = await fetch(`${origin}/api/live`, { signal: abort.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const read = async (): Promise<[string, string]> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        return [String(event), String(data)];
      }
      const { value, done } = await reader.read();
      if (done) throw new Error('the live connection ended');
      text += decoder.decode(value, { stream: true });
    }
  };
  return {
    next: async (wanted) => {
      const [event, data] = await read();
      expect(event).toBe(wanted);
      return JSON.parse(data) as never;
    },
    end: () => abort.abort(),
  };
}

async function deltaWith<K extends keyof Delta>(page: { next(event: string): Promise<never> }, part: K) {
  for (;;) {
    const delta: Delta = await page.next('delta');
    if (delta[part] !== undefined) return delta[part];
  }
}

test('the page is served compressed, and may talk to its own origin only', async () => {
  const response = await fetch(`${origin}/`);
  expect(await response.text()).toBe('content of index.html');
  const policy = String(response.headers.get('content-security-policy'));
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain(`connect-src 'self' ${origin.replace('http', 'ws')}`);
  expect(policy).not.toContain('unsafe');
  expect((await fetch(`${origin}/app.js`)).headers.get('content-type')).toContain('javascript');
  expect((await fetch(`${origin}/../../package.json`)).status).toBe(404);
  for (const path of ['//', '///x', '//[']) expect((await fetch(`${origin}${path}`)).status).toBeLessThan(500);
});

test('a HEAD has the size of the compressed page and no body', async () => {
  const size = await new Promise<[number, number]>((resolve) => {
    httpRequest(`${origin}/app.css`, { method: 'HEAD' }, (res) => {
      let bytes = 0;
      res.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      res.on('end', () => resolve([Number(res.headers['content-length']), bytes]));
    }).end();
  });
  expect(size[0]).toBeGreaterThan(0);
  expect(size[1]).toBe(0);
});

test.each(['/', '/app.js', '/api/live', '/api/tables'])('%s is refused to other origins', async (path) => {
  const response = await fetch(`${origin}${path}`, { headers: { origin: 'https://evil.example' } });
  expect(response.status).toBe(403);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('a search finds requests by input, result, events, thrown errors and log lines', async () => {
  await putRequest({
    input: S('{"city":"Lisbon"}'),
    outcome: { M: { kind: S('error'), error: S('{"code":"NO_DATA"}') } },
  });
  await put('events', { logKey: S(LOG), offset: N(1), kind: S('event'), name: S('section'), data: S('"Summary"') });
  await put('events', { logKey: S('other#e1'), offset: N(1), kind: S('event'), name: S('x'), data: S('"Elsewhere"') });
  const thrown = { title: 'TypeError: rows is not iterable', place: 'run (handlers/report.ts:1:2)' };
  recorder.log({
    source: 'f',
    level: 'error',
    message: 'the handler failed',
    subject: { id: 'r-1', attempt: 1 },
    thrown,
  });
  recorder.log({ source: 'f', level: 'info', message: 'read 20000 rows', subject: { id: 'r-1' } });
  const page = await live();
  await page.next('snapshot');
  const search = (text: string) => getJson(`/api/search?text=${encodeURIComponent(text)}`);

  for (const text of ['lisbon', 'no_data', 'Summary', 'iterable report.ts', '20000', 'LISBON summary r-1']) {
    expect([text, await search(text)]).toEqual([text, { keys: [KEY] }]);
  }
  for (const text of ['Elsewhere', 'Lisbon Elsewhere', 'requestKey']) {
    expect([text, await search(text)]).toEqual([text, { keys: [] }]);
  }
  expect((await fetch(`${origin}/api/search`)).status).toBe(400);
  page.end();
});

test('an example of an input is requested by its action', async () => {
  expect(await getJson('/api/example?action=greet')).toEqual({ input: { of: 'greet' } });
  expect((await fetch(`${origin}/api/example`)).status).toBe(400);
});

test('the error of a request is loaded by its id, and changes its view', async () => {
  await putRequest();
  const page = await live();
  await page.next('snapshot');
  const thrown = { title: 'TypeError: no', place: 'run (a.ts:1:2)' };
  recorder.log({ source: 'f', level: 'error', message: 'm', subject: { id: 'r-1', attempt: 1 }, thrown });

  const failure = expect.objectContaining({ id: 'r-1', attempt: 1, ...thrown });
  expect(await deltaWith(page, 'requests')).toMatchObject({ changed: [{ key: KEY, failure }] });
  expect(await getJson('/api/failures?id=r-1')).toEqual({ failures: [failure] });
  expect(await getJson(`/api/request?key=${encodeURIComponent(KEY)}`)).toMatchObject({ failures: [failure] });
  page.end();
});

test('the history of attempts and a dead letter are part of a request', async () => {
  const page = await live();
  await page.next('snapshot');
  const text = { code: S('HANDLER_ERROR'), message: S('The handler failed.') };
  const lost = {
    run: N(1),
    attempt: N(1),
    startedAt: N(1_000),
    endedAt: N(1_500),
    error: { M: text },
    cause: S('Error: x'),
  };
  await putRequest({
    status: S('FAILED'),
    attempts: { L: [{ M: lost }] },
    outcome: {
      M: {
        kind: S('error'),
        error: S('{"code":"HANDLER_ERROR","message":"The handler failed."}'),
        deadLetter: { BOOL: true },
      },
    },
  });

  const error = { code: 'HANDLER_ERROR', message: 'The handler failed.' };
  expect(await deltaWith(page, 'requests')).toMatchObject({ changed: [{ key: KEY, isDead: true }] });
  page.end();
  const detail: RequestDetail = await getJson(`/api/request?key=${encodeURIComponent(KEY)}`);
  expect(detail.attempts).toEqual([{ run: 1, attempt: 1, startedAt: 1_000, endedAt: 1_500, error, cause: 'Error: x' }]);
});

test('a request that failed is redriven and then cancelled; a change that its status does not allow is refused', async () => {
  const change = (verb: string, key = KEY) =>
    fetch(`${origin}/api/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
  const page = await live();
  await page.next('snapshot');
  const error = { M: { kind: S('error'), error: S('{"code":"ODD","message":"Odd.","retryable":false}') } };
  const stored = {
    ...{ ref: S('ref'), pendingSince: N(1), inputHash: S('h'), tenantShard: S('acme#1'), userKey: S('acme#ann') },
    expiresAt: N(Math.floor(Date.now() / 1000) + 600),
  };
  await putRequest({ ...stored, status: S('FAILED'), outcome: error });
  await deltaWith(page, 'requests');

  expect(await (await change('redrive')).json()).toEqual({ run: 2, status: 'PENDING' });
  expect(await deltaWith(page, 'requests')).toMatchObject({ changed: [{ status: 'PENDING', run: 2, attempt: 0 }] });
  page.end();
  expect(await getJson(`/api/request?key=${encodeURIComponent(KEY)}`)).toMatchObject({
    entries: [{ name: 'end', run: 1 }],
  });
  const again = await change('redrive');
  expect([again.status, (await again.json()).message]).toEqual([409, expect.stringContaining('r-1 is PENDING')]);
  expect((await change('redrive', 'none')).status).toBe(404);
  expect(await (await change('cancel')).json()).toEqual({ run: 2, status: 'CANCELLED' });
  expect((await change('cancel')).status).toBe(409);
});

test('a page gets the complete state, then the changes', async () => {
  await putRequest();
  recorder.log({ source: 'run', level: 'info', message: 'before' });
  const page = await live();
  const snapshot: Snapshot = await page.next('snapshot');
  expect(snapshot.requests).toMatchObject([{ key: KEY, status: 'RUNNING', attempt: 1 }]);
  expect(snapshot.connections).toMatchObject([{ connectionId: 'c1=', user: 'ann', gateway: 'api/v1' }]);
  expect(snapshot.functions).toMatchObject([{ name: 'F', environments: 1, busy: 1, invocations: 0 }]);
  expect(snapshot.queues).toMatchObject([{ name: 'Dead', visible: 0 }]);
  expect(snapshot.logs.map(({ message }) => message)).toEqual(['before']);

  recorder.log({ source: 'run', level: 'info', message: 'after' });
  expect(await deltaWith(page, 'logs')).toMatchObject([{ message: 'after' }]);
  await put('events', { logKey: S(LOG), offset: N(-1), fence: N(1), seq: N(3), percentage: N(40), message: S('half') });
  expect(await deltaWith(page, 'requests')).toMatchObject({
    changed: [{ key: KEY, progress: { percentage: 40, message: 'half' } }],
  });
  deadLetters.send({ body: '{}' });
  expect(await deltaWith(page, 'queues')).toMatchObject([{ visible: 1 }]);
  recorder.invoked('f', { durationMs: 12, errorType: 'Error' });
  expect(await deltaWith(page, 'functions')).toMatchObject([{ invocations: 1, errors: 1, p50: 12 }]);
  page.end();
});

test('two pages get the same data', async () => {
  const first = await live();
  await first.next('snapshot');
  recorder.log({ source: 'run', level: 'info', message: 'one' });
  const second = await live();
  const snapshot: Snapshot = await second.next('snapshot');
  expect(snapshot.logs.map(({ message }) => message)).toEqual(['one']);
  expect(await deltaWith(first, 'logs')).toMatchObject([{ message: 'one' }]);
  recorder.log({ source: 'run', level: 'info', message: 'two' });
  expect(await deltaWith(first, 'logs')).toMatchObject([{ message: 'two' }]);
  expect(await deltaWith(second, 'logs')).toMatchObject([{ message: 'two' }]);
  first.end();
  second.end();
});

test('the details of a request contain its input, log, frames and dead letter', async () => {
  const observer = recorder.frames.observer('api/v1');
  observer.onFrame(ANN, 'in', '{"type":"request","id":"r-1","action":"report"}');
  observer.onFrame(ANN, 'out', '{"type":"event","id":"r-1","offset":1}');
  await put('events', { logKey: S(LOG), offset: N(-2), body: S('{"month":5}') });
  await put('events', {
    logKey: S(LOG),
    offset: N(0),
    run: N(1),
    attempt: N(1),
    kind: S('event'),
    name: S('$attempt'),
  });
  const step = { name: S('step'), data: S('{"n":1}') };
  await put('events', { logKey: S(LOG), offset: N(1), run: N(1), attempt: N(1), kind: S('event'), ...step });
  await put('events', { logKey: S(LOG), offset: N(-1001), body: S('{"pages":9}') });
  const snapshot = { at: N(2), run: N(1), attempt: N(1), fence: N(1), data: S('{"pages":4}') };
  await put('events', { logKey: S(LOG), offset: N(-4), ...snapshot });
  deadLetters.send({ body: JSON.stringify({ requestKey: KEY }) });
  await putRequest({ status: S('COMPLETED'), outcome: { M: { kind: S('result'), bodyAt: N(-1001) } } });

  const detail = await getJson(`/api/request?key=${encodeURIComponent(KEY)}`);
  expect(detail).toMatchObject({
    request: { key: KEY, status: 'COMPLETED', progress: { percentage: 100 } },
    input: { month: 5 },
    result: { pages: 9 },
    entries: [
      { offset: 0, name: '$attempt' },
      { offset: 1, name: 'step', data: { n: 1 }, sentAt: expect.any(Number) },
    ],
    skipped: 0,
    snapshot: { offset: 2, run: 1, attempt: 1, data: { pages: 4 } },
    frames: [
      { direction: 'in', type: 'request' },
      { direction: 'out', type: 'event', offset: 1 },
    ],
    deadLetter: { queue: 'dead', receiveCount: 0 },
  });
  expect((await fetch(`${origin}/api/request?key=unknown`)).status).toBe(404);
});

test('the items of a table are read page by page, also those of one partition', async () => {
  for (let i = 0; i < 60; i++) await put('events', { logKey: S(`log-${i % 2}`), offset: N(i), n: N(i) });
  expect(await getJson('/api/tables')).toMatchObject([
    { tableName: 'requests', items: 0 },
    { tableName: 'events', partitionKey: 'logKey', sortKey: 'offset', items: 60 },
  ]);
  const first: { items: { n: number }[]; next: string } = await getJson('/api/items?table=events');
  const second: typeof first = await getJson(`/api/items?table=events&after=${first.next}`);
  expect(second.next).toBeUndefined();
  const numbers = [...first.items, ...second.items].map(({ n }) => n);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  const one: typeof first = await getJson('/api/items?table=events&partition=log-1');
  expect(one.items.map(({ n }) => n)).toEqual(Array.from({ length: 30 }, (_, i) => 2 * i + 1));
  expect((await fetch(`${origin}/api/items?table=other`)).status).toBe(404);
  expect((await fetch(`${origin}/api/items`)).status).toBe(400);
  for (const after of ['{', 'null', '{}', '{"logKey":{"X":"1"}}'].map((text) =>
    Buffer.from(text).toString('base64url'),
  ))
    expect([after, (await fetch(`${origin}/api/items?table=events&after=${after}`)).status]).toEqual([after, 400]);
  expect((await fetch(`${origin}/api/items?table=events&after=%7B`)).status).toBe(400);
});

test('the messages of a queue are read without receiving them, and the frames of a connection by its id', async () => {
  deadLetters.send({ body: JSON.stringify({ requestKey: KEY }) });
  deadLetters.send({ body: 'no JSON' });
  const messages = await getJson(`/api/messages?queue=${deadLetters.arn}`);
  expect(messages).toMatchObject([{ state: 'ready', receiveCount: 0, requestKey: KEY }, { body: 'no JSON' }]);
  expect(deadLetters.depth().visible).toBe(2);
  recorder.frames.observer('api/v1').onFrame(ANN, 'in', '{"type":"ping"}');
  expect(await getJson('/api/frames?connection=c1%3D')).toMatchObject([{ type: 'ping', text: '{"type":"ping"}' }]);
});

test('a connection is ended only by JSON that names an open one', async () => {
  const post = async (body: string, type = 'application/json') =>
    (await fetch(`${origin}/api/disconnect`, { method: 'POST', headers: { 'content-type': type }, body })).status;
  expect(await post('{"connectionId":"c1="}', 'text/plain')).toBe(415);
  expect(await post('[')).toBe(400);
  expect(await post('{"connectionId":"gone"}')).toBe(404);
  expect(dropped).toEqual([]);
  expect(await post('{"connectionId":"c1="}')).toBe(200);
  expect(dropped).toEqual(['c1=']);
});

test('a schedule runs only if the body is JSON that names a schedule of the list', async () => {
  const post = async (body: string, type = 'application/json') => {
    const headers = { 'content-type': type };
    const response = await fetch(`${origin}/api/run-schedule`, { method: 'POST', headers, body });
    return [response.status, ((await response.json()) as { scheduledAt?: number }).scheduledAt];
  };
  expect(await getJson('/api/schedules')).toEqual({
    schedules: [{ name: 'report/nightly', action: 'report', expression: 'rate(1 day)', enabled: true, nextAt: 7 }],
  });
  expect(await post('{"name":"report/nightly"}', 'text/plain')).toEqual([415, undefined]);
  expect(await post('{"name":"nightly"}')).toEqual([404, undefined]);
  expect(started).toEqual([]);
  expect(await post('{"name":"report/nightly"}')).toEqual([200, 1]);
  expect(started).toEqual(['report/nightly']);
});

test('a run of a schedule that submits no request is an error with the code of the refusal', async () => {
  refused = { error: { code: 'INVALID_INPUT', message: 'kind must be a string' } };
  const response = await fetch(`${origin}/api/run-schedule`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"report/nightly"}',
  });
  expect([response.status, await response.json()]).toEqual([409, { message: 'INVALID_INPUT: kind must be a string' }]);
});

describe('a redrive of all dead letters', () => {
  const ENDED = 5_000;

  function putDead(id: string, tenant = 'acme', endedAt = ENDED): Promise<void> {
    const key = `${tenant}#ann#${id}`;
    const { dueBucket, dueAt } = deadAt(key, endedAt);
    return putRequest({
      ...{ requestKey: S(key), id: S(id), tenant: S(tenant), status: S('FAILED'), epoch: S(id) },
      ...{
        ref: S(id),
        pendingSince: N(1),
        inputHash: S('h'),
        tenantShard: S(`${tenant}#1`),
        userKey: S(`${tenant}#ann`),
      },
      ...{ expiresAt: N(Math.floor(Date.now() / 1000) + 600), endedAt: N(endedAt) },
      ...{ dueBucket: S(String(dueBucket)), dueAt: N(Number(dueAt)) },
      outcome: { M: { kind: S('error'), error: S('{"code":"ODD","message":"Odd."}'), deadLetter: { BOOL: true } } },
    });
  }

  const post = (path: string, body: object | string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const redriveAll = (body: object) => post('redrive-all', body).then((response) => response.json());

  async function redriveThat(page: { next(event: string): Promise<never> }, holds: (view: RedriveView) => boolean) {
    for (;;) {
      const view = await deltaWith(page, 'redrive');
      if (view && holds(view)) return view;
    }
  }

  test('dead letters are counted by action, tenant and age without a change, and are then redriven by the same filter', async () => {
    const page = await live();
    const snapshot: Snapshot = await page.next('snapshot');
    expect(snapshot.redrive).toBeUndefined();
    for (const id of ['d-1', 'd-2']) await putDead(id);
    await putDead('old', 'acme', 1_000);
    await putDead('other', 'globex');

    expect(await redriveAll({ dryRun: true })).toMatchObject({ count: 4 });
    expect(await redriveAll({ dryRun: true, action: 'bake' })).toMatchObject({ count: 0, requests: [] });
    const counted = await redriveAll({ dryRun: true, action: 'report', tenant: 'acme', from: 2_000 });
    expect(counted).toMatchObject({ count: 2, filter: { action: 'report', tenant: 'acme', from: 2_000 } });
    expect(counted.filter.to).toBeGreaterThan(ENDED);
    expect(counted.requests.map(({ id }: { id: string }) => id).sort()).toEqual(['d-1', 'd-2']);

    await putDead('later', 'acme', counted.filter.to + 1);
    const begun = await redriveAll({ dryRun: false, ...counted.filter });
    expect(begun).toMatchObject({ id: expect.any(String), filter: counted.filter, redriven: 0, problems: [] });
    const end = await redriveThat(page, ({ endedAt }) => endedAt !== undefined);
    expect(end).toMatchObject({ id: begun.id, redriven: 2, skipped: 0, failed: 0, stopped: false });
    // the two that the filter does not select, and the one that ended after the count
    expect(await redriveAll({ dryRun: true })).toMatchObject({ count: 3 });
    expect(await getJson('/api/request?key=acme%23ann%23d-1')).toMatchObject({
      request: { run: 2, status: 'PENDING' },
    });
    page.end();
    const reloaded = await live();
    expect(((await reloaded.next('snapshot')) as Snapshot).redrive).toEqual(end);
    reloaded.end();
  });

  test.each([
    [{}, '`dryRun` must be true or false, got: nothing'],
    [{ dryRun: 'yes' }, '`dryRun` must be true or false, got: "yes"'],
    [{ dryRun: true, action: 5 }, '`action` must be a string that is not empty, got: 5'],
    [{ dryRun: true, tenant: '' }, '`tenant` must be a string that is not empty, got: ""'],
    [{ dryRun: true, from: '1h' }, '`from` must be a time in milliseconds since the epoch, got: "1h"'],
    [{ dryRun: true, to: -1 }, '`to` must be a time in milliseconds since the epoch, got: -1'],
    [{ dryRun: true, from: 2, to: 1 }, '`from` must not be later than `to`, got: 2 and 1'],
    [{ dryRun: false, user: 'ann' }, 'the body must have only dryRun, action, tenant, from, to, got: user'],
  ])('the body %j is refused with a reason, and nothing is redriven', async (body, message) => {
    const response = await post('redrive-all', body);
    expect([response.status, (await response.json()).message]).toEqual([400, message]);
    expect((await post('redrive-all', { dryRun: true }).then((counted) => counted.json())).count).toBe(0);
  });

  test('only JSON by POST from the own page starts or stops a redrive', async () => {
    await putDead('d-1');
    for (const path of ['redrive-all', 'stop-redrive']) {
      expect((await fetch(`${origin}/api/${path}`)).status).toBe(404);
      expect((await post(path, '[')).status).toBe(400);
      expect((await post(path, { dryRun: false }, { 'content-type': 'text/plain' })).status).toBe(415);
      expect((await post(path, { dryRun: false }, { origin: 'https://evil.example' })).status).toBe(403);
    }
    const stop = await post('stop-redrive', { id: 'none' });
    expect([stop.status, (await stop.json()).message]).toEqual([404, 'no redrive with this id is running']);
    expect(await redriveAll({ dryRun: true })).toMatchObject({ count: 1 });
  });
});
