import { connected, start, type World } from './support/client-world';
import type { FakeSocket } from './support/fake-socket';
import { ack, event, failure, marker, page, result } from './support/frames';
import { settled, VirtualClock } from './support/virtual-clock';

/** Age at which the successor is opened with the random number 0.5: 100 minutes and half of 15. */
const MOVE_MS = 107.5 * 60_000;
const PING = { type: 'ping' };
const expired = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };

/** Answers of a server whose logs contain nothing new. */
function answerTo({ type, id, topic, offset }: { type: string; id: string; topic: string; offset: number }): object {
  if (type === 'attach') return ack({ id, status: 'RUNNING', recovered: true, offset });
  if (type === 'subscribe') return { type: 'ack', for: 'subscribe', topic, epoch: 'e', offset, recovered: true };
  return { type: 'pong' };
}

/** Returns the two connections of a move. The server has answered everything before the move, and the successor is not accepted yet. */
async function untilMove(world: World): Promise<{ old: FakeSocket; next: FakeSocket }> {
  const { network } = world;
  const old = network.newest;
  await serve(world, old, MOVE_MS);
  expect(network.sockets).toHaveLength(2);
  return { old, next: network.newest };
}

/** Moves the time, while the server answers each message on the given connection. */
async function serve(world: World, socket: FakeSocket, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    await world.clock.advance(5_000);
    for (const frame of framesOn(world, socket)) socket.frame(answerTo(frame as never));
  }
}

const framesOn = ({ network }: World, socket: FakeSocket): unknown[] =>
  network.records
    .splice(0)
    .flatMap((record) => (record.kind === 'frame' && record.socket === socket ? [record.frame] : []));
const closesOf = ({ network }: World) =>
  network.records.flatMap(({ kind, ...rest }) => (kind === 'close' ? [rest] : []));

/** A request that the server has accepted, with the offsets of its events. */
function requested(world: World) {
  const offsets: number[] = [];
  const outcome = world.client.request('report', 1, { onEvent: ({ offset }) => offsets.push(offset) });
  outcome.catch(() => undefined);
  world.network.newest.frame(ack());
  world.network.newest.frame(marker(0, 1));
  world.network.records.splice(0);
  return { outcome, offsets };
}

