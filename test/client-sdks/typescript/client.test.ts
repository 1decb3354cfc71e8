import {
  type ConnectionState,
  type StateDetail,
  StreamerClient,
  type StreamerClientOptions,
  StreamerError,
} from '../../../client-sdks/typescript/src';
import { FakeNetwork } from './support/fake-socket';
import { ack, event, marker, progress, result } from './support/frames';
import { settled, VirtualClock } from './support/virtual-clock';

const TOKEN = 'secret-token-that-must-not-leak';

/** A client on a fake network, with everything it did. */
function setUp(options: Partial<StreamerClientOptions> = {}) {
  const clock = new VirtualClock();
  const network = new FakeNetwork();
  const states: [ConnectionState, StateDetail][] = [];
  const thrown: unknown[] = [];
  const wakers = new Set<() => void>();
  let ids = 0;
  const client = new StreamerClient('wss://streamer.example.com', {
    token: TOKEN,
    webSocket: network.webSocket,
    clock,
    random: () => 0.5,
    newId: () => `r-${++ids}`,
    onStateChange: (state, detail) => states.push([state, detail]),
    onListenerError: (error) => thrown.push(error),
    wake: (callback) => {
      wakers.add(callback);
      return () => void wakers.delete(callback);
    },
    ...options,
  });
  return { client, clock, network, states, thrown, wakers, wake: () => [...wakers].map((waker) => waker()) };
}
type World = ReturnType<typeof setUp>;

const worlds: World[] = [];
function start(options: Partial<StreamerClientOptions> = {}): World {
  const world = setUp(options);
  worlds.push(world);
  return world;
}

/** Every test's client, once closed, must have left nothing behind. */
afterEach(async () => {
  for (const { client, clock, wakers } of worlds.splice(0)) {
    client.close();
    await settled();
    expect({ timers: clock.pending, wakers: wakers.size }).toEqual({ timers: 0, wakers: 0 });
  }
});

async function connected(options: Partial<StreamerClientOptions> = {}): Promise<World> {
  const world = start(options);
  const connect = world.client.connect();
  await settled();
  world.network.newest.accept();
  await connect;
  world.network.records.splice(0);
  return world;
}

/** Settles to the error that a promise is rejected with. */
const failureOf = (promise: Promise<unknown>): Promise<StreamerError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );

