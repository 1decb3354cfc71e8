import { type ConnectionState, StreamerClient, StreamerError } from '../../../client-sdks/typescript/src';
import { connected, failureOf, start, TOKEN } from './support/client-world';
import { settled } from './support/virtual-clock';

describe('A client connects', () => {
  test('A client connects by itself at the first request, and then sends the request', async () => {
    const { client, network } = start();
    expect(client.state).toBe('disconnected');
    const outcome = client.request('echo', 'hi');
    await settled();
    expect(network.takeFrames()).toEqual([]);
    network.newest.accept();
    expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'echo', input: 'hi' }]);
    network.newest.frame({ type: 'response', id: 'r-1', result: 'HI' });
    await expect(outcome).resolves.toBe('HI');
  });

  test('A client connects once for any number of calls', async () => {
    const { client, network } = start();
    const calls = [client.connect(), client.connect(), client.connect()];
    await settled();
    network.newest.accept();
    await Promise.all([...calls, client.connect()]);
    expect(network.sockets).toHaveLength(1);
  });

  test('A client calls the token function at each connection attempt', async () => {
    let asked = 0;
    const { client, network, clock } = start({ token: async () => `token-${++asked}` });
    client.connect().catch(() => undefined);
    await settled();
    network.newest.reject();
    await clock.advance(500);
    const offered = network.sockets.map(({ protocols }) => protocols[1]);
    expect(offered).toEqual(
      ['token-1', 'token-2'].map((token) => `bearer.${Buffer.from(token).toString('base64url')}`),
    );
  });

  test('A client reports each state with its reason', async () => {
    const { states, network, clock } = await connected();
    network.newest.end(1001);
    await clock.advance(12_500);
    expect(states).toEqual([
      ['connecting', {}],
      ['connected', {}],
      ['disconnected', { closeCode: 1001, retryInMs: 12_500 }],
      ['connecting', {}],
    ]);
  });

  test('A client reconnects with growing delays to a server that accepts connections and closes them', async () => {
    const { client, states, network, clock } = start({ random: () => 1 });
    client.connect().catch(() => undefined);
    await settled();
    for (let i = 0; i < 4; i++) {
      network.newest.accept();
      network.newest.end(1006);
      await clock.advance(60_000);
    }
    const delays = states.flatMap(([, { retryInMs }]) => (retryInMs === undefined ? [] : [retryInMs]));
    expect(delays).toEqual([25_000, 50_000, 60_000, 60_000]);
  });

  test('A client reconnects at once when the network is available again', async () => {
    const { network, wake } = await connected({ random: () => 1 });
    network.newest.end(1006);
    wake();
    await settled();
    expect(network.sockets).toHaveLength(2);
  });

  test('A client reconnects if a handshake takes too long, and abandons the first handshake', async () => {
    const { client, clock, network } = start();
    client.connect().catch(() => undefined);
    await clock.advance(30_000);
    expect(network.records.map(({ kind }) => kind)).toEqual(['connect', 'close']);
    const [first] = network.sockets;
    await clock.advance(500);
    first?.accept();
    expect(client.state).toBe('connecting');
  });

  test('A client does not wait for the close of a socket that reported an error, because Node.js 20 never closes it', async () => {
    const { client, clock, network, states } = start();
    client.connect().catch(() => undefined);
    await settled();
    network.newest.onerror?.({} as never);
    await clock.advance(1_000);

    expect(states.at(-1)).toEqual([
      'disconnected',
      { error: expect.objectContaining({ code: 'CONNECT_FAILED' }), retryInMs: expect.any(Number) },
    ]);
    expect(states.at(-1)?.[1].error?.message).toMatch(/^The connection could not be opened\./);
  });

  test('A client connects only to a server that accepts the subprotocol', async () => {
    const { client, network, states } = start();
    client.connect().catch(() => undefined);
    await settled();
    network.newest.accept('another');
    expect(states.at(-1)).toEqual([
      'disconnected',
      { error: expect.objectContaining({ code: 'CONNECT_FAILED', retryable: false }) },
    ]);
  });
});

