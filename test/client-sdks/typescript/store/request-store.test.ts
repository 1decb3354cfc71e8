import { setTimeout as sleep } from 'node:timers/promises';
import {
  type RequestStoreOptions,
  type SnapshotStorage,
  StreamerStores,
} from '../../../../client-sdks/typescript/src/store';
import { connected, failureOf } from '../support/client-world';
import { ack, event, failure, marker, page, progress, result } from '../support/frames';
import { settled } from '../support/virtual-clock';

/** A `localStorage` of one page. */
function storageOf(
  entries: Record<string, string> = {},
): SnapshotStorage & { readonly entries: Record<string, string> } {
  return {
    entries,
    getItem: (key) => entries[key] ?? null,
    setItem: (key, value) => {
      entries[key] = value;
    },
    removeItem: (key) => {
      delete entries[key];
    },
  };
}

async function pageWith(options: RequestStoreOptions = {}) {
  const world = await connected();
  const stores = new StreamerStores(() => world.client);
  const store = stores.request('report', options);
  /** Starts the request `r-1`. */
  const begin = (input?: unknown) => store.start(input, { id: 'r-1' });
  const views: unknown[] = [];
  const watch = () => store.subscribe(() => views.push(store.getSnapshot()));
  const leave = watch();
  const receive = async (...frames: object[]) => {
    for (const frame of frames) world.network.newest.frame(frame as never);
    await settled();
    return store.getSnapshot();
  };
  return { ...world, stores, store, begin, views, leave, watch, receive };
}

/** After the last listener is removed, a store waits for one task before it stops, and then the request that it shows. */
async function unmounted(): Promise<void> {
  await sleep(1);
  await sleep(1);
}

test('a store shows a request from its start to its result', async () => {
  const { begin, store, receive } = await pageWith();
  expect(store.getSnapshot()).toEqual({ status: 'IDLE', isActive: false, percentage: 0, attempt: 0, events: [] });

  expect(begin({ year: 2026 })).toBe('r-1');
  expect(await receive()).toMatchObject({ status: 'PENDING', isActive: true, id: 'r-1', percentage: 0 });
  const running = await receive(
    ack(),
    marker(0, 1),
    progress({ percentage: 40, message: 'reads', metadata: { rows: 2 } }),
  );
  expect(running).toMatchObject({
    status: 'RUNNING',
    attempt: 1,
    percentage: 40,
    message: 'reads',
    metadata: { rows: 2 },
  });
  expect(await receive(event(1))).toMatchObject({ events: [{ name: 'row', data: { n: 1 }, offset: 1 }] });
  expect(await receive(result(2))).toMatchObject({
    status: 'COMPLETED',
    isActive: false,
    percentage: 100,
    result: 'done',
  });
});

test('the end and the result become visible at the same time', async () => {
  const { begin, views, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1));
  views.length = 0;
  await receive(result(1));

  expect(views).toEqual([expect.objectContaining({ status: 'COMPLETED', result: 'done' })]);
});

test('a frame with many events changes the view once, and published views never change', async () => {
  const { begin, store, views, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), event(1));
  const before = store.getSnapshot();
  views.length = 0;
  await receive(event(2), event(3), event(4));

  expect(views).toHaveLength(1);
  expect(before.events).toHaveLength(1);
  expect(store.getSnapshot().events.map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
});

test('a new attempt starts without the message of the previous one', async () => {
  const { begin, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), progress({ percentage: 80, message: 'almost' }));

  expect(await receive(marker(1, 2))).toMatchObject({
    attempt: 2,
    percentage: 0,
    message: undefined,
    metadata: undefined,
  });
});

test.each([
  ['FAILED', failure(1)],
  ['CANCELLED', failure(1, 1, 'CANCELLED')],
])('a request that ends as %s has an error', async (status, frame) => {
  const { begin, receive } = await pageWith();
  begin();
  const view = await receive(ack(), marker(0, 1), frame);

  expect(view).toMatchObject({ status, isActive: false, error: { code: frame.error.code } });
});

test('a refused request has an error', async () => {
  const { begin, receive } = await pageWith();
  begin();
  const error = { code: 'INVALID_INPUT', message: 'The year is missing.', retryable: false };

  expect(await receive({ type: 'error', id: 'r-1', error })).toMatchObject({
    status: 'FAILED',
    error: { code: 'INVALID_INPUT' },
  });
});

