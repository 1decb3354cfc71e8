import {
  AwsJsonError,
  awsJsonService,
  type Fields,
  type ServedService,
  serveAlone,
} from '../../../../local/emulator/http';
import type { LogEvent } from '../../../../local/emulator/types';

/** Tests the protocol with requests that SDKs do not send. */
const log: LogEvent[] = [];
const operations = new Map<string, (fields: Fields) => unknown>([
  ['Echo', (fields) => fields],
  ['Nothing', () => undefined],
  [
    'Refuse',
    () => {
      throw new AwsJsonError('LimitExceeded', 'too much', 429);
    },
  ],
  ['Break', () => Promise.reject(new Error('broken'))],
]);
let server: ServedService;

beforeAll(async () => {
  const sink = (event: LogEvent) => void log.push(event);
  const service = awsJsonService({ name: 'thing', version: '1.1', targetPrefix: 'Thing.', operations, log: sink });
  server = await serveAlone(service, { newId: () => 'id', log: sink });
});

afterAll(() => server.close());

async function call(target: string | undefined, body = '{}') {
  const authorization = 'AWS4-HMAC-SHA256 any';
  const headers = { authorization, ...(target !== undefined && { 'x-amz-target': target }) };
  const response = await fetch(server.url, { method: 'POST', headers, body });
  return { status: response.status, requestId: response.headers.get('x-amzn-requestid'), body: await response.json() };
}

test('an operation answers with its result, or with an empty object if it has none', async () => {
  expect(await call('Thing.Echo', '{"a":["é"]}')).toEqual({ status: 200, requestId: 'id', body: { a: ['é'] } });
  expect(await call('Thing.Nothing', '')).toMatchObject({ status: 200, body: {} });
});

test('a refusal has its name, text and status; any other failure is reported in the log only', async () => {
  expect(await call('Thing.Refuse')).toMatchObject({
    status: 429,
    body: { __type: 'LimitExceeded', message: 'too much' },
  });
  expect(await call('Thing.Break')).toMatchObject({
    status: 500,
    body: { __type: 'InternalFailure', message: 'Internal failure.' },
  });
  expect(log.at(-1)).toMatchObject({
    source: 'thing',
    level: 'error',
    message: 'thing:Break failed',
    detail: expect.stringContaining('broken') as string,
  });
});

test.each([
  ['another operation', 'Thing.Other', 'thing (Thing.Other) is not emulated by the local run'],
  ['another service', 'Other.Echo', 'thing (Other.Echo) is not emulated by the local run'],
  ['no target', undefined, 'thing (POST) is not emulated by the local run'],
])('%s is refused and named', async (_, target, message) => {
  expect(await call(target)).toMatchObject({ status: 501, body: { __type: 'NotImplementedException', message } });
  expect(log.map((event) => event.message)).toContain(message);
});

test.each(['[]', 'null', '1', '{'])('a body that is not an object (%p) is refused', async (body) => {
  expect(await call('Thing.Echo', body)).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
});

test('a body above 2 MB is refused', async () => {
  const body = JSON.stringify({ a: 'x'.repeat(2 * 1_048_576) });
  expect(await call('Thing.Echo', body)).toMatchObject({ status: 413 });
});
