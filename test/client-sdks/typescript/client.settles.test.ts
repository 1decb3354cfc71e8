import { connected, failureOf, start } from './support/client-world';
import { ack, event, progress, result } from './support/frames';
import { settled } from './support/virtual-clock';

type World = Awaited<ReturnType<typeof connected>>;
const wire = (code: string, retryable = false, more: object = {}) => ({ code, message: 'No.', retryable, ...more });
const THROTTLE = { message: 'Too Many Requests', connectionId: 'c', requestId: 'r' };
const FAILED = { ...THROTTLE, message: 'Internal server error' };
const sentBy = (world: World) => world.network.takeFrames() as { type: string; id?: string }[];
const typesOf = (world: World) => sentBy(world).map(({ type }) => type);

describe('A code that a handler chose', () => {
  test.each([
    'TOKEN_EXPIRED',
    'UNAUTHORIZED',
    'FORBIDDEN',
    'OUTCOME_UNKNOWN',
    'RATE_LIMITED',
    'CONNECT_FAILED',
  ])("The handler's code %s fails its request once, and does not affect the connection or other requests", async (code) => {
    let asked = 0;
    const world = await connected({ token: () => `token-${++asked}` });
    const outcome = failureOf(world.client.request('sync'));
    const other = world.client.request('other');
    sentBy(world);
    world.network.newest.frame({ type: 'error', id: 'r-1', for: 'request', ran: true, error: wire(code, true) });
    await expect(outcome).resolves.toMatchObject({ code, message: 'No.' });
    await world.clock.advance(7_999);
    expect(world.network.records).toEqual([]);
    world.network.newest.frame({ type: 'response', id: 'r-2', result: 1 });
    await expect(other).resolves.toBe(1);
    expect(asked).toBe(1);
  });

  test('TOKEN_EXPIRED in a log only ends its request', async () => {
    const world = await connected({ token: () => 'token' });
    const outcome = failureOf(world.client.request('async'));
    world.network.newest.frame(ack());
    world.network.newest.frame({ type: 'error', id: 'r-1', offset: 0, run: 1, error: wire('TOKEN_EXPIRED') });
    await expect(outcome).resolves.toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(world.client.state).toBe('connected');
  });
});

describe('An expired token', () => {
  test('If an expired token is replaced by expired tokens, the client gives up after a few attempts', async () => {
    let asked = 0;
    const world = await connected({ token: () => `token-${++asked}` });
    const outcome = failureOf(world.client.request('report'));
    const published = failureOf(world.client.publish('news', 1));
    for (let i = 0; i < 10 && world.client.state === 'connected'; i++) {
      world.network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error: wire('TOKEN_EXPIRED') });
      await world.clock.advance(20_000);
      if (world.network.sockets.length === i + 2) world.network.newest.accept();
    }
    await expect(outcome).resolves.toMatchObject({ code: 'TOKEN_EXPIRED', retryable: false });
    await expect(published).resolves.toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(asked).toBe(6);
    expect(world.states.at(-1)).toEqual([
      'disconnected',
      { error: expect.objectContaining({ code: 'TOKEN_EXPIRED' }) },
    ]);
    await world.clock.advance(3_600_000);
    expect(asked).toBe(6);
  });

  test('An expired token is replaced any number of times if the tokens in between were valid', async () => {
    const world = await connected({ token: () => 'token' });
    world.client.request('report').catch(() => undefined);
    for (let i = 0; i < 20; i++) {
      world.network.newest.frame(ack());
      world.network.newest.frame({ type: 'error', id: 'r-1', for: 'attach', error: wire('TOKEN_EXPIRED') });
      await world.clock.advance(20_000);
      world.network.newest.accept();
    }
    expect(world.client.state).toBe('connected');
  });
});

