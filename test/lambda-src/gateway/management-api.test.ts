import type { ServerResponse } from 'node:http';
import { ManagementApi } from '../../../lambda-src/gateway/management-api';
import { Bench } from '../support/bench';
import { type Received, TestServer } from '../support/servers';

const FRAME = '{"type":"pong","text":"é"}';
let server: TestServer;
let bench: Bench;

beforeEach(() => {
  bench = new Bench();
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
});
afterEach(() => server.close());

async function post(answer: (received: Received, response: ServerResponse) => void) {
  server = new TestServer(answer);
  const api = new ManagementApi(`${await server.listen()}/prod`, bench.log);
  return api.post('L0SM9cOFvHcCIhw=', FRAME);
}
const refuse = (status: number, type: string) => (_: Received, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
  response.end('{"message":"no"}');
};

test('a frame is posted as it is to its connection at the stage', async () => {
  expect(await post((_, response) => void response.end())).toBe('sent');

  expect(server.received).toMatchObject([{ method: 'POST', body: FRAME }]);
  expect(decodeURIComponent(server.received[0].path)).toBe('/prod/@connections/L0SM9cOFvHcCIhw=');
  expect(server.received[0].headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/execute-api\/aws4_request/);
});

test('410: the connection is gone, and nobody is bothered with it', async () => {
  expect(await post(refuse(410, 'GoneException'))).toBe('gone');
  expect(server.received).toHaveLength(1);
  expect(bench.lines).toEqual([]);
});

test('429: it is busy', async () => {
  expect(await post(refuse(429, 'LimitExceededException'))).toBe('busy');
  expect(bench.lines).toEqual([]);
});

test.each([
  [403, 'ForbiddenException'],
  [413, 'PayloadTooLargeException'],
  [500, 'InternalServerError'],
])('%i: the frame is not sent, which is logged without the frame', async (status, type) => {
  expect(await post(refuse(status, type))).toBe('busy');
  expect(bench.lines).toMatchObject([
    { level: 'warn', message: 'could not post', fields: { connectionId: 'L0SM9cOFvHcCIhw=' } },
  ]);
  expect(JSON.stringify(bench.lines)).not.toContain('pong');
});

test('a connection that is cut is tried again by the SDK', async () => {
  let calls = 0;
  const answer = await post((_, response) => {
    if (++calls < 3) response.destroy();
    else response.end();
  });

  expect([answer, calls]).toEqual(['sent', 3]);
});

test('a gateway that is out of reach: the frame is not sent', async () => {
  expect(await post((_, response) => void response.destroy())).toBe('busy');
});
