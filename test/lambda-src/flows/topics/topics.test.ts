import type { TopicMessage } from '../../../../lambda-src/core/topic-log';
import { type Connection, disconnect } from '../../../../lambda-src/flows/connect/connection';
import { route } from '../../../../lambda-src/flows/requests/route';
import { notify } from '../../../../lambda-src/flows/topics/notify';
import { type PublishRecord, toQueued } from '../../../../lambda-src/flows/topics/queue-message';
import { answerTopic, type Topics } from '../../../../lambda-src/flows/topics/topics';
import { type ServerMessage, validateMessage } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
let published: TopicMessage[];
const topics: Topics = {
  rules: [
    { pattern: 'news', publish: false },
    { pattern: 'rooms/*', publish: true },
  ],
  publisher: { publish: async (message) => void published.push(message) },
};

beforeEach(async () => {
  bench = new Bench();
  published = [];
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

/** Returns the answer to a frame, which every client must accept. */
async function ask(message: object, by: Connection = ALICE): Promise<ServerMessage & Record<string, never>> {
  const deps = { ...bench.deps, actions: new Map(), syncTimeoutMs: 1_000 };
  const answer = await route(
    { ...deps, topics: (own, connection, about) => answerTopic(own, topics, connection, about) },
    by,
    JSON.stringify(message),
  );
  const validated = validateMessage(JSON.stringify(answer), 'server');
  expect(validated).toMatchObject({ ok: true, kind: 'message' });
  return answer as never;
}

const subscribe = (more: object = {}, by?: Connection) => ask({ type: 'subscribe', topic: 'rooms/1', ...more }, by);

let receives = 0;
const record = (message: TopicMessage, receive = 1): PublishRecord => ({
  messageId: `message-${++receives}`,
  body: toQueued(message).body,
  receive,
  receiptHandle: `receipt-${receives}`,
});

async function deliver(count: number, tenant = 'acme', first = 0, data: (n: number) => unknown = (n) => n) {
  for (let n = first; n < first + count; n++) {
    const message = { tenant, topic: 'rooms/1', id: `m${n}`, data: data(n) as never };
    const never = { deadline: Number.POSITIVE_INFINITY, largeFrom: Number.POSITIVE_INFINITY };
    const nothing = async () => undefined;
    const pace = { take: async () => true };
    const deps = { ...bench.deps, ...never, pace, hide: nothing, send: nothing, onPublished: () => undefined };
    await notify(deps, [record(message)]);
  }
}

const dataOf = (ack: object) => (ack as { entries: { data: unknown }[] }).entries.map(({ data }) => data);

describe('subscribe', () => {
  test('a subscription without an offset is answered with the next offset and no entries', async () => {
    await deliver(3);
    expect(await subscribe()).toEqual({
      type: 'ack',
      for: 'subscribe',
      topic: 'rooms/1',
      epoch: expect.any(String),
      offset: 3,
    });
  });

  test("a subscription to a new topic creates the epoch that the topic's first message has", async () => {
    const { epoch } = await subscribe();
    await deliver(1);
    expect(bench.posts.map(({ to, frame }) => [to, frame])).toEqual([
      ['c-alice', { type: 'message', topic: 'rooms/1', offset: 0, epoch, data: 0 }],
    ]);
  });

  test('a subscription from an offset is answered with the messages from that offset on', async () => {
    await deliver(4);
    const { epoch } = await subscribe();
    const ack = await subscribe({ offset: 2, epoch });
    expect(ack).toMatchObject({ offset: 4, recovered: true });
    expect(dataOf(ack)).toEqual([2, 3]);
    expect(await subscribe({ offset: 4, epoch })).toMatchObject({ offset: 4, entries: [], recovered: true });
  });

  test('a subscription returns pages that fit into a message, and reports that there are more', async () => {
    await deliver(7, 'acme', 0, (n) => `${n}${'x'.repeat(30_000)}`);
    const seen: unknown[] = [];
    let ack = await subscribe({ offset: 0 });
    seen.push(...dataOf(ack));
    while (ack.more) {
      ack = await subscribe({ offset: ack.offset });
      seen.push(...dataOf(ack));
    }
    expect(seen.map((text) => String(text).charAt(0))).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  test('a subscription from an offset of another epoch starts over, and reports it', async () => {
    await deliver(2);
    const ack = await subscribe({ offset: 1, epoch: 'other' });
    expect(ack).toMatchObject({ offset: 2, recovered: false });
    expect(dataOf(ack)).toEqual([0, 1]);
  });

  test('a subscription from an expired offset gets the remaining messages, and reports the loss', async () => {
    await deliver(5);
    await remove(0, 1, 3);
    const ack = await subscribe({ offset: 0 });
    expect(ack).toMatchObject({ offset: 5, recovered: false });
    expect(dataOf(ack)).toEqual([4]);
    await remove(2, 4);
    expect(await subscribe({ offset: 2 })).toMatchObject({ offset: 5, entries: [], recovered: false });
  });

  test('a subscription from an offset that the log has not reached starts over, and reports it', async () => {
    await deliver(2);
    const ack = await subscribe({ offset: 9 });
    expect(ack).toMatchObject({ offset: 2, recovered: false });
    expect(dataOf(ack)).toEqual([0, 1]);
  });

  test('a subscription of a connection that ended creates no subscriber', async () => {
    await disconnect(bench.deps, ALICE);
    expect(await subscribe()).toMatchObject({ type: 'error', topic: 'rooms/1', error: { code: 'UNAVAILABLE' } });
    expect(bench.memory.all('subscriptions')).toEqual([]);
  });

  test('a subscription ends with its connection', async () => {
    await subscribe();
    await disconnect(bench.deps, ALICE);
    expect(bench.memory.all('subscriptions')).toEqual([]);
    await deliver(1);
    expect(bench.posts).toEqual([]);
  });
});

test('unsubscribe is acknowledged even if there is no subscription', async () => {
  await subscribe();
  await subscribe({}, ALICE_PHONE);
  for (let i = 0; i < 2; i++) {
    expect(await ask({ type: 'unsubscribe', topic: 'rooms/1' })).toEqual({
      type: 'ack',
      for: 'unsubscribe',
      topic: 'rooms/1',
    });
  }
  await deliver(1);
  expect(bench.posts.map(({ to }) => to)).toEqual(['c-phone']);
});

describe('publish', () => {
  test('publish is acknowledged once the queue has it, with the tenant of the connection', async () => {
    const ack = await ask({ type: 'publish', topic: 'rooms/1', id: 'p1', data: [1], tenant: 'evil' });
    expect(ack).toEqual({ type: 'ack', for: 'publish', id: 'p1', topic: 'rooms/1' });
    expect(published).toEqual([{ tenant: 'acme', topic: 'rooms/1', id: 'p1', data: [1] }]);
  });

  test('a message whose numbers become too long for a frame when serialized is rejected, not lost after its ack', async () => {
    const raw = `{"type":"publish","topic":"rooms/1","id":"p1","data":[${'1e20,'.repeat(6_000)}0]}`;
    const ask = answerTopic(bench.deps, topics, ALICE, JSON.parse(raw));
    await expect(ask).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(published).toEqual([]);
  });

  test('publish is refused if the queue does not accept the message', async () => {
    const failing: Topics = { ...topics, publisher: { publish: () => Promise.reject(new Error('secret')) } };
    const message = { type: 'publish', topic: 'rooms/1', id: 'p1', data: 1 } as const;
    await expect(answerTopic(bench.deps, failing, ALICE, message)).rejects.toThrow('secret');
  });
});

describe('a topic that no rule allows', () => {
  test.each([
    [{ type: 'subscribe', topic: 'other' }, {}],
    [{ type: 'publish', topic: 'news', id: 'p1', data: 1 }, { id: 'p1' }],
  ])('%j is FORBIDDEN', async (message, more) => {
    expect(await ask(message)).toMatchObject({
      type: 'error',
      for: message.type,
      topic: message.topic,
      error: { code: 'FORBIDDEN', retryable: false },
      ...more,
    });
    expect(published).toEqual([]);
    expect(bench.memory.all('subscriptions')).toEqual([]);
  });

  test('an API without topics refuses messages about topics', async () => {
    const deps = { ...bench.deps, actions: new Map(), syncTimeoutMs: 1_000 };
    for (const message of [
      { type: 'subscribe', topic: 'news' },
      { type: 'unsubscribe', topic: 'news' },
      { type: 'publish', topic: 'news', id: 'p', data: 1 },
    ]) {
      expect(await route(deps, ALICE, JSON.stringify(message))).toMatchObject({ error: { code: 'UNSUPPORTED_TYPE' } });
    }
  });
});

test('topics of the same name in different tenants are separate', async () => {
  await subscribe();
  await subscribe({}, MALLORY);
  await deliver(2, 'evil');
  expect(bench.posts.map(({ to }) => to)).toEqual(['c-mallory', 'c-mallory']);
  expect(await subscribe({ offset: 0 })).toMatchObject({ offset: 0, entries: [] });
});

/** Removes entries, as time to live does in any order. */
async function remove(...offsets: number[]) {
  const items = bench.memory.all('events');
  for (const offset of offsets) {
    const { logKey } = items.find((item) => item.data !== undefined && item.offset === offset) as never;
    await bench.memory.write({ kind: 'delete', table: 'events', key: { logKey, offset } });
  }
}