test('start replaces the request that is shown, and frames of the previous one are ignored', async () => {
  const { begin, store, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), progress({ percentage: 60 }));
  expect(store.start(undefined, { id: 'r-2' })).toBe('r-2');

  expect(await receive(result(1))).toMatchObject({ id: 'r-2', status: 'PENDING', percentage: 0, events: [] });
  expect(store.getSnapshot().result).toBeUndefined();
});

test('cancel and send act on the request, and an ignored rejection is not reported as unhandled', async () => {
  const { begin, store, network, receive } = await pageWith();
  await expect(store.cancel()).rejects.toThrow('Call `start` first');
  begin();
  await receive(ack(), marker(0, 1));
  network.takeFrames();
  void store.cancel('enough');
  void store.send('approve', { yes: true });
  await settled();
  expect(network.takeFrames()).toEqual([
    { type: 'cancel', id: 'r-1', reason: 'enough' },
    expect.objectContaining({ type: 'input', request: 'r-1', name: 'approve', data: { yes: true } }),
  ]);
  const error = { code: 'NOT_FOUND', message: 'There is no such request.', retryable: false };
  await receive({ type: 'error', id: 'r-1', for: 'cancel', error });
});

test('a store without listeners stops following, and continues where it stopped', async () => {
  const { begin, store, network, leave, watch, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), event(1));
  leave();
  await unmounted();
  await receive(event(2));
  expect(store.getSnapshot().events).toHaveLength(1);
  network.takeFrames();
  watch();
  await settled();

  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 2, epoch: 'e-1', ref: 'ref-1' }]);
  const view = await receive(page([event(2), event(3)], { offset: 4 }));
  expect(view).toMatchObject({ status: 'RUNNING', isActive: true });
  expect(view.events.map(({ offset }) => offset)).toEqual([1, 2, 3]);
});

test('a component that is removed and shown again at once, as in StrictMode, changes nothing', async () => {
  const { begin, network, leave, watch, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1));
  network.takeFrames();
  leave();
  watch();
  await unmounted();

  expect(network.takeFrames()).toEqual([]);
  expect(await receive(event(1))).toMatchObject({ events: [{ offset: 1 }] });
});

test('a request is still sent if its component is removed before the server has it', async () => {
  const { begin, store, network, leave, receive } = await pageWith();
  begin({ year: 2026 });
  leave();
  await unmounted();
  expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'report', input: { year: 2026 } }]);
  await receive(ack(), marker(0, 1), event(1));

  expect(store.getSnapshot().events).toEqual([]);
});

test('a stored request continues after a reload, and reset forgets it', async () => {
  const storage = storageOf();
  const first = await pageWith({ persist: 'q3', storage });
  first.begin();
  await first.receive(ack(), marker(0, 1), event(1));
  expect(storage.entries).toEqual({ 'streamer:q3': '{"id":"r-1","action":"report"}' });

  const second = await pageWith({ persist: 'q3', storage });
  expect(second.network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 0 }]);
  expect(await second.receive()).toMatchObject({ status: 'PENDING', isActive: true, id: 'r-1' });
  const view = await second.receive(page([marker(0, 1), event(1), result(2)], { status: 'COMPLETED', offset: 3 }));
  expect(view).toMatchObject({ status: 'COMPLETED', result: 'done', events: [{ offset: 1 }] });
  second.store.reset();
  expect(await second.receive()).toEqual(expect.objectContaining({ status: 'IDLE', id: undefined, events: [] }));
  expect(storage.entries).toEqual({});
});

test.each([
  ['of another action', '{"id":"r-9","action":"other"}'],
  ['that is damaged', '{'],
  ['of another type', '7'],
])('an entry of the storage %s is ignored', async (_, entry) => {
  const { store, network } = await pageWith({ persist: 'q3', storage: storageOf({ 'streamer:q3': entry }) });

  expect(network.takeFrames()).toEqual([]);
  expect(store.getSnapshot().status).toBe('IDLE');
});

test('a storage that throws does not disturb a request', async () => {
  const fail = () => {
    throw new Error('The storage is full.');
  };
  const { begin, store, receive } = await pageWith({
    persist: 'q3',
    storage: { getItem: fail, setItem: fail, removeItem: fail },
  });
  begin();

  expect(await receive(ack(), result(0))).toMatchObject({ status: 'COMPLETED' });
  store.reset();
});

