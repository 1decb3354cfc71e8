import { once } from 'node:events';
import { WebSocket } from 'ws';
import { StreamerClient, type StreamerClientOptions } from '../../../client-sdks/typescript/src';
import { ack, event, marker, page, progress, result } from './support/frames';
import { send, TinyServer } from './support/tiny-server';

let server: TinyServer | undefined;
let client: StreamerClient | undefined;

const connectTo = (url: string, options: Partial<StreamerClientOptions> = {}): StreamerClient => {
  client = new StreamerClient(url, {
    token: 'token-1',
    webSocket: WebSocket,
    timing: { reconnectBaseMs: 1, reconnectMaxMs: 1 },
    ...options,
  });
  return client;
};

afterEach(async () => {
  client?.close();
  await server?.stop();
  server = client = undefined;
});

test('A request is answered over a real socket, with the token as a subprotocol', async () => {
  server = await TinyServer.start(({ id, input }, connection) =>
    send(connection, { type: 'response', id, result: input ?? null }),
  );
  await expect(connectTo(server.url).request('echo', { text: 'grüße 👋' })).resolves.toEqual({ text: 'grüße 👋' });
  expect(server.offered).toEqual([`streamer.v1,bearer.${Buffer.from('token-1').toString('base64url')}`]);
});

test('A request continues after connections that disappear without a close', async () => {
  const log = [marker(0, 1), event(1), event(2), event(3), result(4)].map((entry) => ({ ...entry, id: 'r' }));
  const asked: unknown[] = [];
  server = await TinyServer.start((message, connection, nth) => {
    asked.push([message.type, message.offset]);
    if (message.type === 'request') send(connection, { ...ack(), id: 'r' });
    else send(connection, { ...page(log.slice(message.offset, nth)), id: 'r' });
    if (nth < log.length) {
      send(connection, log[nth - 1] as object);
      setImmediate(() => connection.terminate());
    }
  });
  const events: number[] = [];
  const outcome = connectTo(server.url).request('report', 1, { id: 'r', onEvent: ({ offset }) => events.push(offset) });
  await expect(outcome).resolves.toBe('done');
  expect(events).toEqual([1, 2, 3]);
  expect(asked[0]).toEqual(['request', undefined]);
  expect(asked.at(-1)).toEqual(['attach', 4]);
});

test.each([1001, 1003, 1009, 1011])('An accepted request survives close %i', async (code) => {
  server = await TinyServer.start((message, connection) => {
    if (message.type === 'attach')
      return send(connection, { ...page([]), ...ack({ entries: [result(0)], offset: 1 }), id: message.id });
    send(connection, { ...ack(), id: message.id });
    send(connection, { ...progress({ percentage: 10 }), id: message.id });
    connection.close(code);
  });
  await expect(connectTo(server.url).request('report', 1, { id: 'r-1' })).resolves.toBe('done');
});

test('Binary and broken frames do not disturb a request', async () => {
  server = await TinyServer.start(({ id }, connection) => {
    connection.send(Buffer.from([1, 2, 3]));
    connection.send('{"type":');
    send(connection, { message: 'Internal server error', connectionId: 'a', requestId: 'b' });
    send(connection, { type: 'response', id, result: 7 });
  });
  await expect(connectTo(server.url).request('echo')).resolves.toBe(7);
});

test('A refused fixed token causes UNAUTHORIZED, because `ws` provides the status', async () => {
  server = await TinyServer.start(
    () => undefined,
    () => 401,
  );
  await expect(connectTo(server.url).connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('A token function is called again after a refusal', async () => {
  let isFresh = false;
  server = await TinyServer.start(
    ({ id }, connection) => send(connection, { type: 'response', id, result: 1 }),
    () => (isFresh ? undefined : 401),
  );
  let asked = 0;
  const token = () => {
    asked += 1;
    isFresh = asked === 2;
    return `token-${asked}`;
  };
  await expect(connectTo(server.url, { token }).request('echo')).resolves.toBe(1);
});

test('Closing during a handshake throws no error', async () => {
  server = await TinyServer.start(() => undefined);
  const connect = connectTo(server.url).connect();
  await new Promise(setImmediate);
  client?.close();
  await expect(connect).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('A closed client closes its connection to the server', async () => {
  server = await TinyServer.start(({ id }, connection) => send(connection, { ...ack(), id }));
  const tiny = server;
  await new Promise<void>((resolve) => {
    connectTo(tiny.url)
      .request('report', 1, { onState: ({ epoch }) => epoch && resolve() })
      .catch(() => undefined);
  });
  const idle = tiny.idle();
  client?.close();
  await idle;
  expect(tiny.closes).toEqual([1000]);
});

test('A closed client does not keep its process alive if the server does not answer the close frame', async () => {
  let pause = () => {};
  const isPaused = new Promise<void>((resolve) => {
    pause = resolve;
  });
  server = await TinyServer.start((_, connection) => {
    connection.pause();
    pause();
  });
  const sockets: Impatient[] = [];
  class Impatient extends WebSocket {
    wasTerminated = false;
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
    override terminate(): void {
      this.wasTerminated = true;
      super.terminate();
    }
  }
  await connectTo(server.url, { webSocket: Impatient as never }).connect();
  sockets[0].send('{"type":"ping"}');
  await isPaused;
  const closed = once(sockets[0], 'close');
  client?.close();
  await closed;

  expect(sockets[0].wasTerminated).toBe(true);
});
