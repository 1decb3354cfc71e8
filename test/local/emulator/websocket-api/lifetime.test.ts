import { connect as connectTcp } from 'node:net';
import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, GatewayBench, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

const MINUTE = 60_000;

test('APIGW-40 $disconnect reports the code and reason of the client', async () => {
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions);
  const client = await running.connect();
  const [{ connectionId } = { connectionId: '' }] = running.gateway.connections();
  client.socket.close(4001, 'enough');
  const event = await functions.event('bye');
  expect(event.requestContext).toMatchObject({
    routeKey: '$disconnect',
    eventType: 'DISCONNECT',
    disconnectStatusCode: 4001,
    disconnectReason: 'enough',
    connectionId,
  });
  expect(event.headers).toEqual({ Host: running.host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' });
  expect(event).not.toHaveProperty('body');
  expect(running.gateway.connections()).toEqual([]);
});

test.each([
  [1000, 'Connection Closed Normally', (end: { close(code?: number): void }) => end.close(1000)],
  [1001, 'Going away', (end: { close(code?: number): void }) => end.close(1001)],
  [1005, 'Client-side close frame status not set', (end: { close(code?: number): void }) => end.close()],
  [1006, 'Connection closed abnormally', (end: { terminate(): void }) => end.terminate()],
])('APIGW-41 without a reason, $disconnect reports %d as "%s"', async (code, reason, end) => {
  const functions = usualFunctions();
  const client = await (await bench.start(apiSpec(), functions)).connect();
  end(client.socket);
  const { requestContext } = await functions.event('bye');
  expect(requestContext).toMatchObject({ disconnectStatusCode: code, disconnectReason: reason });
});

test('APIGW-42 a connection without a message for 10 minutes closes with 1001 Going away', async () => {
  const clock = new FakeClock();
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions, { clock });
  const client = await running.connect();
  clock.advance(9 * MINUTE);
  client.send({ action: 'echo' });
  await client.frame();
  clock.advance(10 * MINUTE - 1);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  clock.advance(1);
  expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
  const { requestContext } = await functions.event('bye');
  expect(requestContext).toMatchObject({ disconnectStatusCode: 1001, disconnectReason: 'Going away' });
  await running.gateway.close();
  expect(clock.pending).toBe(0);
});

test('APIGW-43 a ping is answered and counts as activity', async () => {
  const clock = new FakeClock();
  const client = await (await bench.start(apiSpec(), usualFunctions(), { clock })).connect();
  clock.advance(9 * MINUTE);
  const pong = new Promise((resolve) => client.socket.once('pong', resolve));
  client.socket.ping('there?');
  expect(String(await pong)).toBe('there?');
  clock.advance(9 * MINUTE);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('APIGW-44 a connection closes after two hours, however busy it is', async () => {
  const clock = new FakeClock();
  const client = await (await bench.start(apiSpec(), usualFunctions(), { clock })).connect();
  for (let n = 1; n <= 23; n += 1) {
    clock.advance(5 * MINUTE);
    client.send({ action: 'echo', n });
    await client.frame(n);
  }
  clock.advance(5 * MINUTE - 1);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  clock.advance(1);
  expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
});

test('APIGW-45 a frame above 32 KB closes with 1009, one of 32 KB does not', async () => {
  const functions = usualFunctions();
  const client = await (await bench.start(apiSpec(), functions)).connect();
  client.send('x'.repeat(32 * 1024));
  expect(await client.frame()).toHaveLength('fallback '.length + 32 * 1024);
  client.send('x'.repeat(32 * 1024 + 1));
  expect((await client.closed).code).toBe(1009);
  expect((await functions.event('bye')).requestContext).toMatchObject({ disconnectStatusCode: 1009 });
  expect(functions.events('fallback')).toHaveLength(1);
});

test('APIGW-46 a message of up to 128 KB may come in frames, above it closes with 1009', async () => {
  const functions = usualFunctions();
  const client = await (await bench.start(apiSpec(), functions)).connect();
  const quarter = 'y'.repeat(32 * 1024);
  for (const fin of [false, false, false, true]) client.socket.send(quarter, { fin });
  expect(await client.frame()).toBe(`fallback ${quarter.repeat(4)}`);
  for (const fin of [false, false, false, false]) client.socket.send(quarter, { fin });
  client.socket.send('y', { fin: true });
  expect((await client.closed).code).toBe(1009);
});

test('APIGW-47 a binary frame closes with 1003', async () => {
  const functions = usualFunctions();
  const client = await (await bench.start(apiSpec(), functions)).connect();
  client.socket.send(Buffer.from('binary'));
  expect((await client.closed).code).toBe(1003);
  expect((await functions.event('bye')).requestContext).toMatchObject({ disconnectStatusCode: 1003 });
  expect(functions.events('fallback')).toEqual([]);
});

test('APIGW-48 a dropped network ends without a close frame, and $disconnect has the code 1006', async () => {
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions);
  const client = await running.connect();
  running.gateway.disconnect(running.gateway.connections()[0]?.connectionId ?? '');
  expect((await client.closed).code).toBe(1006);
  expect((await functions.event('bye')).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
});

test('APIGW-49 the connection exists only after $connect has returned', async () => {
  let release: (value: unknown) => void = () => undefined;
  const functions = usualFunctions().on(
    'router',
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  const running = await bench.start(apiSpec(), functions);
  const connecting = running.connect();
  await functions.event('router');
  expect(running.gateway.connections()).toEqual([]);
  release({ statusCode: 200 });
  await connecting;
  expect(running.gateway.connections()).toHaveLength(1);
});

test('a client that is gone before $connect returns gets a $disconnect', async () => {
  let release: (value: unknown) => void = () => undefined;
  const functions = usualFunctions().on(
    'router',
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  const running = await bench.start(apiSpec(), functions);
  const [host = '', port = ''] = running.host.split(':');
  const socket = connectTcp(Number(port), host);
  socket.write(
    `GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const { connectionId } = (await functions.event('router')).requestContext;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()).resetAndDestroy());
  release({ statusCode: 200 });
  expect((await functions.event('bye')).requestContext).toMatchObject({ connectionId, disconnectStatusCode: 1006 });
});

test('close ends every connection with 1001 and waits for $disconnect', async () => {
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions);
  const clients = await Promise.all([running.connect(), running.connect()]);
  await running.gateway.close();
  expect(functions.events('bye')).toHaveLength(2);
  for (const client of clients) expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
  expect((await running.refused()).status).toBe(503);
});

test('a $disconnect that fails disturbs nothing', async () => {
  const functions = usualFunctions().on('bye', () => Promise.reject(new Error('table gone')));
  const running = await bench.start(apiSpec(), functions);
  (await running.connect()).socket.close(1000);
  await functions.event('bye');
  const client = await running.connect();
  client.send({ action: 'echo' });
  expect(await client.frame()).toBe('echo {"action":"echo"}');
});