describe('A message that nothing answers over a connection that works', () => {
  const pending: [string, (world: World) => Promise<unknown>][] = [
    ['request', ({ client }) => client.request('report')],
    ['publish', ({ client }) => client.publish('news', 1)],
    ['subscribe', ({ client }) => client.subscribe('news', { onMessage: () => undefined }).subscribed],
  ];

  test.each(pending)('Without an answer, a %s is sent three times and then fails', async (type, begin) => {
    const world = await connected();
    const outcome = failureOf(begin(world));
    await world.clock.advance(24_000);
    expect(typesOf(world)).toEqual([type, type, type, 'ping']);
    world.network.newest.frame({ type: 'pong' });
    await world.clock.advance(29_999);
    expect(world.network.records).toEqual([]);
    await world.clock.advance(1);
    await expect(outcome).resolves.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
  });

  test.each(
    pending,
  )('Without an answer, a %s fails if API Gateway answers the ping instead of the server', async (_, begin) => {
    const world = await connected();
    const outcome = failureOf(begin(world));
    await world.clock.advance(24_000);
    world.network.newest.frame(FAILED);
    await world.clock.advance(30_000);
    await expect(outcome).resolves.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  test.each(
    pending,
  )('Without an answer, a %s continues if the connection turns out to be dead', async (type, begin) => {
    const world = await connected();
    begin(world).catch(() => undefined);
    await world.clock.advance(24_000 + 10_000 + 12_500);
    sentBy(world);
    world.network.newest.accept();
    expect(typesOf(world)).toEqual([type]);
  });

  test.each(
    pending,
  )('Without an answer, a %s is not sent a fourth time, however short its ack timeout is', async (type, begin) => {
    const world = await connected({ timing: { ackTimeoutMs: 10, watchMs: 10 } });
    begin(world).catch(() => undefined);
    await world.clock.advance(9_000);
    expect(typesOf(world).filter((sent) => sent === type)).toHaveLength(3);
  });

  test.each(pending)('A %s fails after refusals that name no message', async (type, begin) => {
    const world = await connected();
    const outcome = failureOf(begin(world));
    for (let i = 0; i < 30; i++) {
      for (const sent of typesOf(world)) {
        if (sent === type) world.network.newest.frame({ type: 'error', error: wire('INVALID_JSON') });
        else world.network.newest.frame({ type: 'pong' });
      }
      await world.clock.advance(2_000);
    }
    await expect(outcome).resolves.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });
});

test('A client waits without limit for a topic that was joined before', async () => {
  const world = await connected();
  const { subscribed } = world.client.subscribe('news', { onMessage: () => undefined });
  world.network.newest.frame({ type: 'ack', for: 'subscribe', topic: 'news', epoch: 'e', offset: 0 });
  await subscribed;
  world.network.newest.end(1006);
  await world.clock.advance(250);
  world.network.newest.accept();
  for (let i = 0; i < 20; i++) {
    await world.clock.advance(10_000);
    if (typesOf(world).includes('ping')) world.network.newest.frame({ type: 'pong' });
  }
  expect(world.thrown).toEqual([]);
});

test('A topic can be subscribed to again if its unsubscribe is never answered', async () => {
  const world = await connected();
  world.client.subscribe('news', { onMessage: () => undefined }).unsubscribe();
  world.client.subscribe('news', { onMessage: () => undefined });
  expect(typesOf(world)).toEqual(['subscribe']);
  await world.clock.advance(8_000);
  expect(typesOf(world)).toEqual(['unsubscribe']);
  await world.clock.advance(24_000);
  world.network.newest.frame({ type: 'pong' });
  await world.clock.advance(30_000);
  expect(typesOf(world)).toEqual(['unsubscribe', 'unsubscribe', 'ping', 'subscribe']);
});

describe('A refusal', () => {
  test.each([
    { topic: 'news', for: 'subscribe' },
    { topic: 'news' },
  ])('A refusal that names %j ends the subscription', async (names) => {
    const world = await connected();
    const { subscribed } = world.client.subscribe('news', { onMessage: () => undefined });
    world.network.newest.frame({ type: 'error', ...names, error: wire('INVALID_MESSAGE') });
    await expect(subscribed).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
  });

  test.each([
    { topic: 'news', for: 'subscribe_to_all' },
    { topic: 'news', for: 'publish' },
    { topic: 'news', id: 'r-1' },
  ])('A refusal that names %j leaves the subscription unchanged', async (names) => {
    const world = await connected();
    const { subscribed } = world.client.subscribe('news', { onMessage: () => undefined });
    world.network.newest.frame({ type: 'error', ...names, error: wire('INVALID_MESSAGE') });
    world.network.newest.frame({ type: 'ack', for: 'subscribe', topic: 'news', epoch: 'e', offset: 0 });
    await subscribed;
  });

  test.each([
    { id: 'r-1', topic: 'news', for: 'publish' },
    { id: 'r-1', topic: 'news' },
    { id: 'r-1' },
  ])('A refusal that names %j ends the publish', async (names) => {
    const world = await connected();
    const published = failureOf(world.client.publish('news', 1));
    world.network.newest.frame({ type: 'error', ...names, error: wire('FORBIDDEN') });
    await expect(published).resolves.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('After an error with an unknown outcome, the client sends the same publish again', async () => {
    const world = await connected();
    const published = world.client.publish('news', 1);
    const names = { id: 'r-1', topic: 'news', for: 'publish' };
    world.network.newest.frame({ type: 'error', ...names, error: wire('OUTCOME_UNKNOWN', true) });
    await world.clock.advance(1_500);
    expect(typesOf(world)).toEqual(['publish', 'publish']);
    world.network.newest.frame({ type: 'ack', for: 'publish', id: 'r-1', topic: 'news' });
    await published;
  });

  test('After an error with an unknown outcome, the client sends the same request again until its time limit', async () => {
    const world = await connected();
    const outcome = failureOf(world.client.request('report', 1, { timeoutMs: 600_000 }));
    const ids: unknown[] = [];
    for (let i = 0; i < 700; i++) {
      for (const { type, id } of sentBy(world)) {
        if (type === 'ping') world.network.newest.frame({ type: 'pong' });
        else {
          ids.push(id);
          world.network.newest.frame({ type: 'error', id, for: 'request', error: wire('OUTCOME_UNKNOWN', true) });
        }
      }
      await world.clock.advance(1_000);
    }
    await expect(outcome).resolves.toMatchObject({ code: 'TIMEOUT' });
    expect(new Set(ids)).toEqual(new Set(['r-1']));
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.length).toBeLessThan(40);
  });
});

describe("API Gateway's throttle", () => {
  test("After API Gateway's throttle, the client sends the last message again after one to two seconds", async () => {
    const world = await connected();
    for (let i = 0; i < 3; i++) world.client.request('report').catch(() => undefined);
    sentBy(world);
    world.network.newest.frame(THROTTLE);
    await world.clock.advance(999);
    expect(world.network.records).toEqual([]);
    await world.clock.advance(1_001);
    expect(sentBy(world).map(({ id }) => id)).toEqual(['r-3']);
  });

  test('Each throttle of API Gateway concerns another message, and none that was answered', async () => {
    const world = await connected();
    for (let i = 0; i < 4; i++) world.client.request('report').catch(() => undefined);
    world.network.newest.frame({ ...ack(), id: 'r-3' });
    sentBy(world);
    for (let i = 0; i < 9; i++) world.network.newest.frame(THROTTLE);
    await world.clock.advance(2_000);
    expect(sentBy(world).map(({ id }) => id)).toEqual(expect.arrayContaining(['r-1', 'r-2', 'r-4']));
    expect(world.network.records).toEqual([]);
  });

  test('The client distributes the repetitions of throttled messages over time', async () => {
    let next = 0;
    const world = await connected({ random: () => (next = (next + 0.37) % 1) });
    for (let i = 0; i < 8; i++) world.client.publish('news', i).catch(() => undefined);
    sentBy(world);
    for (let i = 0; i < 8; i++) world.network.newest.frame(THROTTLE);
    const moments: number[] = [];
    for (let ms = 0; ms < 2_000; ms += 50) {
      await world.clock.advance(50);
      if (sentBy(world).length > 0) moments.push(ms);
    }
    expect(moments.length).toBeGreaterThan(5);
  });

  test("API Gateway's throttle delays a request, but never fails it", async () => {
    const world = await connected();
    const outcome = world.client.request('report');
    let sends = 0;
    for (let i = 0; i < 1_200; i++) {
      for (const { type } of sentBy(world)) {
        sends += 1;
        world.network.newest.frame(type === 'ping' ? { type: 'pong' } : THROTTLE);
      }
      await world.clock.advance(500);
    }
    expect(sends).toBeLessThan(40);
    world.network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(outcome).resolves.toBe(1);
  });
});

describe('A listener that fails', () => {
  const listeners = (fail: () => unknown) => ({
    onProgress: fail as () => void,
    onEvent: fail as () => void,
    onState: fail as () => void,
  });
  const ways: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
    ],
    [
      'returns a promise that throws when it is read',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('mine');
          },
        }),
    ],
  ];

  test.each(ways)('%s: the error is reported, and the request continues', async (_, fail) => {
    const world = await connected();
    const outcome = world.client.request('report', 1, listeners(fail));
    for (const frame of [ack(), progress({ percentage: 10 }), event(0), result(1)]) world.network.newest.frame(frame);
    await expect(outcome).resolves.toBe('done');
    expect(world.thrown.length).toBeGreaterThan(3);
  });

  test.each(
    ways,
  )('%s, and so does the error listener: the error is thrown in a separate task, and the request continues', async (_, fail) => {
    const platform = globalThis as { reportError?: unknown };
    const uncaught: unknown[] = [];
    platform.reportError = (error: unknown) => uncaught.push(error);
    try {
      const onListenerError = fail as () => void;
      const world = await connected({ onListenerError, onStateChange: fail as () => void });
      const outcome = world.client.request('report', 1, listeners(fail));
      const topic = { onMessage: fail as () => void, onRecovered: fail as () => void, onError: fail as () => void };
      const { subscribed } = world.client.subscribe('news', topic);
      world.network.newest.frame({ type: 'error', topic: 'news', for: 'subscribe', error: wire('FORBIDDEN') });
      for (const frame of [ack(), event(0), result(1)]) world.network.newest.frame(frame);
      await expect(outcome).resolves.toBe('done');
      await expect(subscribed).rejects.toMatchObject({ code: 'FORBIDDEN' });
      world.client.close();
      await settled();
      expect(uncaught.length).toBeGreaterThan(4);
    } finally {
      delete platform.reportError;
    }
  });

  test('A client connects even if its state listener throws', async () => {
    const fail = () => {
      throw new Error('mine');
    };
    const world = start({ onStateChange: fail });
    const connect = world.client.connect();
    await settled();
    world.network.newest.accept();
    await connect;
    expect(world.thrown).toHaveLength(2);
  });
});