test('a stored request whose retention is over is forgotten', async () => {
  const storage = storageOf({ 'streamer:q3': '{"id":"r-9","action":"report"}' });
  const { store, receive } = await pageWith({ persist: 'q3', storage });
  const error = { code: 'NOT_FOUND', message: 'There is no such request.', retryable: false };
  await receive({ type: 'error', id: 'r-9', for: 'attach', error });
  await settled();

  expect(store.getSnapshot().status).toBe('IDLE');
  // another user of the browser, or a page with another URL, may still find it
  expect(Object.keys(storage.entries)).toEqual(['streamer:q3']);
});

test('a store can follow a request that exists', async () => {
  const { network } = await pageWith({ id: 'r-7' });

  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-7', offset: 0 }]);
});

test('attach replaces the request that is shown', async () => {
  const { begin, store, network, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), event(1));
  network.takeFrames();
  store.attach('r-7');

  expect(await receive()).toMatchObject({ id: 'r-7', events: [], status: 'PENDING' });
  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-7', offset: 0 }]);
});

test('a redriven request is shown again', async () => {
  const { begin, store, network, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), failure(1));
  network.takeFrames();
  await receive(marker(2, 1, 2, 2));

  expect(store.getSnapshot()).toMatchObject({ isActive: true, error: undefined });
  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 0 }]);
});

test('a log that starts over replaces the events', async () => {
  const { begin, store, network, clock, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), event(1));
  network.newest.end(1006);
  await clock.advance(12_500);
  network.newest.accept();
  await receive(page([marker(0, 1), event(1), event(2)], { epoch: 'e-2', recovered: false, offset: 3 }));

  expect(store.getSnapshot().events.map(({ offset }) => offset)).toEqual([1, 2]);
});

test('all listeners of events are called once per event, until they are removed', async () => {
  const [old, current]: number[][] = [[], []];
  const { begin, store, receive } = await pageWith({ onEvent: ({ offset }) => old.push(offset) });
  begin();
  await receive(ack(), marker(0, 1), event(1));
  const stop = store.listen(({ offset }) => current.push(offset));
  await receive(event(2));
  stop();
  await receive(event(3));

  expect([old, current]).toEqual([[1, 2, 3], [2]]);
});

test('a closed client ends the request in the view', async () => {
  const { begin, store, client, receive } = await pageWith();
  begin();
  await receive(ack());
  client.close();
  expect(await receive()).toMatchObject({ status: 'FAILED', error: { code: 'CLIENT_CLOSED' } });
  expect(await failureOf(store.cancel())).toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('two stores show the same request, which the client follows once', async () => {
  const { stores, begin, network, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), event(1));
  network.takeFrames();
  const other = stores.request('report', { id: 'r-1' });
  const third = stores.request('report');
  third.attach('r-1');
  for (const each of [other, third]) each.subscribe(() => undefined);
  await receive(event(2));

  expect(network.takeFrames()).toEqual([]);
  for (const each of [other, third])
    expect(each.getSnapshot()).toMatchObject({ status: 'RUNNING', events: [{ offset: 1 }, { offset: 2 }] });
  await receive(result(3));
  for (const each of [other, third]) expect(each.getSnapshot()).toMatchObject({ status: 'COMPLETED', result: 'done' });
});

test('a page that hands its request to the next page loses nothing, also before the server has accepted it', async () => {
  const { stores, begin, leave, network, receive } = await pageWith();
  begin({ year: 2026 });
  leave();
  const next = stores.request('report', { id: 'r-1' });
  next.subscribe(() => undefined);
  await unmounted();
  await receive(ack(), marker(0, 1), result(1));

  expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'report', input: { year: 2026 } }]);
  expect(next.getSnapshot()).toMatchObject({ status: 'COMPLETED', result: 'done' });
});

test('requests that are started one after the other without a connection are all sent', async () => {
  const { client, network, clock } = await connected();
  const store = new StreamerStores(() => client).request('report');
  store.subscribe(() => undefined);
  network.newest.end(1006);
  for (const id of ['a', 'b']) store.start(undefined, { id });
  store.reset();
  await clock.advance(12_500);
  network.newest.accept();

  expect(network.takeFrames()).toMatchObject([
    { type: 'request', id: 'a' },
    { type: 'request', id: 'b' },
  ]);
});

