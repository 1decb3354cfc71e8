import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsJsonError, serveAwsJson } from '../../../local/aws-json';

const lines: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  const operations = new Map<string, (fields: Readonly<Record<string, unknown>>) => unknown>([
    ['Echo', (fields) => fields],
    ['Nothing', () => undefined],
    ['Refuse', () => Promise.reject(new AwsJsonError('ResourceNotFoundException', 'There is none.'))],
    ['Break', () => Promise.reject(new Error('broken'))],
  ]);
  const log = ({ message }: { readonly message: string }) => void lines.push(message);
  const service = { name: 'tests', targetPrefix: 'Tests.', operations, log, newId: () => 'id-1' };
  server = createServer((req, res) => void serveAwsJson(service, req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

async function call(target: string | undefined, body: string) {
  const headers = target === undefined ? undefined : { 'x-amz-target': target };
  const response = await fetch(url, { method: 'POST', headers, body });
  const { status, headers: answered } = response;
  return {
    status,
    body: await response.json(),
    id: answered.get('x-amzn-requestid'),
    type: answered.get('content-type'),
  };
}

test('an operation gets the fields and answers with what it gives', async () => {
  expect(await call('Tests.Echo', '{"a": [1]}')).toEqual({
    status: 200,
    body: { a: [1] },
    id: 'id-1',
    type: 'application/x-amz-json-1.1',
  });
});

test('no body is no fields, and no answer an empty one', async () => {
  expect(await call('Tests.Echo', '')).toMatchObject({ status: 200, body: {} });
  expect(await call('Tests.Nothing', '{}')).toMatchObject({ status: 200, body: {} });
});

test.each([
  ['Tests.Refuse', '{}', 400, 'ResourceNotFoundException', 'There is none.'],
  ['Tests.Break', '{}', 500, 'InternalFailure', 'broken'],
  ['Tests.Echo', '[1]', 400, 'SerializationException', 'The request body is not a JSON object.'],
  ['Tests.Echo', '{"a"', 400, 'SerializationException', 'The request body is not a JSON object.'],
  ['Tests.Echo', `"${'x'.repeat(2 * 1_048_576)}"`, 413, 'RequestEntityTooLargeException', 'The request is too large.'],
])('%s with such a body is refused with %s %s', async (target, body, status, code, message) => {
  expect(await call(target, body)).toMatchObject({ status, body: { __type: code, message, Message: message } });
});

test.each([['Tests.Fly'], ['Others.Echo'], [undefined]])('%s is refused by name, and logged', async (target) => {
  lines.length = 0;
  const message = `tests (${target ?? 'POST'}) is not emulated by the local run`;
  expect(await call(target, '{}')).toMatchObject({ status: 501, body: { __type: 'NotImplementedException', message } });
  expect(lines).toEqual([message]);
});