describe('Without a network', () => {
  function startWithWake() {
    const wakes: { online(): void; offline(): void }[] = [];
    const wake = (online: () => void, offline: () => void) => {
      wakes.push({ online, offline });
      return () => undefined;
    };
    return { wakes, wake };
  }

  test('Without a network, the state shows it, requests wait, and the client reconnects as soon as the network is back', async () => {
    const { wakes, wake } = startWithWake();
    const world = await connected({ wake, random: () => 1 });
    const outcome = world.client.request('report');
    world.network.newest.frame(ack());
    sentBy(world);
    wakes[0]?.offline();
    expect(world.states.at(-1)).toEqual(['disconnected', { closeCode: 1006, offline: true, retryInMs: 60_000 }]);
    await world.clock.advance(60_000);
    world.network.newest.reject();
    expect(world.states.at(-1)).toEqual(['disconnected', expect.objectContaining({ offline: true })]);
    wakes[0]?.online();
    await settled();
    world.network.newest.accept();
    expect(sentBy(world)).toEqual([{ type: 'attach', id: 'r-1', offset: 0, epoch: 'e-1' }]);
    world.network.newest.frame(result(0));
    await expect(outcome).resolves.toBe('done');
  });

  test('A repeated report of a lost network changes neither the state nor the wait', async () => {
    const { wakes, wake } = startWithWake();
    const world = await connected({ wake, random: () => 0.5 });
    wakes[0]?.offline();
    const { length } = world.states;
    await world.clock.advance(20_000);
    wakes[0]?.offline();
    expect(world.states).toHaveLength(length);
    await world.clock.advance(25_000);
    expect(world.client.state).toBe('connecting');
  });

  test('A handshake that hangs is repeated when the network is available again', async () => {
    const { wakes, wake } = startWithWake();
    const world = start({ wake });
    wakes[0]?.offline();
    const connect = world.client.connect();
    await settled();
    wakes[0]?.online();
    await settled();
    expect(world.network.sockets).toHaveLength(2);
    world.network.newest.accept();
    await connect;
  });

  test('A wrong report of a lost network only causes a reconnect', async () => {
    const { wakes, wake } = startWithWake();
    const world = await connected({ wake });
    wakes[0]?.offline();
    await world.clock.advance(60_000);
    world.network.newest.accept();
    expect(world.client.state).toBe('connected');
    wakes[0]?.online();
    expect(world.client.state).toBe('connected');
    expect(world.network.sockets).toHaveLength(2);
  });
});