describe('Before the server closes a connection, the client moves to another', () => {
  test('A request attaches over the successor, and the old connection is closed after the answer', async () => {
    const world = await connected();
    const { outcome, offsets } = requested(world);
    const { old, next } = await untilMove(world);
    next.accept();
    expect(framesOn(world, next)).toEqual([{ type: 'attach', id: 'r-1', offset: 1, epoch: 'e-1' }]);

    old.frame(event(1));
    next.frame(event(2));
    expect(offsets).toEqual([1, 2]);
    next.frame(page([event(1), event(2)]));
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    next.frame(result(3));
    await expect(outcome).resolves.toBe('done');
    expect(offsets).toEqual([1, 2]);
    expect(world.states.map(([state]) => state)).toEqual(['connecting', 'connected']);
  });

  test('An answer to an attach that was sent before the move does not count', async () => {
    const world = await connected();
    requested(world).outcome.catch(() => undefined);
    const { old, next } = await untilMove(world);
    next.accept();
    framesOn(world, next);
    old.frame(page([]));
    expect(closesOf(world)).toEqual([]);
    await world.clock.advance(8_000);
    expect(framesOn(world, next)).toEqual([expect.objectContaining({ type: 'attach' })]);
  });

  test('A client without requests closes the old connection at once, and moves again at the same age', async () => {
    const world = await connected();
    const { next } = await untilMove(world);
    next.accept();
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    await world.clock.advance(60_000);
    expect(world.network.sockets).toHaveLength(2);
    await serve(world, next, MOVE_MS - 65_000);
    expect(world.network.sockets).toHaveLength(2);
    await serve(world, next, 5_000);
    expect(world.network.sockets).toHaveLength(3);
  });

  test('A successor that cannot be opened is tried again, while the old connection serves', async () => {
    const world = await connected();
    const { next } = await untilMove(world);
    next.reject();
    const outcome = world.client.request('echo');
    world.network.sockets[0]?.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(outcome).resolves.toBe(1);
    await world.clock.advance(12_500);
    expect(world.network.sockets).toHaveLength(3);
    world.network.newest.accept();
    expect(world.states.map(([state]) => state)).toEqual(['connecting', 'connected']);
  });

  test('After a final refusal, no successor is opened until the connection ends', async () => {
    const world = await connected();
    const { old, next } = await untilMove(world);
    next.reject(403);
    await serve(world, old, 600_000);
    expect(world.network.sockets).toHaveLength(2);
    old.end(1001);
    await world.clock.advance(25_000);
    expect(world.network.sockets).toHaveLength(3);
  });

  test('If the connection ends during the handshake of its successor, the handshake continues', async () => {
    const world = await connected();
    const { outcome } = requested(world);
    const { old, next } = await untilMove(world);
    old.end(1001);
    expect(world.states.slice(-2).map(([state]) => state)).toEqual(['disconnected', 'connecting']);
    next.accept();
    expect(framesOn(world, next)).toEqual([expect.objectContaining({ type: 'attach', offset: 1 })]);
    next.frame(page([event(1), result(2)]));
    await expect(outcome).resolves.toBe('done');
    await world.clock.advance(60_000);
    expect(world.network.sockets).toHaveLength(2);
  });

  test('A client that is closed during a move closes both connections', async () => {
    const world = await connected();
    requested(world).outcome.catch(() => undefined);
    const { next } = await untilMove(world);
    next.accept();
    world.network.records.splice(0);
    world.client.close();
    expect(closesOf(world)).toHaveLength(2);
  });
});

describe('A request without an answer during a move', () => {
  async function moving() {
    const world = await connected();
    const { old, next } = await untilMove(world);
    const outcome = world.client.request('report', 1, { ackTimeoutMs: Number.POSITIVE_INFINITY });
    outcome.catch(() => undefined);
    world.network.records.splice(0);
    next.accept();
    expect(framesOn(world, next)).toEqual([]);
    return { ...world, world, old, next, outcome };
  }

  test('An answer over the old connection settles a request, which is not sent again', async () => {
    const { world, old, next, outcome } = await moving();
    expect(closesOf(world)).toEqual([]);
    old.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(outcome).resolves.toBe(1);
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    expect(framesOn(world, next)).toEqual([]);
  });

  test('A request that is accepted over the old connection attaches over the successor at once', async () => {
    const { world, old, next, outcome } = await moving();
    old.frame(ack());
    expect(framesOn(world, next)).toEqual([{ type: 'attach', id: 'r-1', offset: 0, epoch: 'e-1' }]);
    old.frame(marker(0, 1));
    next.frame(page([marker(0, 1)]));
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    next.frame(result(1));
    await expect(outcome).resolves.toBe('done');
  });

  test('A refusal over the old connection fails the request', async () => {
    const { old, outcome } = await moving();
    const error = { code: 'UNKNOWN_ACTION', message: 'No.', retryable: false };
    old.frame({ type: 'error', id: 'r-1', for: 'request', error });
    await expect(outcome).rejects.toMatchObject({ code: 'UNKNOWN_ACTION' });
  });

  test.each<[string, (all: { old: FakeSocket; clock: World['clock'] }) => unknown]>([
    ['the old connection ends', ({ old }) => old.end(1006)],
    ['30 seconds are over', ({ clock }) => clock.advance(30_000)],
  ])('A request is sent again over the successor when %s', async (_, end) => {
    const { world, clock, old, next, outcome } = await moving();
    await end({ old, clock });
    expect(framesOn(world, next)).toEqual([{ type: 'request', id: 'r-1', action: 'report', input: 1 }]);
    next.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(outcome).resolves.toBe(1);
  });
});