describe('A client gives up', () => {
  test('A client gives up if the token function reports that there is no token', async () => {
    const { client, network } = start({
      token: () => Promise.reject(new StreamerError('UNAUTHORIZED', 'signed out', { retryable: false })),
    });
    const [connect, request] = await Promise.all([client.connect(), client.request('echo')].map(failureOf));
    expect(connect).toMatchObject({ code: 'UNAUTHORIZED', cause: expect.objectContaining({ message: 'signed out' }) });
    expect(request).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(network.sockets).toHaveLength(0);
    expect(client.state).toBe('disconnected');
  });

  test('A client does not give up if the token function fails temporarily', async () => {
    let asked = 0;
    const { client, clock, network } = start({
      token: () => {
        asked += 1;
        if (asked < 3) throw new Error('offline');
        return 'token';
      },
    });
    const connect = client.connect();
    await clock.advance(2_000);
    network.newest.accept();
    await connect;
    expect(asked).toBe(3);
  });

  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
  ])('A client with a fixed token gives up after HTTP status %i, if the platform provides the status', async (status, code) => {
    const { client, network } = start();
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(status);
    await expect(failure).resolves.toMatchObject({ code });
  });

  test.each([
    400, 413, 414, 431,
  ])('A client with a token function gives up after HTTP status %i, because a repetition would fail again', async (status) => {
    const { client, network, clock } = start({ token: () => 'token' });
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(status);
    await expect(failure).resolves.toMatchObject({
      code: 'CONNECT_FAILED',
      retryable: false,
      message: expect.stringContaining('may be too long'),
    });
    await clock.advance(60_000);
    expect(network.sockets).toHaveLength(1);
  });

  test('A client with a token function gives up after the second 401', async () => {
    const { client, network, clock } = start({ token: () => 'old' });
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(401);
    await clock.advance(500);
    network.newest.reject(401);
    await expect(failure).resolves.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('A client that gave up connects again when `connect` is called', async () => {
    const { client, network } = start();
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(403);
    await failure;
    const connect = client.connect();
    await settled();
    network.newest.accept();
    await expect(connect).resolves.toBeUndefined();
  });

  test('A client gives up if the token is invalid', async () => {
    const { client } = start({ token: 'with space' });
    await expect(failureOf(client.connect())).resolves.toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
  });

  test('The error of a client without options, which JavaScript allows, names the missing token', () => {
    expect(() => new StreamerClient('ws://127.0.0.1:4000/v1', undefined as never)).toThrow(
      expect.objectContaining({
        code: 'UNAUTHORIZED',
        message: expect.stringContaining('new StreamerClient(url, { token })'),
      }),
    );
  });

  test('A client gives up if the platform refuses the URL, and the error does not contain the token', async () => {
    const { client } = start({
      webSocket: class {
        constructor(url: string, protocols: string[]) {
          throw new SyntaxError(`refused ${url} ${protocols}`);
        }
      } as never,
    });
    const error = await failureOf(client.connect());
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', retryable: false });
    expect(error.cause).toBeUndefined();
  });
});

describe('A client cannot be made', () => {
  test.each([
    ['onStateChange', 5, 'a function'],
    ['onListenerError', {}, 'a function'],
    ['newId', 'id', 'a function'],
    ['random', 0.5, 'a function'],
    ['wake', null, 'a function'],
    ['webSocket', {}, 'a function'],
    ['clock', 0, 'a Clock'],
    ['clock', null, 'a Clock'],
  ])('with the option %s: %p', (name, value, kind) => {
    expect(() => new StreamerClient('ws://127.0.0.1:4000/v1', { token: 't', [name]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE', message: `The client's option \`${name}\` must be ${kind}.` }),
    );
  });

  test('with a time that does not exist', () => {
    const timing = { reconnectMs: 5 } as never;
    expect(
      () => new StreamerClient('ws://127.0.0.1:4000/v1', { token: 't', webSocket: class {} as never, timing }),
    ).toThrow(
      expect.objectContaining({
        code: 'INVALID_MESSAGE',
        message: expect.stringContaining('`timing` has no time `reconnectMs`'),
      }),
    );
  });

  test.each(['', 'streamer', 'https://streamer.example.com'])('A client cannot be created for the URL %p', (url) => {
    expect(() => new StreamerClient(url, { token: TOKEN })).toThrow(
      expect.objectContaining({ code: 'CONNECT_FAILED' }),
    );
  });

  test('Without a WebSocket, the error names a package that has one', () => {
    const platform = globalThis as { WebSocket?: unknown };
    const { WebSocket: own } = platform;
    platform.WebSocket = undefined;
    try {
      expect(() => new StreamerClient('wss://streamer.example.com', { token: TOKEN })).toThrow(/npm install ws/);
    } finally {
      platform.WebSocket = own;
    }
  });
});

test('A removed state listener is not called again', async () => {
  const { client } = await connected();
  const heard: ConnectionState[] = [];
  const stop = client.on('state', (state) => heard.push(state));
  stop();
  client.close();
  expect(heard).toEqual([]);
});

test('A connection that does not answer after a wake event is replaced', async () => {
  const { network, clock, wake, states } = await connected();
  wake();
  await clock.advance(5_000);
  expect(network.takeFrames()).toEqual([{ type: 'ping' }]);
  expect(states.at(-1)).toEqual(['disconnected', { closeCode: 4000, retryInMs: 250 }]);
});
