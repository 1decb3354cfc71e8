import { request } from 'node:http';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, GatewayBench, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

async function connected(spec = apiSpec(), functions = usualFunctions(), clock = new FakeClock()) {
  const running = await bench.start(spec, functions, { clock });
  const client = await running.connect('', [], { headers: { 'User-Agent': 'test/1' } });
  const ConnectionId = running.gateway.connections()[0]?.connectionId ?? '';
  return { running, client, ConnectionId, sdk: running.management(), functions, clock };
}

test('APIGW-60 a post of a string or of bytes reaches the client as one text frame', async () => {
  const { client, sdk, ConnectionId } = await connected();
  await sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'hällo' }));
  await sdk.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('{"a":1}') }));
  await client.frame(2);
  expect(client.frames).toEqual([
    { text: 'hällo', isBinary: false },
    { text: '{"a":1}', isBinary: false },
  ]);
});

test('APIGW-61 a post to a connection that is gone, or never was, is GoneException with 410', async () => {
  const { client, sdk, ConnectionId, functions } = await connected();
  client.socket.close(1000);
  await functions.event('bye');
  for (const id of [ConnectionId, 'L0SM9cOFvHcCIhw=']) {
    const error = await sdk.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'x' })).catch((e) => e);
    expect(error).toBeInstanceOf(GoneException);
    expect(error.$metadata.httpStatusCode).toBe(410);
  }
});

test('APIGW-62 a post before $connect has returned is 410', async () => {
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions);
  const results: unknown[] = [];
  functions.on('router', async ({ requestContext: { connectionId: ConnectionId } }) => {
    const post = new PostToConnectionCommand({ ConnectionId, Data: 'too early' });
    results.push(
      await running
        .management()
        .send(post)
        .catch((error) => error),
    );
    return { statusCode: 200 };
  });
  await running.connect();
  expect(results).toEqual([expect.any(GoneException)]);
});

test('APIGW-63 a post above 128 KB is PayloadTooLargeException with 413, one of 128 KB is sent', async () => {
  const { client, sdk, ConnectionId } = await connected();
  await sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'x'.repeat(128 * 1024) }));
  expect(await client.frame()).toHaveLength(128 * 1024);
  const tooLarge = new PostToConnectionCommand({ ConnectionId, Data: 'x'.repeat(128 * 1024 + 1) });
  const error = await sdk.send(tooLarge).catch((e) => e);
  expect(error).toBeInstanceOf(PayloadTooLargeException);
  expect(error.$metadata.httpStatusCode).toBe(413);
});

test('APIGW-64 a post to a client that reads nothing gets LimitExceededException with 429', async () => {
  const { client, sdk, ConnectionId } = await connected(apiSpec({ limits: { bufferBytes: 64 * 1024 } }));
  client.socket.pause();
  const post = () => sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'x'.repeat(128 * 1024) }));
  let error: unknown;
  for (let i = 0; i < 500 && !error; i += 1)
    error = await post().then(
      () => undefined,
      (e) => e,
    );
  expect(error).toBeInstanceOf(LimitExceededException);
  expect((error as LimitExceededException).$metadata.httpStatusCode).toBe(429);
  client.socket.resume();
});

test('APIGW-65 get returns when the client connected, when it was last active, and who it is', async () => {
  const { sdk, ConnectionId, clock, client } = await connected();
  const start = clock.now();
  clock.advance(5000);
  client.send({ action: 'echo' });
  await client.frame();
  expect(await sdk.send(new GetConnectionCommand({ ConnectionId }))).toMatchObject({
    ConnectedAt: new Date(start),
    LastActiveAt: new Date(start + 5000),
    Identity: { SourceIp: '127.0.0.1', UserAgent: 'test/1' },
  });
});

test('APIGW-66 delete closes the client with 1000, and $disconnect runs', async () => {
  const { sdk, ConnectionId, client, functions } = await connected();
  const { $metadata } = await sdk.send(new DeleteConnectionCommand({ ConnectionId }));
  expect($metadata.httpStatusCode).toBe(204);
  expect((await client.closed).code).toBe(1000);
  const { requestContext } = await functions.event('bye');
  expect(requestContext).toMatchObject({
    disconnectStatusCode: 1000,
    disconnectReason: 'Connection Closed Normally',
  });
  const after = [
    new PostToConnectionCommand({ ConnectionId, Data: 'x' }),
    new DeleteConnectionCommand({ ConnectionId }),
  ];
  await expect(sdk.send(after[0] as PostToConnectionCommand)).rejects.toBeInstanceOf(GoneException);
  await expect(sdk.send(after[1] as DeleteConnectionCommand)).rejects.toBeInstanceOf(GoneException);
});

test('APIGW-67 a connection id is decoded from the path', async () => {
  const ids = ['a/b+c=', 'other-1', 'other-2', 'other-3'];
  const running = await bench.start(apiSpec(), usualFunctions(), { newId: () => ids.shift() ?? 'more' });
  const client = await running.connect();
  await running.management().send(new PostToConnectionCommand({ ConnectionId: 'a/b+c=', Data: 'found' }));
  expect(await client.frame()).toBe('found');
  expect(await http(running.host, 'POST', '/live/@connections/%E0%A4%A', SIGNED)).toMatchObject({ status: 400 });
});

test('APIGW-68 a request without a signature or with another method is 403', async () => {
  const { running, ConnectionId, client } = await connected();
  const path = `/live/@connections/${encodeURIComponent(ConnectionId)}`;
  const unsigned = await http(running.host, 'POST', path, {}, 'x');
  expect(unsigned).toEqual({ status: 403, type: 'MissingAuthenticationTokenException' });
  expect(await http(running.host, 'PUT', path, SIGNED, 'x')).toMatchObject({ status: 403 });
  expect(await http(running.host, 'POST', `${path}?X-Amz-Signature=abc`, {}, 'presigned')).toMatchObject({
    status: 200,
  });
  expect(await client.frame()).toBe('presigned');
});

const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=x' };

function http(host: string, method: string, path: string, headers: Record<string, string>, body = '') {
  return new Promise<{ status?: number; type?: unknown }>((resolve, reject) => {
    const outgoing = request(`http://${host}${path}`, { method, headers, agent: false }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve({ status: incoming.statusCode, type: incoming.headers['x-amzn-errortype'] }));
    });
    outgoing.on('error', reject).end(body);
  });
}