test('a page that is loaded again before the server has accepted the request sends it again under the same id', async () => {
  const storage = storageOf();
  const first = await pageWith({ persist: 'q3', storage });
  first.store.start({ year: 2026 }, { id: 'r-1', priority: 'high', processAfter: new Date(1e12) });
  const [sent] = first.network.takeFrames();
  const second = await pageWith({ persist: 'q3', storage });
  expect(second.network.takeFrames()).toEqual([sent]);
  await second.receive(ack());

  expect(storage.entries).toEqual({ 'streamer:q3': '{"id":"r-1","action":"report"}' });
});

test('reset forgets no request that another page has stored later', async () => {
  const storage = storageOf();
  const { store, begin, receive } = await pageWith({ persist: 'q3', storage });
  begin();
  await receive(ack());
  storage.setItem('streamer:q3', '{"id":"later","action":"report"}');
  store.reset();

  expect(storage.entries).toEqual({ 'streamer:q3': '{"id":"later","action":"report"}' });
});

test('an id that is given explicitly and does not exist is an error', async () => {
  const { store, receive } = await pageWith({ persist: 'q3', storage: storageOf() });
  store.attach('none');
  const error = { code: 'NOT_FOUND', message: 'There is no such request.', retryable: false };
  await receive({ type: 'error', id: 'none', for: 'attach', error });
  await settled();

  expect(store.getSnapshot()).toMatchObject({ status: 'FAILED', error: { code: 'NOT_FOUND' } });
});

test('a redrive of an earlier request does not disturb the current one', async () => {
  const { store, begin, receive } = await pageWith();
  begin();
  await receive(ack(), marker(0, 1), failure(1));
  store.start(undefined, { id: 'r-2' });
  await receive({ ...ack(), id: 'r-2' }, { ...result(0), id: 'r-2' });
  await receive(marker(2, 1, 2, 2));

  expect(store.getSnapshot()).toMatchObject({ id: 'r-2', status: 'COMPLETED' });
});

test('a request that the client gave up is followed again when the client is connected again', async () => {
  let mayEnter = true;
  const world = await connected({
    token: () => {
      if (!mayEnter)
        throw Object.assign(new Error('signed out'), { name: 'StreamerError', code: 'UNAUTHORIZED', retryable: false });
      return 'token';
    },
  });
  const store = new StreamerStores(() => world.client).request('report');
  store.subscribe(() => undefined);
  store.start(undefined, { id: 'r-1' });
  for (const frame of [ack(), marker(0, 1)]) world.network.newest.frame(frame as never);
  mayEnter = false;
  world.network.newest.end(1006);
  await world.clock.advance(12_500);
  expect(store.getSnapshot()).toMatchObject({ status: 'FAILED', error: { code: 'UNAUTHORIZED' } });
  mayEnter = true;
  const connect = world.client.connect();
  await settled();
  world.network.newest.accept();
  await connect;
  await settled();

  expect(store.getSnapshot()).toMatchObject({ isActive: true, error: undefined });
  expect(world.network.takeFrames()).toContainEqual(expect.objectContaining({ type: 'attach', id: 'r-1', offset: 1 }));
});

test('a client that cannot be created is an error in the view', async () => {
  const stores = new StreamerStores((): never => {
    throw new Error('The URL is wrong.');
  });
  const store = stores.request('report');
  store.subscribe(() => undefined);
  store.start();
  for (const each of [stores.topic('news'), stores.connection(), stores.requests()]) each.subscribe(() => undefined);
  await settled();

  for (const each of [store, stores.topic('news'), stores.connection(), stores.requests()]) {
    expect(each.getSnapshot().error).toMatchObject({ message: 'The URL is wrong.' });
  }
});

test('the client is created once, at the first use, and again after it was closed', () => {
  const states: { state: string }[] = [];
  const stores = new StreamerStores(() => {
    const client = { state: 'connected' };
    states.push(client);
    return client as never;
  });
  expect(states).toEqual([]);
  expect(stores.client()).toBe(stores.client());
  states[0].state = 'closed';
  stores.client();

  expect(states).toHaveLength(2);
});