describe('A client connects', () => {
  test('by itself, when something is requested, and sends it then', async () => {
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

  test('once for any number of calls', async () => {
    const { client, network } = start();
    const calls = [client.connect(), client.connect(), client.connect()];
    await settled();
    network.newest.accept();
    await Promise.all([...calls, client.connect()]);
    expect(network.sockets).toHaveLength(1);
  });

  test('with a token asked for anew at each try', async () => {
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

  test('and tells each state with its reason', async () => {
    const { states, network, clock } = await connected();
    network.newest.end(1001);
    await clock.advance(250);
    expect(states).toEqual([
      ['connecting', {}],
      ['connected', {}],
      ['disconnected', { closeCode: 1001, retryInMs: 250 }],
      ['connecting', {}],
    ]);
  });

  test('again with longer delays to a server that accepts and hangs up', async () => {
    const { states, network, clock } = start({ random: () => 1 });
    const world = worlds.at(-1) as World;
    world.client.connect().catch(() => undefined);
    await settled();
    for (let i = 0; i < 4; i++) {
      network.newest.accept();
      network.newest.end(1006);
      await clock.advance(20_000);
    }
    const delays = states.flatMap(([, { retryInMs }]) => (retryInMs === undefined ? [] : [retryInMs]));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000]);
  });

  test('again at once when the network is back', async () => {
    const { network, wake } = await connected({ random: () => 1 });
    network.newest.end(1006);
    wake();
    await settled();
    expect(network.sockets).toHaveLength(2);
  });

  test('again if a handshake takes too long, and lets go of the first', async () => {
    const { client, clock, network } = start();
    client.connect().catch(() => undefined);
    await clock.advance(30_000);
    expect(network.records.map(({ kind }) => kind)).toEqual(['connect', 'close']);
    const [first] = network.sockets;
    await clock.advance(500);
    first?.accept();
    expect(client.state).toBe('connecting');
  });

  test('only to a server that answers with the protocol', async () => {
    const { client, network, states } = start();
    client.connect().catch(() => undefined);
    await settled();
    network.newest.accept('another');
    expect(states.at(-1)).toEqual([
      'disconnected',
      { error: expect.objectContaining({ code: 'CONNECT_FAILED' }), retryInMs: 250 },
    ]);
  });
});

describe('A client gives up', () => {
  test('where the token function says that there will be no token', async () => {
    const { client, network } = start({
      token: () => Promise.reject(new StreamerError('UNAUTHORIZED', 'signed out', { retryable: false })),
    });
    const [connect, request] = await Promise.all([client.connect(), client.request('echo')].map(failureOf));
    expect(connect).toMatchObject({ code: 'UNAUTHORIZED', cause: expect.objectContaining({ message: 'signed out' }) });
    expect(request).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(network.sockets).toHaveLength(0);
    expect(client.state).toBe('disconnected');
  });

  test('not where the token function only fails', async () => {
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
  ])('with a fixed token at HTTP status %i, where the platform shows it', async (status, code) => {
    const { client, network } = start();
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(status);
    await expect(failure).resolves.toMatchObject({ code });
  });

  test('with a token function at the second 401', async () => {
    const { client, network, clock } = start({ token: () => 'old' });
    const failure = failureOf(client.connect());
    await settled();
    network.newest.reject(401);
    await clock.advance(500);
    network.newest.reject(401);
    await expect(failure).resolves.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('and tries again when asked to', async () => {
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

  test('on a token that cannot be one', async () => {
    const { client } = start({ token: 'with space' });
    await expect(failureOf(client.connect())).resolves.toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
  });

  test('on a URL that the platform refuses, without repeating the token', async () => {
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
  test.each(['', 'streamer', 'https://streamer.example.com'])('for the URL %p', (url) => {
    expect(() => new StreamerClient(url, { token: TOKEN })).toThrow(
      expect.objectContaining({ code: 'CONNECT_FAILED' }),
    );
  });

  test('without a WebSocket, and the error says where to get one', () => {
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

test('An expired token is replaced on a new connection, and the request goes on', async () => {
  let asked = 0;
  const { client, network, clock } = await connected({ token: () => `token-${++asked}` });
  const outcome = client.request('report');
  const error = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };
  network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error });
  await clock.advance(500);
  network.newest.accept();
  expect(network.takeFrames()).toHaveLength(2);
  network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
  await expect(outcome).resolves.toBe(1);
  expect(asked).toBe(2);
});

test('An expired token that cannot be replaced fails the request', async () => {
  const { client, network } = await connected();
  const failure = failureOf(client.request('report'));
  const error = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };
  network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error });
  await expect(failure).resolves.toMatchObject({ code: 'TOKEN_EXPIRED', message: 'Expired.' });
});

describe('A request', () => {
  test('shows its state, its progress and its events', async () => {
    const { client, network } = await connected();
    const seen: unknown[] = [];
    const outcome = client.request(
      'report',
      { year: 2024 },
      {
        onState: ({ status, offset, percentage }) => seen.push([status, offset, percentage]),
        onProgress: (report) => seen.push(report),
        onEvent: (report) => seen.push(report),
      },
    );
    const frames = [
      ack(),
      marker(0, 1),
      progress({ afterOffset: 1, percentage: 40, message: 'half' }),
      event(1),
      result(2),
    ];
    for (const frame of frames) network.newest.frame(frame);
    await expect(outcome).resolves.toBe('done');
    expect(seen).toEqual([
      ['PENDING', 0, 0],
      ['PENDING', 0, 0],
      ['RUNNING', 1, 0],
      { percentage: 40, message: 'half', attempt: 1 },
      ['RUNNING', 1, 40],
      { name: 'row', data: { n: 1 }, offset: 1 },
      ['RUNNING', 2, 40],
      ['COMPLETED', 2, 100],
    ]);
  });

  test('goes on in another client with what it last showed', async () => {
    const first = await connected();
    let saved: { id: string } = { id: '' };
    first.client.request('report', 1, { onState: (snapshot) => (saved = snapshot) }).catch(() => undefined);
    for (const frame of [ack(), marker(0, 1), progress({ afterOffset: 1, percentage: 40 })])
      first.network.newest.frame(frame);
    first.client.close();

    const second = await connected();
    const reports: number[] = [];
    const outcome = second.client.attach('report', JSON.parse(JSON.stringify(saved)), {
      onProgress: ({ percentage }) => reports.push(percentage),
    });
    expect(second.network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 1, epoch: 'e-1', ref: 'ref-1' }]);
    const older = progress({ afterOffset: 1, percentage: 30 });
    second.network.newest.frame(ack({ status: 'RUNNING', offset: 1, recovered: true, progress: older }));
    second.network.newest.frame(result(1));
    await expect(outcome).resolves.toBe('done');
    expect(reports).toEqual([40]);
  });

  test('fails with what the server says', async () => {
    const { client, network } = await connected();
    const failure = failureOf(client.request('report'));
    const error = { code: 'MY_OWN', message: 'No.', retryable: true, details: { a: 1 }, retryAfter: 3 };
    network.newest.frame({ type: 'error', id: 'r-1', offset: 0, run: 1, error });
    await expect(failure).resolves.toMatchObject({ name: 'StreamerError', ...error });
  });

  test('under an id that this client waits for is refused', async () => {
    const { client } = await connected();
    client.request('report', 1, { id: 'same' }).catch(() => undefined);
    await expect(failureOf(client.request('report', 1, { id: 'same' }))).resolves.toMatchObject({
      code: 'DUPLICATE_REQUEST',
    });
  });

  test('that is not valid opens no connection', async () => {
    const { client, network } = start();
    await expect(failureOf(client.request('report', 1n))).resolves.toMatchObject({ code: 'INVALID_INPUT' });
    await settled();
    expect(network.sockets).toHaveLength(0);
  });

  test('that is aborted before it began is never sent', async () => {
    const { client, network } = await connected();
    const signal = AbortSignal.abort('why');
    await expect(failureOf(client.request('report', 1, { signal }))).resolves.toMatchObject({
      code: 'ABORTED',
      cause: 'why',
    });
    expect(network.takeFrames()).toEqual([]);
  });

  test('listens to its signal only as long as it is under way', async () => {
    const { client, network } = await connected();
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    const outcome = client.request('report', 1, { signal });
    network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
    await outcome;
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });

  test('aborted by one of its own listeners shows nothing more and leaves no timer', async () => {
    const { client, network } = await connected();
    const controller = new AbortController();
    const events: number[] = [];
    const failure = failureOf(
      client.request('report', 1, {
        signal: controller.signal,
        onEvent: ({ offset }) => {
          events.push(offset);
          controller.abort();
        },
      }),
    );
    network.newest.frame(ack({ entries: [event(0), event(1), result(2)], offset: 3 }));
    await expect(failure).resolves.toMatchObject({ code: 'ABORTED' });
    expect(events).toEqual([0]);
  });

  test('ends its waiting after the time it was given, connected or not', async () => {
    const { client, clock } = start();
    const failure = failureOf(client.request('report', 1, { timeoutMs: 1_000 }));
    await clock.advance(1_000);
    await expect(failure).resolves.toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 1_000 } });
  });

  test('may have an ack timeout of its own', async () => {
    const { client, clock, network } = await connected();
    client.request('slow', 1, { ackTimeoutMs: 20_000 }).catch(() => undefined);
    await clock.advance(19_999);
    expect(network.takeFrames()).toHaveLength(1);
    await clock.advance(1);
    expect(network.takeFrames()).toHaveLength(1);
  });

  test('is not disturbed by a listener that throws', async () => {
    const { client, network, thrown } = await connected();
    const outcome = client.request('report', 1, {
      onEvent: () => {
        throw new Error('mine');
      },
    });
    for (const frame of [ack(), event(0), result(1)]) network.newest.frame(frame);
    await expect(outcome).resolves.toBe('done');
    expect(thrown).toEqual([new Error('mine')]);
  });
});

describe('A closed client', () => {
  test('fails what is asked of it', async () => {
    const { client } = await connected();
    client.close();
    client.close();
    const failures = await Promise.all(
      [client.connect(), client.request('a'), client.attach('a', { id: 'x' })].map(failureOf),
    );
    expect(failures.map(({ code }) => code)).toEqual(['CLIENT_CLOSED', 'CLIENT_CLOSED', 'CLIENT_CLOSED']);
  });

  test('fails a connect that is under way, and lets go of its socket', async () => {
    const { client, network } = start();
    const failure = failureOf(client.connect());
    await settled();
    client.close();
    await expect(failure).resolves.toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(network.records.map(({ kind }) => kind)).toEqual(['connect', 'close']);
  });

  test('opens no socket for a token that comes too late', async () => {
    let give: (token: string) => void = () => undefined;
    const { client, network } = start({ token: () => new Promise((resolve) => (give = resolve)) });
    client.connect().catch(() => undefined);
    await settled();
    client.close();
    give('late');
    await settled();
    expect(network.sockets).toHaveLength(0);
  });
});

test('Who no longer listens to the state hears nothing of it', async () => {
  const { client } = await connected();
  const heard: ConnectionState[] = [];
  const stop = client.on('state', (state) => heard.push(state));
  stop();
  client.close();
  expect(heard).toEqual([]);
});

test('A connection that stays silent after being woken is replaced', async () => {
  const { network, clock, wake, states } = await connected();
  wake();
  await clock.advance(10_000);
  expect(network.takeFrames()).toEqual([{ type: 'ping' }]);
  expect(states.at(-1)).toEqual(['disconnected', { closeCode: 4000, retryInMs: 250 }]);
});

test('A message of which two copies stay unanswered makes the client ask whether the connection lives', async () => {
  const { client, network, clock } = await connected();
  client.request('report', 1).catch(() => undefined);
  await clock.advance(15_000);
  expect(network.takeFrames().map((frame) => (frame as { type: string }).type)).toEqual([
    'request',
    'request',
    'request',
    'ping',
  ]);
});

test('No error shows the token', async () => {
  const errors: unknown[] = [];
  const { client, network, clock, states } = start();
  client.request('report', 1, { timeoutMs: 3_000 }).catch((error) => errors.push(error));
  await settled();
  network.newest.reject(500);
  await clock.advance(3_000);
  const shown = [...errors, ...states].map((thing) => JSON.stringify(thing, Object.getOwnPropertyNames(thing)));
  expect(errors).toHaveLength(1);
  expect(shown.join()).not.toContain(TOKEN);
  expect(shown.join()).not.toContain(Buffer.from(TOKEN).toString('base64url'));
});