describe('Other messages during a move', () => {
  test('A subscription continues over the successor, and the application is not notified', async () => {
    const world = await connected();
    const recovered: boolean[] = [];
    const offsets: number[] = [];
    const room = world.client.subscribe('room', {
      onMessage: ({ offset }) => offsets.push(offset),
      onRecovered: (isRecovered) => recovered.push(isRecovered),
    });
    const message = (offset: number) => ({ type: 'message', topic: 'room', epoch: 'e', offset, data: offset });
    world.network.newest.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4 });
    await room.subscribed;
    const { old, next } = await untilMove(world);
    next.accept();
    expect(framesOn(world, next)).toEqual([{ type: 'subscribe', topic: 'room', offset: 4, epoch: 'e' }]);
    old.frame(message(4));
    old.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 5 });
    expect(closesOf(world)).toEqual([]);
    next.frame({
      type: 'ack',
      for: 'subscribe',
      topic: 'room',
      epoch: 'e',
      offset: 5,
      recovered: true,
      entries: [message(4)],
    });
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    next.frame(message(5));
    expect({ offsets, recovered }).toEqual({ offsets: [4, 5], recovered: [] });
  });

  test('A first subscribe is answered over the old connection, and then subscribes over the successor', async () => {
    const world = await connected();
    const { old, next } = await untilMove(world);
    const room = world.client.subscribe('room', { onMessage: () => undefined });
    world.network.records.splice(0);
    next.accept();
    expect(framesOn(world, next)).toEqual([]);
    old.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4 });
    await room.subscribed;
    expect(framesOn(world, next)).toEqual([{ type: 'subscribe', topic: 'room', offset: 4, epoch: 'e' }]);
    next.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4, recovered: true });
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
  });

  test('A first subscribe without an answer is sent over the successor when the old connection ends', async () => {
    const world = await connected();
    const { old, next } = await untilMove(world);
    world.client.subscribe('room', { onMessage: () => undefined }).subscribed.catch(() => undefined);
    next.accept();
    world.network.records.splice(0);
    old.end(1006);
    expect(framesOn(world, next)).toEqual([{ type: 'subscribe', topic: 'room' }]);
  });

  test('Messages with ids are sent again over the successor, and unsubscribes are not', async () => {
    const world = await connected({
      timing: { ackTimeoutMs: Number.POSITIVE_INFINITY, watchMs: Number.POSITIVE_INFINITY },
    });
    const room = world.client.subscribe('room', { onMessage: () => undefined });
    world.network.newest.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4 });
    const { next } = await untilMove(world);
    room.unsubscribe();
    const calls = [
      world.client.publish('news', 1, { id: 'p-1' }),
      world.client.cancel('other'),
      world.client.requests(),
      world.client.send('report', 'other', 'note', 1, { id: 'i-1' }),
    ];
    await settled();
    for (const call of calls) call.catch(() => undefined);
    world.network.records.splice(0);
    next.accept();
    const types = framesOn(world, next).map((frame) => (frame as { type: string }).type);
    expect(types).toEqual(['cancel', 'publish', 'list', 'input']);
  });

  test('A subscription that waited for an unsubscribe begins over the successor', async () => {
    const world = await connected();
    const room = world.client.subscribe('room', { onMessage: () => undefined });
    world.network.newest.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4 });
    const { next } = await untilMove(world);
    room.unsubscribe();
    world.client.subscribe('room', { onMessage: () => undefined }).subscribed.catch(() => undefined);
    world.network.records.splice(0);
    next.accept();
    expect(framesOn(world, next)).toEqual([{ type: 'subscribe', topic: 'room' }]);
    next.frame({ type: 'ack', for: 'subscribe', topic: 'room', epoch: 'e', offset: 4 });
    await world.clock.advance(20_000);
    expect(framesOn(world, next)).toEqual([]);
  });

  test('A request that has failed is not observed any more after a move', async () => {
    const world = await connected();
    const onRedrive = jest.fn();
    const outcome = world.client.request('report', 1, { onRedrive });
    world.network.newest.frame(ack());
    world.network.newest.frame(failure(0));
    await expect(outcome).rejects.toMatchObject({ code: 'HANDLER_ERROR' });
    const { next } = await untilMove(world);
    next.accept();
    next.frame(marker(1, 1, 2));
    expect(onRedrive).not.toHaveBeenCalled();
  });

  test('Frames of the old connection that name no message are ignored', async () => {
    const world = await connected();
    requested(world).outcome.catch(() => undefined);
    const { old, next } = await untilMove(world);
    next.accept();
    framesOn(world, next);
    for (const message of ['Too Many Requests', 'Internal server error']) {
      old.frame({ message, connectionId: 'c', requestId: 'r' });
    }
    old.frame({ type: 'pong' });
    // A throttle of the successor would delay the attach by less than 8 seconds.
    await world.clock.advance(7_999);
    expect(framesOn(world, next)).toEqual([]);
    await world.clock.advance(1);
    expect(framesOn(world, next)).toEqual([expect.objectContaining({ type: 'attach' })]);
  });
});

