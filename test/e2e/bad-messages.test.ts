import type WebSocket from 'ws';
import { type E2eRun, startE2e } from './run';

/**
 * Rule 7 of "What must always hold" in docs/architecture.md: bad input gets an error with a code. It crashes nothing and closes no working
 * connection.
 */
let e2e: E2eRun;
let bystander: Promise<unknown>;
beforeAll(async () => {
  e2e = await startE2e();
  // this request runs during all tests of the file, and none of them may disturb it
  bystander = e2e.client().request('steps', { steps: 40, stepMs: 100 });
});
afterAll(() => e2e?.close());

async function open(token?: string): Promise<WebSocket> {
  const socket = e2e.socket(token ?? (await e2e.token()));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_, response) => reject(new Error(`refused with ${response.statusCode}`)));
  });
  return socket;
}

const nextFrame = (socket: WebSocket): Promise<{ type: string; error: { code: string; message: string } }> =>
  new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));

const request = (fields: object) =>
  JSON.stringify({ type: 'request', id: 'r1', action: 'echo', input: { text: 'x' }, ...fields });
const nested = (depth: number) =>
  `{"type":"request","id":"r1","action":"echo","input":${'['.repeat(depth)}${']'.repeat(depth)}}`;

const MESSAGES: [what: string, frame: string, code: string][] = [
  ['broken JSON', '{"type":"ping"', 'INVALID_JSON'],
  ['nothing', '', 'INVALID_JSON'],
  ['an array', '[]', 'INVALID_MESSAGE'],
  ['null', 'null', 'INVALID_MESSAGE'],
  ['an unknown type', '{"type":"shout"}', 'UNKNOWN_TYPE'],
  ['a type that every object has', '{"type":"toString"}', 'UNKNOWN_TYPE'],
  ['no type', '{"id":"r1"}', 'INVALID_MESSAGE'],
  ['a type that is not a string', '{"type":7}', 'INVALID_MESSAGE'],
  ['an unknown action', request({ action: 'constructor' }), 'UNKNOWN_ACTION'],
  ['an action that is not a string', request({ action: 5 }), 'INVALID_MESSAGE'],
  ['an id with a space', request({ id: 'a b' }), 'INVALID_MESSAGE'],
  ['an id that is too long', request({ id: 'x'.repeat(65) }), 'INVALID_MESSAGE'],
  ['an input of the wrong type', request({ input: { text: 5 } }), 'INVALID_INPUT'],
  ['no input where one is needed', request({ input: undefined }), 'INVALID_INPUT'],
  ['JSON that is too deep', nested(40), 'TOO_DEEP'],
  ['JSON that is far too deep', nested(12_000), 'TOO_DEEP'],
  [
    'a key __proto__',
    '{"type":"request","id":"r1","action":"echo","input":{"__proto__":{"admin":true}}}',
    'FORBIDDEN_KEY',
  ],
  ['an unknown version', request({ v: 9 }), 'UNSUPPORTED_VERSION'],
  ['a negative offset', '{"type":"attach","id":"r1","offset":-1}', 'INVALID_MESSAGE'],
  ['the id of a request that does not exist', '{"type":"attach","id":"nobody","offset":0}', 'NOT_FOUND'],
  ['the cancellation of a request that does not exist', '{"type":"cancel","id":"nobody"}', 'NOT_FOUND'],
  ['a message that is specified but not served yet', '{"type":"auth.refresh","token":"x"}', 'UNSUPPORTED_TYPE'],
];

test.each(MESSAGES)('%s is answered with a code, and the connection stays open', async (_, frame, code) => {
  const socket = await open();
  socket.send(frame);
  const answer = await nextFrame(socket);
  expect(answer).toMatchObject({ type: 'error', error: { code } });
  expect(answer.error.message).not.toBe('');
  socket.send('{"type":"ping","id":"alive"}');
  expect(await nextFrame(socket)).toEqual({ type: 'pong', id: 'alive' });
  socket.close();
});

test("another user's request id is answered like an id that does not exist", async () => {
  await e2e.client({ sub: 'ann' }).request('steps', { steps: 1 }, { id: 'anns-own' });
  const socket = await open(await e2e.token({ sub: 'mallory' }));
  socket.send('{"type":"attach","id":"anns-own","offset":0}');
  const foreign = await nextFrame(socket);
  socket.send('{"type":"attach","id":"anns-xxx","offset":0}');
  const unknown = await nextFrame(socket);
  expect(JSON.stringify(foreign).replaceAll('anns-own', 'anns-xxx')).toEqual(JSON.stringify(unknown));
});

test.each([
  ['a raw frame above 32 KB', () => 'x'.repeat(33_000), 1009],
  ['a binary frame', () => Buffer.from([1, 2, 3]), 1003],
])('%s closes the connection as API Gateway does', async (_, frame, code) => {
  const socket = await open();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.send(frame());
  expect(await closed).toBe(code);
});

test('a frame that is too large is refused by the client before it is sent', async () => {
  const failed = e2e.client().request('echo', { text: 'x'.repeat(40_000) });
  await expect(failed).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
});

const tampered = (token: string) => `${token.slice(0, -8)}AAAAAAAA`;
const foreign = () =>
  'eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vdC1vdXJzIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ.c2ln';

test.each<[string, () => Promise<string | undefined>]>([
  ['no token', async () => undefined],
  ['an invalid token', async () => 'not-a-token'],
  ['an expired token', () => e2e.token({ expiresInSeconds: -60 })],
  ['a forged token', async () => tampered(await e2e.token())],
  ['a token of another issuer', async () => foreign()],
])('%s is refused at connect', async (_, make) => {
  const socket = e2e.socket(await make());
  const status = await new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.once('open', () => resolve('open'));
  });
  expect(status).toBe(401);
});

test('no bad message has disturbed another client', async () => {
  await expect(bystander).resolves.toMatchObject({ steps: 40, attempt: 1 });
  const crashed = e2e.log.filter(({ message }) => /exited|ExitError|Internal server error/i.test(message));
  expect(crashed).toEqual([]);
});
