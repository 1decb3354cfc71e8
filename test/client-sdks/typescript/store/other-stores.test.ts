import { StreamerStores } from '../../../../client-sdks/typescript/src/store';
import { connected, start } from '../support/client-world';
import { settled } from '../support/virtual-clock';

const row = (id: string, status: string) => ({
  ...{ id, status, action: 'report', createdAt: 1, epoch: 'e1', ref: 'ref', run: 1, attempt: 1 },
  ...(status === 'FAILED' && { error: { code: 'HANDLER_ERROR', message: 'No.', retryable: false } }),
});

describe('the list of the user', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function listWith(options: object = {}) {
    const world = await connected();
    const store = new StreamerStores(() => world.client).requests(options);
    const leave = store.subscribe(() => undefined);
    const answer = async (fields: object) => {
      const [frame] = world.network.takeFrames() as { id: string }[];
      world.network.newest.frame({ type: 'requests', id: frame.id, ...fields } as never);
      await settled();
      return frame;
    };
    return { ...world, store, leave, answer };
  }

  test('a list is loaded at the first listener, and again in intervals that depend on the requests', async () => {
    const { store, network, leave, answer } = await listWith({ action: 'report', limit: 5, refreshMs: 1_000 });
    expect(store.getSnapshot()).toEqual({ requests: [], isLoading: true, hasMore: false });
    expect(await answer({ requests: [row('r-1', 'RUNNING')] })).toMatchObject({
      type: 'list',
      action: 'report',
      limit: 5,
    });
    expect(store.getSnapshot()).toMatchObject({ requests: [{ id: 'r-1', status: 'RUNNING' }], isLoading: false });

    jest.advanceTimersByTime(1_000);
    await answer({ requests: [row('r-1', 'COMPLETED')] });
    expect(store.getSnapshot().requests).toMatchObject([{ status: 'COMPLETED' }]);
    jest.advanceTimersByTime(5_999);
    expect(network.takeFrames()).toEqual([]);
    jest.advanceTimersByTime(1);
    await answer({ requests: [] });
    leave();
    jest.advanceTimersByTime(60_000);
    expect(network.takeFrames()).toEqual([]);
  });

  test('a list shows further pages on demand, and loads all shown pages again', async () => {
    const { store, answer } = await listWith();
    await answer({ requests: [row('r-3', 'COMPLETED')], cursor: 'c1' });
    expect(store.getSnapshot().hasMore).toBe(true);
    store.loadMore();
    await answer({ requests: [row('r-3', 'COMPLETED')], cursor: 'c1' });
    expect(await answer({ requests: [row('r-2', 'FAILED')] })).toMatchObject({ cursor: 'c1' });

    expect(store.getSnapshot()).toMatchObject({ requests: [{ id: 'r-3' }, { id: 'r-2' }], hasMore: false });
  });

  test('a list keeps its requests if a load fails, and shows the error until the next load', async () => {
    const { store, network, answer } = await listWith();
    await answer({ requests: [row('r-1', 'COMPLETED')] });
    store.reload();
    const [{ id }] = network.takeFrames() as { id: string }[];
    const error = { code: 'FORBIDDEN', message: 'No.', retryable: false };
    network.newest.frame({ type: 'error', id, for: 'list', error } as never);
    await settled();
    expect(store.getSnapshot()).toMatchObject({ requests: [{ id: 'r-1' }], error: { code: 'FORBIDDEN' } });
    store.reload();
    await answer({ requests: [] });
    expect(store.getSnapshot().error).toBeUndefined();
  });

  test('a list ignores the answer of an older load', async () => {
    const { store, network } = await listWith();
    store.reload();
    const [older, newer] = network.takeFrames() as { id: string }[];
    network.newest.frame({ type: 'requests', id: newer.id, requests: [row('new', 'COMPLETED')] } as never);
    network.newest.frame({ type: 'requests', id: older.id, requests: [row('old', 'COMPLETED')] } as never);
    await settled();

    expect(store.getSnapshot().requests).toMatchObject([{ id: 'new' }]);
  });

  test('a list is loaded again when the client has reconnected', async () => {
    const { network, clock, answer, leave } = await listWith();
    await answer({ requests: [] });
    network.newest.end(1006);
    await clock.advance(12_500);
    network.newest.accept();
    await settled();

    expect(network.takeFrames()).toEqual([expect.objectContaining({ type: 'list' })]);
    leave();
  });
});

const message = (offset: number) => ({ type: 'message', topic: 'news', epoch: 'e', offset, data: { n: offset } });
const subscribed = (offset: number, more: object = {}) => ({
  ...{ type: 'ack', for: 'subscribe', topic: 'news', epoch: 'e', offset },
  ...more,
});

test('a topic shows its last messages, and continues after the last one', async () => {
  const { client, network } = await connected();
  const heard: number[] = [];
  const store = new StreamerStores(() => client).topic('news', {
    limit: 2,
    onMessage: ({ offset }) => heard.push(offset),
  });
  const leave = store.subscribe(() => undefined);
  network.newest.frame(subscribed(0) as never);
  for (const offset of [0, 1, 2]) network.newest.frame(message(offset) as never);
  await settled();
  expect(store.getSnapshot()).toMatchObject({
    isSubscribed: true,
    hasGap: false,
    messages: [{ offset: 1 }, { offset: 2 }],
  });
  expect(heard).toEqual([0, 1, 2]);
  leave();
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(store.getSnapshot().isSubscribed).toBe(false);
  network.newest.frame({ type: 'ack', for: 'unsubscribe', topic: 'news' } as never);
  network.takeFrames();
  store.subscribe(() => undefined);
  await settled();

  expect(network.takeFrames()).toEqual([expect.objectContaining({ type: 'subscribe', offset: 3, epoch: 'e' })]);
});

test('a refused topic has an error, and publish rejects as the client does', async () => {
  const { client, network } = await connected();
  const store = new StreamerStores(() => client).topic('news');
  store.subscribe(() => undefined);
  const error = { code: 'FORBIDDEN', message: 'No.', retryable: false };
  network.newest.frame({ type: 'error', for: 'subscribe', topic: 'news', error } as never);
  await settled();
  expect(store.getSnapshot()).toMatchObject({ isSubscribed: false, error: { code: 'FORBIDDEN' } });
  client.close();

  await expect(store.publish(1)).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('the connection shows its state, the next attempt and the last error', async () => {
  const { client, network, clock } = start();
  const store = new StreamerStores(() => client).connection();
  store.subscribe(() => undefined);
  const connect = store.connect();
  await settled();
  expect(store.getSnapshot()).toMatchObject({ state: 'connecting' });
  network.newest.reject();
  await settled();
  const before = Date.now();
  expect(store.getSnapshot()).toMatchObject({ state: 'disconnected', error: { code: 'CONNECT_FAILED' } });
  expect(store.getSnapshot().retryAt).toBeLessThanOrEqual(before + 500);
  await clock.advance(60_000);
  network.newest.accept();
  await connect;

  expect(store.getSnapshot()).toEqual({ state: 'connected', isOffline: false });
});

test('stores of the same topic, stored request, list and connection are shared, and others are not', () => {
  const stores = new StreamerStores(() => start().client);
  const same: (() => unknown)[] = [
    () => stores.topic('news'),
    () => stores.connection(),
    () => stores.requests({ limit: 3 }),
    () => stores.request('report', { persist: 'q3' }),
  ];

  for (const create of same) expect(create()).toBe(create());
  expect(stores.request('report')).not.toBe(stores.request('report'));
  expect(stores.request('report', { persist: 'q4' })).not.toBe(stores.request('report', { persist: 'q3' }));
});
