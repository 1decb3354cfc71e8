import { StreamerError } from '../../../../client-sdks/typescript/src';
import { connected, start } from '../support/client-world';
import { settled } from '../support/virtual-clock';

const frames = (world: Awaited<ReturnType<typeof connected>>) =>
  world.network.records.flatMap((record) => (record.kind === 'frame' ? [record.frame as { type: string }] : []));
const ackOf = (topic: string, offset = 0) => ({ type: 'ack', for: 'subscribe', topic, epoch: 'e', offset });

describe('subscribe', () => {
  test('a subscription resolves with the ack, and has a position', async () => {
    const world = await connected();
    const data: unknown[] = [];
    const subscription = world.client.subscribe('news', { onMessage: (message) => data.push(message) });
    expect(subscription.position).toEqual({});
    world.network.newest.frame(ackOf('news', 4));
    await subscription.subscribed;
    world.network.newest.frame({ type: 'message', topic: 'news', offset: 4, epoch: 'e', data: { a: 1 } });
    expect(data).toEqual([{ data: { a: 1 }, offset: 4 }]);
    expect(subscription.position).toEqual({ offset: 5, epoch: 'e' });
  });

  test('subscribe connects by itself', async () => {
    const world = start();
    world.client.subscribe('news', { onMessage: () => undefined });
    await settled();
    world.network.newest.accept();
    expect(frames(world)).toEqual([{ type: 'subscribe', topic: 'news' }]);
  });

  test('a topic can have only one subscription at a time, and an invalid topic is refused', async () => {
    const world = await connected();
    const options = { onMessage: () => undefined };
    world.client.subscribe('news', options);
    const refusal = (code: string) => expect.objectContaining({ code });
    expect(() => world.client.subscribe('news', options)).toThrow(refusal('DUPLICATE_REQUEST'));
    expect(() => world.client.subscribe('a b', options)).toThrow(refusal('INVALID_MESSAGE'));
    world.client.close();
    expect(() => world.client.subscribe('other', options)).toThrow(refusal('CLIENT_CLOSED'));
  });

  test('a subscription continues if its listener throws', async () => {
    const world = await connected();
    const seen: number[] = [];
    world.client.subscribe('news', {
      onMessage: ({ offset }) => {
        seen.push(offset);
        throw new Error('mine');
      },
    });
    world.network.newest.frame(ackOf('news'));
    for (const offset of [0, 1]) {
      world.network.newest.frame({ type: 'message', topic: 'news', offset, epoch: 'e', data: 1 });
    }
    expect(seen).toEqual([0, 1]);
    expect(world.thrown).toHaveLength(2);
  });

  test('no message is delivered after unsubscribe, even in the middle of a page', async () => {
    const world = await connected();
    const seen: number[] = [];
    const subscription = world.client.subscribe('news', {
      offset: 0,
      onMessage: ({ offset }) => {
        seen.push(offset);
        subscription.unsubscribe();
      },
    });
    const entries = [0, 1].map((offset) => ({ type: 'message', topic: 'news', offset, epoch: 'e', data: 1 }));
    world.network.newest.frame({ ...ackOf('news', 2), entries });
    expect(seen).toEqual([0]);
    expect(frames(world).at(-1)).toEqual({ type: 'unsubscribe', topic: 'news' });
    await subscription.subscribed;
  });

  test('if a subscription is refused, each listener is notified', async () => {
    const world = await connected();
    const error = { code: 'FORBIDDEN', message: 'No.', retryable: false };
    const subscription = world.client.subscribe('news', { onMessage: () => undefined });
    world.network.newest.frame({ type: 'error', topic: 'news', for: 'subscribe', error });
    await expect(subscription.subscribed).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(world.thrown).toEqual([expect.objectContaining({ code: 'FORBIDDEN' })]);
    expect(() => world.client.subscribe('news', { onMessage: () => undefined })).not.toThrow();
  });

  test('a subscription ends with the client, and this is not reported as an error', async () => {
    const world = await connected();
    const { subscribed } = world.client.subscribe('news', { onMessage: () => undefined });
    world.client.close();
    await expect(subscribed).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(world.thrown).toEqual([]);
  });

  test('an unsubscribe is repeated if messages of the topic still arrive', async () => {
    const world = await connected();
    const late = { type: 'message', topic: 'news', offset: 0, epoch: 'e', data: 1 };
    world.network.newest.frame(late);
    world.network.newest.frame(late);
    expect(frames(world)).toEqual([{ type: 'unsubscribe', topic: 'news' }]);
    await world.clock.advance(8_000);
    expect(frames(world)).toHaveLength(2);
    world.network.newest.frame({ type: 'ack', for: 'unsubscribe', topic: 'news' });
    await world.clock.advance(60_000);
    expect(frames(world).filter(({ type }) => type === 'unsubscribe')).toHaveLength(2);
  });
});

describe('publish', () => {
  test('publish resolves with its ack', async () => {
    const world = await connected();
    const published = world.client.publish('news', { a: 1 });
    expect(frames(world)).toEqual([{ type: 'publish', topic: 'news', id: 'r-1', data: { a: 1 } }]);
    world.network.newest.frame({ type: 'ack', for: 'publish', id: 'r-1', topic: 'news' });
    await expect(published).resolves.toBeUndefined();
  });

  test('a publish that may succeed later is sent again at the time that the server names', async () => {
    const world = await connected();
    const published = world.client.publish('news', 1);
    const error = { code: 'RATE_LIMITED', message: '', retryable: true, retryAfter: 1 };
    world.network.newest.frame({ type: 'error', id: 'r-1', topic: 'news', for: 'publish', error });
    await world.clock.advance(1_000);
    expect(frames(world)).toHaveLength(2);
    world.network.newest.frame({ type: 'ack', for: 'publish', id: 'r-1', topic: 'news' });
    await published;
  });

  test.each([
    ['a bad topic', 'a b', 1, {}, 'INVALID_MESSAGE'],
    ['a bad id', 'news', 1, { id: '#' }, 'INVALID_MESSAGE'],
    ['no data', 'news', undefined, {}, 'INVALID_INPUT'],
    ['too much', 'news', 'x'.repeat(33_000), {}, 'MESSAGE_TOO_LARGE'],
  ])('%s is refused before it is sent', async (_, topic, data, options, code) => {
    const world = await connected();
    await expect(world.client.publish(topic, data, options)).rejects.toMatchObject({ code });
    expect(frames(world)).toEqual([]);
  });

  test('two publishes cannot have the same id at once, and they fail when the client is closed', async () => {
    const world = await connected();
    const first = world.client.publish('news', 1, { id: 'p' });
    await expect(world.client.publish('news', 1, { id: 'p' })).rejects.toMatchObject({ code: 'DUPLICATE_REQUEST' });
    world.client.close();
    await expect(first).rejects.toBeInstanceOf(StreamerError);
  });

  test('a publish that ends the connection by its size is rejected', async () => {
    const world = await connected();
    const published = world.client.publish('news', 1);
    world.network.newest.end(1009);
    await expect(published).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  });
});
