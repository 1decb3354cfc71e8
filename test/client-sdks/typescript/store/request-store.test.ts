import { setTimeout as sleep } from 'node:timers/promises';
import {
  RequestStore,
  type RequestStoreOptions,
  type SnapshotStorage,
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
  const store = new RequestStore(() => world.client, 'report', options);
  const views: unknown[] = [];
  const watch = () => store.subscribe(() => views.push(store.getSnapshot()));
  const leave = watch();
  const receive = async (...frames: object[]) => {
    for (const frame of frames) world.network.newest.frame(frame as never);
    await settled();
    return store.getSnapshot();
  };
  return { ...world, store, views, leave, watch, receive };
}

/** After the last listener is removed, the store waits for one task before it stops. */
const unmounted = () => sleep(1);

test('a store shows a request from its start to its result', async () => {
  const { store, receive } = await pageWith();
  expect(store.getSnapshot()).toEqual({ status: 'IDLE', isActive: false, percentage: 0, attempt: 0, events: [] });

  expect(store.start({ year: 2026 })).toBe('r-1');
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
  const { store, views, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1));
  views.length = 0;
  await receive(result(1));

  expect(views).toEqual([expect.objectContaining({ status: 'COMPLETED', result: 'done' })]);
});

test('a frame with many events changes the view once, and published views never change', async () => {
  const { store, views, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1), event(1));
  const before = store.getSnapshot();
  views.length = 0;
  await receive(event(2), event(3), event(4));

  expect(views).toHaveLength(1);
  expect(before.events).toHaveLength(1);
  expect(store.getSnapshot().events.map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
});

test('a new attempt starts without the message of the previous one', async () => {
  const { store, receive } = await pageWith();
  store.start();
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
  const { store, receive } = await pageWith();
  store.start();
  const view = await receive(ack(), marker(0, 1), frame);

  expect(view).toMatchObject({ status, isActive: false, error: { code: frame.error.code } });
});

test('a refused request has an error', async () => {
  const { store, receive } = await pageWith();
  store.start();
  const error = { code: 'INVALID_INPUT', message: 'The year is missing.', retryable: false };

  expect(await receive({ type: 'error', id: 'r-1', error })).toMatchObject({
    status: 'FAILED',
    error: { code: 'INVALID_INPUT' },
  });
});

test('start replaces the request that is shown, and frames of the previous one are ignored', async () => {
  const { store, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1), progress({ percentage: 60 }));
  expect(store.start()).toBe('r-2');

  expect(await receive(result(1))).toMatchObject({ id: 'r-2', status: 'PENDING', percentage: 0, events: [] });
  expect(store.getSnapshot().result).toBeUndefined();
});

test('cancel and send act on the request, and an ignored rejection is not reported as unhandled', async () => {
  const { store, network, receive } = await pageWith();
  await expect(async () => store.cancel()).rejects.toThrow('Call `start` first');
  store.start();
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
  const { store, network, leave, watch, receive } = await pageWith();
  store.start();
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
  const { store, network, leave, watch, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1));
  network.takeFrames();
  leave();
  watch();
  await unmounted();

  expect(network.takeFrames()).toEqual([]);
  expect(await receive(event(1))).toMatchObject({ events: [{ offset: 1 }] });
});

test('a request is still sent if its component is removed before the server has it', async () => {
  const { store, network, leave, receive } = await pageWith();
  store.start({ year: 2026 });
  leave();
  await unmounted();
  expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'report', input: { year: 2026 } }]);
  await receive(ack(), marker(0, 1), event(1));

  expect(store.getSnapshot().events).toEqual([]);
});

test('a stored request continues after a reload, and reset forgets it', async () => {
  const storage = storageOf();
  const first = await pageWith({ persist: 'q3', storage });
  first.store.start();
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
  const { store, receive } = await pageWith({
    persist: 'q3',
    storage: { getItem: fail, setItem: fail, removeItem: fail },
  });
  store.start();

  expect(await receive(ack(), result(0))).toMatchObject({ status: 'COMPLETED' });
  store.reset();
});

test('a stored request whose retention is over is forgotten', async () => {
  const storage = storageOf({ 'streamer:q3': '{"id":"r-9","action":"report"}' });
  const { store, receive } = await pageWith({ persist: 'q3', storage });
  const error = { code: 'NOT_FOUND', message: 'There is no such request.', retryable: false };
  await receive({ type: 'error', id: 'r-9', for: 'attach', error });

  expect(store.getSnapshot().status).toBe('IDLE');
  expect(storage.entries).toEqual({});
});

test('a store can follow a request that exists', async () => {
  const { network } = await pageWith({ id: 'r-7' });

  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-7', offset: 0 }]);
});

test('attach replaces the request that is shown', async () => {
  const { store, network, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1), event(1));
  network.takeFrames();
  store.attach('r-7');

  expect(await receive()).toMatchObject({ id: 'r-7', events: [], status: 'PENDING' });
  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-7', offset: 0 }]);
});

test('a redriven request is shown again', async () => {
  const { store, network, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1), failure(1));
  network.takeFrames();
  await receive(marker(2, 1, 2, 2));

  expect(store.getSnapshot()).toMatchObject({ isActive: true, error: undefined });
  expect(network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 0 }]);
});

test('a log that starts over replaces the events', async () => {
  const { store, network, clock, receive } = await pageWith();
  store.start();
  await receive(ack(), marker(0, 1), event(1));
  network.newest.end(1006);
  await clock.advance(12_500);
  network.newest.accept();
  await receive(page([marker(0, 1), event(1), event(2)], { epoch: 'e-2', recovered: false, offset: 3 }));

  expect(store.getSnapshot().events.map(({ offset }) => offset)).toEqual([1, 2]);
});

test('listeners of events are called once per event, and can be replaced', async () => {
  const [old, current]: number[][] = [[], []];
  const { store, receive } = await pageWith({ onEvent: ({ offset }) => old.push(offset) });
  store.start();
  await receive(ack(), marker(0, 1), event(1));
  store.listen(({ offset }) => current.push(offset));
  await receive(event(2));

  expect([old, current]).toEqual([[1], [2]]);
});

test('a closed client ends the request in the view', async () => {
  const { store, client, receive } = await pageWith();
  store.start();
  await receive(ack());
  client.close();
  expect(await receive()).toMatchObject({ status: 'FAILED', error: { code: 'CLIENT_CLOSED' } });
  expect(await failureOf(store.cancel())).toMatchObject({ code: 'CLIENT_CLOSED' });
});
