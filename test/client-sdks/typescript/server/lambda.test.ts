import { invocationError } from '../../../../client-sdks/typescript/src/server/failures';
import { invokeWith } from '../../../../client-sdks/typescript/src/server/lambda';
import { TestServer } from '../../../lambda-src/support/servers';

/** Tests the SDK's own client with a server that answers as Lambda's API does. */

const ENVIRONMENT = { ...process.env };
const ARN = 'arn:aws:lambda:eu-west-3:123456789012:function:submit';

let server: TestServer;
let answer: { status: number; headers?: Record<string, string>; body: string };

beforeEach(async () => {
  answer = { status: 200, body: '{"ok":true}' };
  server = new TestServer((_, response) => void response.writeHead(answer.status, answer.headers).end(answer.body));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: await server.listen(),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterEach(async () => {
  process.env = { ...ENVIRONMENT };
  await server.close();
});

test('the event is sent, and the answer is returned as a string', async () => {
  await expect(invokeWith(undefined, 'submit')('{"type":"status"}')).resolves.toEqual({
    payload: '{"ok":true}',
    failed: false,
  });
  expect(server.received).toMatchObject([
    { method: 'POST', path: '/2015-03-31/functions/submit/invocations', body: '{"type":"status"}' },
  ]);
});

test('the region is that of the ARN, otherwise that of the environment', async () => {
  await invokeWith(undefined, ARN)('{}');
  await invokeWith(undefined, 'submit')('{}');

  expect(
    server.received.map(({ headers }) => /\/([a-z0-9-]+)\/lambda\//.exec(String(headers.authorization))?.[1]),
  ).toEqual(['eu-west-3', 'us-east-1']);
});

test('a function that failed is distinguished from one that answered', async () => {
  answer = { status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorMessage":"x"}' };

  await expect(invokeWith(undefined, 'submit')('{}')).resolves.toMatchObject({ failed: true });
});

test.each([
  ['TooManyRequestsException', 429, 'RATE_LIMITED', true],
  ['ServiceException', 500, 'UNAVAILABLE', true],
  ['AccessDeniedException', 403, 'FORBIDDEN', false],
  ['ResourceNotFoundException', 404, 'CONNECT_FAILED', false],
])("%s is thrown at once under the SDK's name: %d", async (name, status, code, retryable) => {
  answer = { status, headers: { 'X-Amzn-ErrorType': name }, body: '{"Message":"no"}' };
  const thrown = await invokeWith(undefined, 'submit')('{}').catch((error) => error);

  expect(invocationError(thrown)).toMatchObject({ code, retryable, cause: thrown });
  expect(server.received).toHaveLength(1);
});

test('a server that cannot be reached causes an error', async () => {
  await server.close();
  const thrown = await invokeWith(undefined, 'submit')('{}').catch((error) => error);

  expect(invocationError(thrown)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
});

test('a client that the caller passes is used unchanged', async () => {
  const send = jest.fn(async () => ({ Payload: new TextEncoder().encode('1') }));
  await expect(invokeWith({ send }, ARN)('{}')).resolves.toEqual({ payload: '1', failed: false });

  expect(send).toHaveBeenCalledTimes(1);
  expect(server.received).toEqual([]);
});
