import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsJsonError, type Fields, serveAwsJson } from '../../../../local/emulator/http/aws-json';
import type { LogEvent } from '../../../../local/emulator/types';

/** The protocol by itself, with requests that no SDK would make. */
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
let server: Server;

beforeAll(async () => {
  const service = {
    name: 'thing',
    targetPrefix: 'Thing.',
    operations,
    log: (e: LogEvent) => log.push(e),
    newId: () => 'id',
  };
  server = createServer((req, res) => void serveAwsJson(service, req, res));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function call(target: string | undefined, body = '{}') {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers: Record<string, string> = target === undefined ? {} : { 'x-amz-target': target };
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, requestId: response.headers.get('x-amzn-requestid'), body: await response.json() };
}

test('an operation answers with what it gives, and with an empty object otherwise', async () => {
  expect(await call('Thing.Echo', '{"a":["é"]}')).toEqual({ status: 200, requestId: 'id', body: { a: ['é'] } });
  expect(await call('Thing.Nothing', '')).toMatchObject({ status: 200, body: {} });
});

test('a refusal has its name, text and status; any other failure is the service’s', async () => {
  expect(await call('Thing.Refuse')).toMatchObject({
    status: 429,
    body: { __type: 'LimitExceeded', message: 'too much' },
  });
  expect(await call('Thing.Break')).toMatchObject({
    status: 500,
    body: { __type: 'InternalFailure', message: 'broken' },
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

test.each(['[]', 'null', '1', '{'])('a body that is no object (%p) is refused', async (body) => {
  expect(await call('Thing.Echo', body)).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
});

test('a body above 2 MB is refused', async () => {
  const body = JSON.stringify({ a: 'x'.repeat(2 * 1_048_576) });
  expect(await call('Thing.Echo', body)).toMatchObject({ status: 413 });
});