describe('An expired token', () => {
  const token = () => 'token';

  test('An expired token is replaced without a visible disconnect, and everything is sent again at once', async () => {
    const world = await connected({ token });
    const { offsets } = requested(world);
    const answer = world.client.request('echo');
    const [old] = world.network.sockets;
    old?.frame({ type: 'error', id: 'r-2', for: 'request', error: expired });
    await world.clock.advance(500);
    old?.frame(event(1));
    world.network.records.splice(0);
    world.network.newest.accept();
    expect(framesOn(world, world.network.newest)).toEqual([
      { type: 'attach', id: 'r-1', offset: 2, epoch: 'e-1' },
      { type: 'request', id: 'r-2', action: 'echo' },
    ]);
    world.network.newest.frame({ type: 'response', id: 'r-2', result: 1 });
    await expect(answer).resolves.toBe(1);
    world.network.newest.frame(page([event(2)]));
    expect(closesOf(world)).toEqual([{ code: 1000 }]);
    expect(offsets).toEqual([1, 2]);
    expect(world.states.map(([state]) => state)).toEqual(['connecting', 'connected']);
  });

  test('If the handshake with the next token fails, the state shows it, and the client connects as usual', async () => {
    const world = await connected({ token });
    const answer = world.client.request('echo');
    world.network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error: expired });
    await world.clock.advance(500);
    world.network.newest.reject();
    expect(world.states.at(-1)).toEqual([
      'disconnected',
      { error: expect.objectContaining({ code: 'CONNECT_FAILED' }), retryInMs: 250 },
    ]);
    await world.clock.advance(500);
    world.network.newest.accept();
    world.network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(answer).resolves.toBe(1);
  });

  test('If the next token is refused, the client gives up', async () => {
    const world = await connected({ token });
    const answer = world.client.request('echo').catch((error) => error);
    world.network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error: expired });
    await world.clock.advance(500);
    world.network.newest.reject(403);
    await expect(answer).resolves.toMatchObject({ code: 'FORBIDDEN' });
    expect(world.states.at(-1)).toEqual(['disconnected', { error: expect.objectContaining({ code: 'FORBIDDEN' }) }]);
  });

  test('A request that the old connection refuses during a move is sent over the successor', async () => {
    const world = await connected({ token });
    const { old, next } = await untilMove(world);
    const answer = world.client.request('echo', 1, { ackTimeoutMs: Number.POSITIVE_INFINITY });
    world.network.records.splice(0);
    next.accept();
    old.frame({ type: 'error', id: 'r-1', for: 'request', error: expired });
    expect(framesOn(world, next)).toEqual([{ type: 'request', id: 'r-1', action: 'echo', input: 1 }]);
    next.frame({ type: 'response', id: 'r-1', result: 1 });
    await expect(answer).resolves.toBe(1);
    expect(world.network.sockets).toHaveLength(2);
  });
});

