import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { LambdaFunctions } from '../../../lambda-src/aws/lambda-invoke';
import { type Received, TestServer } from '../support/servers';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:quote:live';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };

let server: TestServer;
let environment: Record<string, string>;
let functions: LambdaFunctions;
let answer: (received: Received, response: ServerResponse, count: number) => void;

beforeEach(async () => {
  answer = (_, response) => response.end('{"price":5}');
  server = new TestServer((...all) => answer(...all));
  environment = { ...CREDENTIALS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_LAMBDA: await server.listen() };
  functions = new LambdaFunctions(environment);
});
afterEach(() => server.close());

const invoke = (signal = new AbortController().signal) => functions.invoke(ARN, '{"action":"quote"}', signal);

test('a call is a signed POST for the function in its own region', async () => {
  expect(await invoke()).toEqual({ kind: 'returned', body: '{"price":5}' });
  const [{ method, path, headers, body }] = server.received;
  expect({ method, path, body }).toEqual({
    method: 'POST',
    path: `/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
    body: '{"action":"quote"}',
  });
  expect(headers['x-amz-security-token']).toBe('session');
  expect(headers.authorization).toBe(authorizationOf(server.received[0], 'eu-west-1'));
});

test('the trace continues, without the lineage by which Lambda detects loops', async () => {
  const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1';
  const traced = new LambdaFunctions({ ...environment, _X_AMZN_TRACE_ID: trace });
  await traced.invoke(ARN, '{}', new AbortController().signal);
  expect(server.received[0].headers['x-amzn-trace-id']).toBe(trace.replace(';Lineage=a87bd80c:1', ''));
});

test.each([
  ['{"errorType":"KeyError","errorMessage":"x"}', { errorType: 'KeyError', errorMessage: 'x' }],
  ['out of memory', { errorMessage: 'out of memory' }],
])('an error of the function is distinguished from its result: %s', async (body, error) => {
  answer = (_, response) => response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' }).end(body);
  expect(await invoke()).toEqual({ kind: 'failed', error });
});

test('a throttle because of concurrent executions is distinguished from other refusals', async () => {
  answer = (_, response, count) => response.writeHead(count === 1 ? 429 : 503, { 'x-amzn-ErrorType': 'Busy' }).end();
  expect(await invoke()).toEqual({ kind: 'throttled' });
  expect(await invoke()).toMatchObject({ kind: 'unreachable', cause: { message: 'Lambda answered 503: Busy' } });
});

test.each([
  [404, 'ResourceNotFoundException:http://internal.amazonaws.com/', '{"Message":"Function not found"}', undefined],
  [403, 'AccessDeniedException', '{"Message":"not authorized"}', undefined],
  [502, 'InvalidRuntimeException', '{"Message":"python3 was not found"}', 'python3 was not found'],
  [502, 'InvalidRuntimeException', '<html>', 'its runtime is not supported'],
])('a refusal by %s %s means that the function did not run', async (status, type, body, runtime) => {
  answer = (_, response) => response.writeHead(status, { 'x-amzn-ErrorType': type }).end(body);
  expect(await invoke()).toEqual({ kind: 'refused', cause: new Error(`Lambda answered ${status}: ${type}`), runtime });
});

test('a call whose connection ends without an answer is not repeated, because the function may have run', async () => {
  answer = (_, response) => response.destroy();
  expect(await invoke()).toMatchObject({ kind: 'unreachable' });
  expect(server.received).toHaveLength(1);
});

test('a kept connection that was closed in the meantime is replaced by a new one', async () => {
  const sockets: Socket[] = [];
  answer = (_, response) => {
    sockets.push(response.socket as Socket);
    // The second call uses the first call's connection. That connection is reset, as if it had been closed before.
    if (sockets.length === 2) return void response.socket?.resetAndDestroy();
    response.end('1');
  };
  await invoke();
  expect(await invoke()).toEqual({ kind: 'returned', body: '1' });
  expect([sockets[1] === sockets[0], sockets[2] === sockets[0]]).toEqual([true, false]);
});

test('a signal ends the call with its reason', async () => {
  const stop = new AbortController();
  answer = () => stop.abort(new Error('over'));
  await expect(invoke(stop.signal)).rejects.toThrow('over');
  await expect(invoke(stop.signal)).rejects.toThrow('over');
  expect(server.received).toHaveLength(1);
});

/** Signature version 4, implemented a second time from its specification. */
function authorizationOf({ method, path, headers, body }: Received, region: string): string {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonicalPath = path.split('/').map(encodeURIComponent).join('/');
  const request = [method, canonicalPath, '', canonicalHeaders.join(''), signed, sha(body)].join('\n');
  const time = headers['x-amz-date'] as string;
  const scope = `${time.slice(0, 8)}/${region}/lambda/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, 'AWS4secret');
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha(request)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}
