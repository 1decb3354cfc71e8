import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { App, Size, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { type ActionsOf, createLocalStreamer, type LocalStreamer } from 'cdk-streamer/testing';
import type { Fetch } from 'cdk-streamer-client';
import { createStreamerServer } from 'cdk-streamer-client/server';

type Actions = ActionsOf<{
  mirror: typeof import('./payloads/handlers/mirror');
  small: typeof import('./payloads/handlers/mirror');
  count: typeof import('./payloads/handlers/count');
}>;

const ANN = { user: 'ann', tenant: 'acme' };
const projectRoot = join(__dirname, 'payloads');
const ORIGIN = 'https://app.example.com';

let streamer: LocalStreamer<Actions>;

beforeAll(async () => {
  const stack = new Stack(new App(), 'Payloads');
  const auth = StreamerAuth.jwt({
    issuer: 'https://issuer.example.com/',
    audience: ['e2e'],
    tenantClaim: 'tenant',
    allowedOrigins: [ORIGIN],
  });
  const handlers = {
    mirror: StreamerHandler.async('handlers/mirror.ts', { retry: { maxAttempts: 2 } }),
    count: StreamerHandler.async('handlers/count.ts'),
    small: StreamerHandler.async('handlers/mirror.ts', { maxInputSize: Size.kibibytes(40) }),
  };
  const api = new StreamerApi(stack, 'Streamer', { projectRoot, auth, handlers, payloads: {} });
  void api.submitFunction;
  streamer = await createLocalStreamer<Actions>(stack);
});
afterAll(async () => {
  await streamer?.close();
});

const large = (prefix: string, bytes = 300_000) => `${prefix.padEnd(bytes - 3, 'x')}€`;

test('an input and a result that fit into no message are returned unchanged, and stored under keys of the tenant', async () => {
  const text = large('one');

  const result = await streamer.client(ANN).request('mirror', { text }, { id: 'one' });

  expect(result).toEqual({ text, attempt: 1 });
  const stored = await streamer.ended('one', { user: 'ann' });
  expect(stored).toMatchObject({ status: 'COMPLETED', input: { text }, result: { text } });
  const [item] = (await streamer.items('Requests/Table')).filter(({ id }) => id === 'one');
  expect(item).toMatchObject({
    upload: { key: expect.stringMatching(/^acme\/in\/[\w-]{43}\/\d+-[\w-]{43}$/), bytes: text.length + 2 + 11 },
    outcome: { object: { key: expect.stringMatching(/^acme\/out\/[\w-]{43}\/1$/) } },
  });
});

test('the same request is replayed, other content under its id is refused, and another user may use the id', async () => {
  const text = large('twice');
  const client = streamer.client(ANN);
  await client.request('mirror', { text }, { id: 'twice' });

  expect(await streamer.client(ANN).request('mirror', { text }, { id: 'twice' })).toEqual({ text, attempt: 1 });
  await expect(client.request('mirror', { text: large('other') }, { id: 'twice' })).rejects.toMatchObject({
    code: 'DUPLICATE_REQUEST',
  });
  const bob = streamer.client({ user: 'bob', tenant: 'acme' });
  expect(await bob.request('mirror', { text: large('bob') }, { id: 'twice' })).toMatchObject({ attempt: 1 });
});

test('a second attempt reads the uploaded input again', async () => {
  const text = large('retry');

  expect(await streamer.client(ANN).request('mirror', { text })).toEqual({ text, attempt: 2 });
});

test.each([
  ['uploaded', 300_000],
  ['stored in its message', 10],
])('a handler that streams its input reads the bytes of an input that is %s', async (_where, size) => {
  const text = large('stream', size);

  expect(await streamer.client(ANN).request('count', { text })).toEqual({
    sha256: createHash('sha256').update(JSON.stringify({ text })).digest('hex'),
    bytes: Buffer.byteLength(JSON.stringify({ text })),
    input: 'undefined',
  });
});

test('an uploaded input is validated by the processor', async () => {
  const wrong = { text: 1, filler: large('wrong') } as never;

  await expect(streamer.client(ANN).request('mirror', wrong)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('an input above the limit of its action is refused with the limit, whether it would be uploaded or not', async () => {
  const client = streamer.client(ANN);
  const refusal = { code: 'PAYLOAD_TOO_LARGE', details: { limit: 40 * 1024 } };

  await expect(client.request('small', { text: large('small', 41_000) })).rejects.toMatchObject(refusal);
  expect(await client.request('small', { text: large('small', 39_000) })).toMatchObject({ attempt: 1 });
});

test('a client that attaches after the end downloads the result with a new URL', async () => {
  const text = large('later');
  await streamer.client(ANN).request('mirror', { text }, { id: 'later' });

  expect(await streamer.client(ANN).attach('mirror', { id: 'later' })).toEqual({ text, attempt: 1 });
});

test('a client asks for another URL if a transfer fails, and gives up after five attempts', async () => {
  const calls: string[] = [];
  const failing =
    (allowed: number): Fetch =>
    async (url, init) => {
      calls.push(new URL(url).searchParams.get('X-Amz-Signature') ?? '');
      if (calls.length <= allowed) throw new TypeError('Failed to fetch');
      return fetch(url, init as never);
    };
  const text = large('unlucky');

  expect(await streamer.client(ANN, { fetch: failing(2), random: () => 0.01 }).request('mirror', { text })).toEqual({
    text,
    attempt: 1,
  });
  expect(calls).toHaveLength(4);
  calls.length = 0;
  const client = streamer.client(ANN, { fetch: failing(9), random: () => 0.01 });
  await expect(client.request('mirror', { text })).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
  expect(calls).toHaveLength(5);
  await streamer.client(ANN).request('mirror', { text }, { id: 'kept' });
  calls.length = 0;
  const reader = streamer.client(ANN, { fetch: failing(9), random: () => 0.01 });
  await expect(reader.attach('mirror', { id: 'kept' })).rejects.toMatchObject({ code: 'TRANSFER_FAILED' });
  expect(calls).toHaveLength(5);
});

test('a request that is cancelled ends with the partial value that fits into no message', async () => {
  const text = large('wait');
  const client = streamer.client(ANN);
  let request!: ReturnType<typeof client.request<'mirror'>>;
  const running = new Promise<void>((resolve) => {
    const onState = ({ status }: { status: string }) => void (status === 'RUNNING' && resolve());
    request = client.request('mirror', { text }, { id: 'wait', onState });
  });
  await running;
  await request.cancel();

  await expect(request).rejects.toMatchObject({ code: 'CANCELLED', partial: { text } });
});

test('an abort during the upload ends the wait, and nothing is requested', async () => {
  const stop = new AbortController();
  const abort: Fetch = async () => {
    stop.abort();
    throw new TypeError('aborted');
  };
  const client = streamer.client(ANN, { fetch: abort });

  await expect(
    client.request('mirror', { text: large('abort') }, { id: 'aborted', signal: stop.signal }),
  ).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await streamer.request('aborted', 'ann')).toBeUndefined();
});

test('the client for servers submits a large input and reads a large result', async () => {
  const lambda = { send: async ({ input }: { input: { Payload: Uint8Array } }) => invoke(input.Payload) };
  const invoke = async (payload: Uint8Array) => {
    const event = JSON.parse(Buffer.from(payload).toString());
    const answer = await streamer.invoke('Streamer/Submitter/Function', event);
    return { Payload: new TextEncoder().encode(JSON.stringify(answer)) };
  };
  const server = createStreamerServer<Actions>({ functionName: 'submitter', lambda: lambda as never }).as(ANN);
  const text = large('server');

  const submitted = await server.submit('mirror', { text });

  expect(await server.wait(submitted)).toEqual({ text, attempt: 1 });
  expect((await server.status(submitted.id)).result).toEqual({ text, attempt: 1 });
  await expect(server.submit('small', { text: large('small', 41_000) })).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  });
});

test('a browser may upload from an origin of the API only', async () => {
  const s3 = streamer.aws('s3');
  const ask = (origin: string) =>
    fetch(`${s3.endpoint}/${streamer.physicalName('Payloads/Bucket')}/any`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,if-none-match,x-amz-checksum-sha256',
      },
    });

  expect((await ask(ORIGIN)).headers.get('access-control-allow-origin')).toBe(ORIGIN);
  expect((await ask('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull();
});

test('no line of the log contains a signature of a URL', async () => {
  const text = large('quiet');
  await streamer.client(ANN).request('mirror', { text });

  const lines = streamer.logs.map((line) => JSON.stringify(line)).join('\n');
  expect(lines).not.toMatch(/X-Amz-Signature=\w/);
  expect(lines.length).toBeGreaterThan(100);
});