describe('After the device slept', () => {
  test('A connection is checked within ten seconds with a ping, and replaced at once if no answer comes', async () => {
    const world = await connected();
    await world.clock.advance(1_000);
    world.clock.sleep(600_000);
    await world.clock.advance(0);
    expect(framesOn(world, world.network.newest)).toContainEqual(PING);
    await world.clock.advance(5_000);
    expect(world.states.at(-1)).toEqual(['disconnected', { closeCode: 4000, retryInMs: 250 }]);
  });

  test('A timer that is late by less than a minute, as in a hidden page, causes no ping', async () => {
    const world = await connected();
    await world.clock.advance(1_000);
    world.clock.sleep(60_000);
    await world.clock.advance(10_000);
    expect(framesOn(world, world.network.newest)).toEqual([]);
  });

  test('A ping that was sent before the sleep is repeated, because its answer may not have been read yet', async () => {
    const world = await connected();
    await world.clock.advance(240_000);
    expect(framesOn(world, world.network.newest)).toEqual([PING]);
    world.clock.sleep(50_000);
    await world.clock.advance(1_000);
    expect(framesOn(world, world.network.newest)).toEqual([PING]);
    world.network.newest.frame({ type: 'pong' });
    await world.clock.advance(20_000);
    expect(world.client.state).toBe('connected');
  });

  test('A successor that is due is opened at once', async () => {
    const world = await connected();
    world.clock.sleep(MOVE_MS);
    await world.clock.advance(10_000);
    expect(world.network.sockets).toHaveLength(2);
  });

  test('An attempt that waits begins at once', async () => {
    const world = await connected({ random: () => 1 });
    world.network.newest.end(1006);
    world.network.newest.end(1006);
    await world.clock.advance(9_000);
    world.clock.sleep(10);
    expect(world.network.sockets).toHaveLength(1);
    world.wake();
    await settled();
    expect(world.network.sockets).toHaveLength(2);
  });

  test('If the clock was set back, pings continue in time', async () => {
    const timers = new VirtualClock();
    let setBackMs = 0;
    const clock = {
      now: () => timers.now() - setBackMs,
      setTimeout: (fn: () => void, ms: number) => timers.setTimeout(fn, ms),
      clearTimeout: (timer: unknown) => timers.clearTimeout(timer),
    };
    const world = await connected({ clock });
    setBackMs = 3_600_000;
    await timers.advance(245_000);
    expect(framesOn(world, world.network.newest)).toEqual([PING]);
  });
});

test('`connect()` ends the wait between two attempts', async () => {
  const world = await connected();
  world.network.newest.end(1006);
  const connect = world.client.connect();
  await settled();
  expect(world.network.sockets).toHaveLength(2);
  world.network.newest.accept();
  await connect;
});

test('With a `ws:` URL, which API Gateway does not serve, a lost connection is opened again within 500 ms', async () => {
  const world = await connected({ random: () => 1 }, 'ws://127.0.0.1:4000');
  world.network.newest.end(1006);
  expect(world.states.at(-1)).toEqual(['disconnected', { closeCode: 1006, retryInMs: 500 }]);
});

test.each([
  1003, 1009,
])('A connection that ends with %i because of a message of this client is opened again within 500 ms', async (code) => {
  const world = await connected({ random: () => 1 });
  world.network.newest.end(code);
  expect(world.states.at(-1)).toEqual(['disconnected', { closeCode: code, retryInMs: 500 }]);
});

test('Before a page is frozen, the client sends a ping, so that the idle limit of the server begins anew', async () => {
  const wakes: (() => void)[] = [];
  const world = start({
    wake: (...all) => {
      wakes.push(...all);
      return () => undefined;
    },
  });
  const connect = world.client.connect();
  await settled();
  world.network.newest.accept();
  await connect;
  world.network.records.splice(0);
  wakes[2]?.();
  expect(framesOn(world, world.network.newest)).toEqual([PING]);
});
