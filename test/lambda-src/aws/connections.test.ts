import type { ServerResponse } from 'node:http';
import { ManagementApi } from '../../../lambda-src/aws/connections';
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

test('a frame is posted unchanged to its connection at the stage', async () => {
  expect(await post((_, response) => void response.end())).toBe('sent');

  expect(server.received).toMatchObject([{ method: 'POST', body: FRAME }]);
  expect(decodeURIComponent(server.received[0].path)).toBe('/prod/@connections/L0SM9cOFvHcCIhw=');
  expect(server.received[0].headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/execute-api\/aws4_request/);
});

test('a frame is posted even if the environment requests FIPS and IPv6 endpoints, which an explicit endpoint excludes', async () => {
  Object.assign(process.env, { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' });
  try {
    expect(await post((_, response) => void response.end())).toBe('sent');
  } finally {
    delete process.env.AWS_USE_FIPS_ENDPOINT;
    delete process.env.AWS_USE_DUALSTACK_ENDPOINT;
  }
});

test('410: the connection is gone, and nothing is logged', async () => {
  expect(await post(refuse(410, 'GoneException'))).toBe('gone');
  expect(server.received).toHaveLength(1);
  expect(bench.lines).toEqual([]);
});

test('429: the connection is busy', async () => {
  expect(await post(refuse(429, 'LimitExceededException'))).toBe('busy');
  expect(bench.lines).toEqual([]);
});

test.each([
  [413, 'PayloadTooLargeException', 'refused'],
  [500, 'InternalServerError', 'busy'],
  [503, 'ServiceUnavailable', 'busy'],
])('%i: the frame is not sent and not posted again, and the log line does not contain it', async (status, type, result) => {
  expect(await post(refuse(status, type))).toBe(result);
  expect(server.received).toHaveLength(1);
  expect(bench.lines).toMatchObject([
    { level: 'warn', message: 'could not post', fields: { connectionId: 'L0SM9cOFvHcCIhw=' } },
  ]);
  expect(JSON.stringify(bench.lines)).not.toContain('pong');
});

test.each(['ForbiddenException', 'AccessDeniedException'])('403 %s: the remedy is logged once', async (type) => {
  server = new TestServer(refuse(403, type));
  const api = new ManagementApi(`${await server.listen()}/prod`, bench.log);
  const results = [await api.post('a', FRAME), await api.post('b', FRAME)];

  expect(results).toEqual(['refused', 'refused']);
  expect(bench.lines).toMatchObject([{ level: 'error' }]);
  expect(bench.lines[0]?.message).toMatch(/execute-api:ManageConnections.*private DNS.*NAT gateway.*custom domain/);
});

test('if a kept-alive socket was closed in the meantime, the frame is posted once more', async () => {
  let calls = 0;
  const answer = await post((_, response) => {
    if (++calls < 2) response.destroy();
    else response.end();
  });

  expect([answer, calls]).toEqual(['sent', 2]);
});

test('a gateway that cannot be reached: the frame is not sent, after two posts', async () => {
  expect(await post((_, response) => void response.destroy())).toBe('busy');
  expect(server.received).toHaveLength(2);
});

test('a post without an answer in time counts as busy, and is not repeated', async () => {
  const open: ServerResponse[] = [];
  expect(await post((_, response) => void open.push(response))).toBe('busy');
  expect(server.received).toHaveLength(1);
  expect(bench.lines).toMatchObject([
    {
      level: 'warn',
      message: expect.stringMatching(
        /^could not post in time: the API did not answer within 1500 ms\. Nothing is lost/,
      ),
    },
  ]);
  expect(bench.lines[0]?.fields).toEqual({ connectionId: 'L0SM9cOFvHcCIhw=' });
  for (const response of open) response.destroy();
});

test('if the thread was blocked during a post, the log line names that reason', async () => {
  const open: ServerResponse[] = [];
  const answer = await post((_, response) => {
    open.push(response);
    const end = performance.now() + 2_500;
    while (performance.now() < end);
  });

  expect(answer).toBe('busy');
  expect(bench.lines[0]?.message).toMatch(
    /^could not post in time: the thread was blocked for about \d{4} ms, usually by a handler/,
  );
  for (const response of open) response.destroy();
});
