import { hash } from '../../../../lambda-src/core/keys';
import type { TopicMessage } from '../../../../lambda-src/core/topic-log';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { type NotifyDeps, notify } from '../../../../lambda-src/flows/topics/notify';
import { type PublishRecord, type QueuedMessage, toQueued } from '../../../../lambda-src/flows/topics/queue-message';
import { answerTopic } from '../../../../lambda-src/flows/topics/topics';
import { boundedGateway } from '../../../../lambda-src/flows/viewers/post';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
/** Messages that the notifier has sent to its own queue. */
let queue: QueuedMessage[];
let published: number;
let hidden: [id: string, seconds: number][];
/** Times at which messages were hidden for the duration of a lease. */
let leases: [id: string, at: number][];

beforeEach(async () => {
  bench = new Bench();
  queue = [];
  published = 0;
  hidden = [];
  leases = [];
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

const join = (connection: Connection, topic = 'news') =>
  answerTopic(
    bench.deps,
    { rules: [{ pattern: '*', publish: true }], publisher: { publish: async () => undefined } },
    connection,
    { type: 'subscribe', topic },
  );

const message = (id: string, more: Partial<TopicMessage> = {}): TopicMessage => ({
  tenant: 'acme',
  topic: 'news',
  id,
  data: id,
  ...more,
});

const record = (of: TopicMessage | string, receive = 1): PublishRecord => {
  const messageId = typeof of === 'string' ? of : `${of.topic}/${of.id}`;
  return {
    messageId,
    body: typeof of === 'string' ? of : toQueued(of).body,
    receive,
    receiptHandle: messageId,
  };
};

const send: NotifyDeps['send'] = async (messages) => void queue.push(...messages);

const hide: NotifyDeps['hide'] = async (records, seconds) => {
  for (const { messageId } of records) {
    if (seconds === 30) leases.push([messageId, bench.platform.now()]);
    else hidden.push([messageId, seconds]);
  }
};

const ports = {
  pace: { take: async () => true },
  ...{ hide, send, largeFrom: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY },
  onPublished: () => void published++,
};

const run = (records: PublishRecord[], deadline = ports.deadline, largeFrom = ports.largeFrom) =>
  notify({ ...bench.deps, ...ports, deadline, largeFrom }, records);

/** Subscribes the given number of connections to the topic `news`. */
async function joinAll(count: number): Promise<Connection[]> {
  const many = Array.from({ length: count }, (_, n) => ({ ...ALICE, connectionId: `c${n}` }));
  await bench.connect(...many);
  for (const connection of many) await join(connection);
  return many;
}

const entries = () =>
  bench.memory
    .all('events')
    .filter(({ data }) => data !== undefined)
    .map(({ offset, data }) => [offset, JSON.parse(String(data))]);

const sentTo = (connection: Connection) =>
  bench.posts.filter(({ to }) => to === connection.connectionId).map(({ frame }) => [frame.offset, frame.data]);

test('messages are appended in order and sent to every subscriber', async () => {
  await join(ALICE);
  await join(ALICE_PHONE);
  expect(await run([record(message('a')), record(message('b'))])).toEqual([]);
  expect(entries()).toEqual([
    [0, 'a'],
    [1, 'b'],
  ]);
  expect(sentTo(ALICE)).toEqual(entries());
  expect(sentTo(ALICE_PHONE)).toEqual(entries());
});

test('a message is stored before it is sent', async () => {
  await join(ALICE);
  const stored: number[] = [];
  bench.answers.set('c-alice', () => {
    stored.push(entries().length);
    return 'sent';
  });
  await run([record(message('a')), record(message('b'))]);
  expect(stored).toEqual([1, 2]);
});

test('the same id is one message, however long ago it was published', async () => {
  await join(ALICE);
  await run([record(message('a'))]);
  await run([record(message('a', { data: 'another' })), record(message('b'))]);
  expect(entries()).toEqual([
    [0, 'a'],
    [1, 'b'],
  ]);
  expect(sentTo(ALICE)).toEqual(entries());
});

test('an id can be used again after its retention', async () => {
  await run([record(message('a'))]);
  await bench.platform.advance((bench.deps.retentionSeconds + 2) * 1000);
  await run([record(message('a', { data: 'later' }))]);
  expect(entries()).toEqual([
    [0, 'a'],
    [1, 'later'],
  ]);
});

test('a message that was appended but not sent is sent when it comes again, with the stored data', async () => {
  await join(ALICE);
  bench.beforeStore = (call, table) => {
    if (call === 'query' && table === 'subscriptions') throw new Error('no table');
  };
  expect(await run([record(message('a')), record(message('b'))])).toEqual(['news/a', 'news/b']);
  expect(bench.posts).toEqual([]);
  bench.beforeStore = () => undefined;
  expect(await run([record(message('a'), 2), record(message('b'), 2)])).toEqual([]);
  expect(sentTo(ALICE)).toEqual([
    [0, 'a'],
    [1, 'b'],
  ]);
});

test('a message that fails comes again with all that follow it in its topic, and no other', async () => {
  bench.platform.chance = 1;
  bench.beforeStore = (call, table) => {
    if (call === 'transact' && table.includes('events') && entries().length === 2) throw new Error('throttled');
  };
  const news = ['a', 'b', 'c'].map((id) => record(message(id), 3));
  expect(await run(news)).toEqual(['news/c']);
  expect(hidden).toEqual([['news/c', 4]]);
  bench.beforeStore = (call, table) => {
    if (call === 'get' && table === 'events' && bench.memory.all('events').length > 0) throw new Error('down');
  };
  expect(await run([record(message('d')), record(message('e'))])).toEqual(['news/d', 'news/e']);
});

test('a topic that fails does not delay another topic', async () => {
  await join(ALICE, 'other');
  await join(ALICE);
  bench.store.transact = async (writes) => {
    if (JSON.stringify(writes).includes('##news')) throw new Error('broken');
    return bench.memory.transact(writes);
  };
  expect(await run([record(message('a')), record(message('b', { topic: 'other' })), record(message('c'))])).toEqual([
    'news/a',
    'news/c',
  ]);
  expect(sentTo(ALICE)).toEqual([[0, 'b']]);
});

test('a message for which no time is left is returned to the queue at once', async () => {
  expect(await run([record(message('a')), record(message('b'))], bench.platform.now())).toEqual(['news/a', 'news/b']);
  expect(hidden).toEqual([
    ['news/a', 0],
    ['news/b', 0],
  ]);
  expect(entries()).toEqual([]);
});

test('a subscriber that is gone is removed, and a busy one is posted to once more after the others', async () => {
  await join(ALICE);
  await join(ALICE_PHONE);
  let busy = 1;
  bench.answers.set('c-alice', () => 'gone');
  bench.answers.set('c-phone', () => (busy-- > 0 ? 'busy' : 'sent'));
  const done = run([record(message('a'))]);
  await bench.platform.advance(1_000);
  expect(await done).toEqual([]);
  expect(sentTo(ALICE_PHONE)).toHaveLength(2);
  expect(bench.memory.all('subscriptions').map(({ connectionId }) => connectionId)).toEqual(['c-phone']);
  expect(bench.memory.all('connections').map(({ connectionId }) => connectionId)).toEqual(['c-phone', 'c-mallory']);
});

test('the answer that a connection is gone does not remove a newer connection with the same id that subscribed during the post', async () => {
  await join(ALICE);
  const later = { ...ALICE, connectedAt: ALICE.connectedAt + 1 };
  const { post } = bench.gateway;
  bench.gateway.post = async (to, text) => {
    await post(to, text);
    await bench.connect(later);
    await join(later);
    return 'gone';
  };
  await run([record(message('a'))]);

  expect(bench.memory.all('subscriptions')).toMatchObject([
    { connectionId: 'c-alice', connectedAt: later.connectedAt },
  ]);
  expect(bench.memory.all('connections').map(({ connectedAt }) => connectedAt)).toContain(later.connectedAt);
});

test('a subscriber that is busy twice is skipped for the rest of the invocation', async () => {
  await join(ALICE);
  await join(ALICE_PHONE);
  bench.answers.set('c-phone', () => 'busy');
  const done = run([record(message('a')), record(message('b')), record(message('c'))]);
  await bench.platform.advance(1_000);
  expect(await done).toEqual([]);
  expect([sentTo(ALICE).length, sentTo(ALICE_PHONE).length]).toEqual([3, 2]);
});

describe('a fan-out to many', () => {
  const counts = (to: readonly Connection[]) => to.map((connection) => sentTo(connection).length);

  test('a fan-out to many subscribers reaches each of them once', async () => {
    const many = await joinAll(1_000);
    expect(await run([record(message('a'))])).toEqual([]);
    expect(counts(many)).toEqual(many.map(() => 1));
  });

  test('a fan-out that runs out of time continues where it stopped', async () => {
    const many = await joinAll(1_000);
    const { gateway, platform } = bench;
    const post = gateway.post;
    gateway.post = async (to, text) => {
      platform.time += 10;
      return post(to, text);
    };
    let receives = 0;
    for (let left = [message('a'), message('b')]; left.length > 0 && receives < 20; ) {
      receives++;
      const failed = await run(
        left.map((each) => record(each, receives)),
        platform.now() + 2_000,
      );
      expect(hidden.splice(0)).toEqual(failed.map((id) => [id, 0]));
      left = left.filter(({ id }) => failed.includes(`news/${id}`));
    }

    expect(receives).toBeGreaterThan(3);
    expect(many.map((connection) => sentTo(connection).map(([, data]) => data))).toEqual(many.map(() => ['a', 'b']));
  });

  test('after its notifier died, a fan-out continues at the last stored position, not at the first subscriber', async () => {
    const many = await joinAll(1_000);
    const post = bench.gateway.post;
    let posts = 0;
    bench.gateway.post = (to, text) => (++posts > 600 ? new Promise(() => undefined) : post(to, text));
    void run([record(message('a'))]);
    for (let i = 0; i < 50; i++) await bench.platform.advance(0);
    const before = bench.posts.length;
    bench.gateway.post = post;
    expect(await run([record(message('a'), 2)])).toEqual([]);

    expect(before).toBe(600);
    expect(counts(many).every((count) => count === 1 || count === 2)).toBe(true);
    // At most one page of each of the four channels is sent twice.
    expect(bench.posts.length).toBeLessThanOrEqual(1_000 + 4 * 100);
  });

  test('a fan-out continues even if its position cannot be stored', async () => {
    const many = await joinAll(500);
    bench.beforeStore = (call, table) => {
      if (call === 'put' && table === 'events' && bench.posts.length > 0) throw new Error('throttled');
    };
    expect(await run([record(message('a'))])).toEqual([]);
    expect(counts(many)).toEqual(many.map(() => 1));
    expect(bench.lines.map(({ message: line }) => line)).toContain('the position of a fan-out could not be stored');
  });

  test('a fan-out to few subscribers needs no write except the append', async () => {
    await joinAll(50);
    bench.written.length = 0;
    await run([record(message('a'))]);
    expect(bench.written).toHaveLength(3);
  });
});

describe('a fan-out of a large topic', () => {
  /** Receives the messages that the notifier sent to its own queue, in order. @returns the ids of the messages that must be received again */
  const receiveParts = (receive = 1, deadline = ports.deadline) =>
    run(
      queue.splice(0).map(({ body, deduplicationId }) => ({
        ...{ messageId: body, body, receive },
        receiptHandle: deduplicationId,
      })),
      deadline,
      1_000,
    );
  const dataTo = (to: readonly Connection[]) => to.map((connection) => sentTo(connection).map(([, data]) => data));
  const partsIn = () => queue.map(({ body }) => JSON.parse(body) as { id: string; part: number });

  test('the first message hands over what is left after 1,000 subscribers, and every subscriber gets it once', async () => {
    const many = await joinAll(1_500);
    expect(await run([record(message('a'))], ports.deadline, 1_000)).toEqual([]);
    expect(bench.posts.length).toBeGreaterThanOrEqual(1_000);
    expect(bench.posts.length).toBeLessThan(1_400);
    expect(partsIn().map(({ id }) => id)).toEqual(queue.map(() => 'a'));
    expect(new Set(queue.map(({ groupId }) => groupId)).size).toBe(queue.length);
    expect(await receiveParts()).toEqual([]);
    expect(dataTo(many)).toEqual(many.map(() => ['a']));
  });

  test('later messages are handed over at once, in one group for each part, and stay in order', async () => {
    const many = await joinAll(1_500);
    await run([record(message('a'))], ports.deadline, 1_000);
    await receiveParts();
    const { length } = bench.posts;
    await run([record(message('b')), record(message('c'))], ports.deadline, 1_000);
    expect(bench.posts).toHaveLength(length);
    expect(published).toBe(3);
    expect(partsIn().map(({ id, part }) => `${id}${part}`)).toEqual(['b0', 'b1', 'b2', 'b3', 'c0', 'c1', 'c2', 'c3']);
    await receiveParts();
    expect(dataTo(many)).toEqual(many.map(() => ['a', 'b', 'c']));
  });

  test('a topic with fewer subscribers than the limit is not handed over', async () => {
    await joinAll(999);
    await run([record(message('a'))], ports.deadline, 1_000);
    expect(queue).toEqual([]);
  });

  test('a part that runs out of time continues where it stopped', async () => {
    const many = await joinAll(3_000);
    const { gateway, platform } = bench;
    await run([record(message('a'))], ports.deadline, 1_000);
    const { post } = gateway;
    gateway.post = async (to, text) => {
      platform.time += 10;
      return post(to, text);
    };
    let [left, rounds] = [queue.splice(0), 0];
    for (; left.length > 0 && rounds < 20; rounds++) {
      queue = [...left];
      const again = await receiveParts(rounds + 1, platform.now() + 1);
      left = left.filter(({ body }) => again.includes(body));
    }
    expect(rounds).toBeGreaterThan(1);
    expect(dataTo(many)).toEqual(many.map(() => ['a']));
  });

  test('a part whose notifier died is sent again from its last position', async () => {
    const many = await joinAll(3_000);
    await run([record(message('a'))], ports.deadline, 1_000);
    const [first] = queue;
    const { post } = bench.gateway;
    const before = bench.posts.length;
    bench.gateway.post = (to, text) =>
      bench.posts.length >= before + 150 ? new Promise(() => undefined) : post(to, text);
    queue = [first as QueuedMessage];
    void receiveParts();
    for (let turn = 0; turn < 50; turn++) await bench.platform.advance(0);
    bench.gateway.post = post;
    queue = [first as QueuedMessage];
    await receiveParts(2);
    const { length } = bench.posts;

    const [members] = new Set([first?.body].map((body) => JSON.parse(String(body)).part as number));
    const inPart = many.filter(({ connectionId }) => hash(connectionId) % 4 === members);
    expect(dataTo(inPart).every((data) => data.length === 1 || data.length === 2)).toBe(true);
    expect(length - before - (inPart.length - sentBefore(inPart, before))).toBeLessThanOrEqual(100);
  });

  const sentBefore = (to: readonly Connection[], posts: number) =>
    bench.posts.slice(0, posts).filter(({ to: id }) => to.some(({ connectionId }) => connectionId === id)).length;

  test('if the parts cannot be sent to the queue, the message comes again and no subscriber misses it', async () => {
    const many = await joinAll(1_500);
    const failing = { ...bench.deps, ...ports, largeFrom: 1_000, send: () => Promise.reject(new Error('no queue')) };
    expect(await notify(failing, [record(message('a')), record(message('b'))])).toEqual(['news/a', 'news/b']);
    expect(published).toBe(0);
    expect(await run([record(message('a'), 2), record(message('b'), 2)], ports.deadline, 1_000)).toEqual([]);
    await receiveParts();
    expect(dataTo(many)).toEqual(many.map(() => ['a', 'b']));
  });

  test('a part of a message that is not in the log is dropped, so a program cannot send frames that no log contains', async () => {
    const [alice] = await joinAll(1);
    await run([record(message('a'))]);
    const { length } = bench.posts;
    const forged = (more: object) =>
      record(JSON.stringify({ tenant: 'acme', topic: 'news', id: 'x', part: 0, ...more }));
    expect(await run([forged({}), forged({ data: 'forged' })])).toEqual([]);
    expect(
      await run([forged({ part: 4 }), forged({ part: -1 }), forged({ part: '0' }), forged({ tenant: '' })]),
    ).toEqual([]);
    expect(bench.posts).toHaveLength(length);
    expect(bench.lines.filter(({ level }) => level === 'error')).toHaveLength(4);
    await run([0, 1, 2, 3].map((part) => forged({ id: 'a', part, data: 'forged' })));
    expect(dataTo([alice as Connection])).toEqual([['a', 'a']]);
  });

  test('the position of an earlier message with the same id is ignored', async () => {
    const many = await joinAll(1_500);
    await run([record(message('a'))], ports.deadline, 1_000);
    const parts = [...queue];
    await receiveParts();
    await bench.platform.advance((bench.deps.retentionSeconds + 2) * 1000);
    await run([record(message('a', { data: 'later' }))], ports.deadline, 1_000);
    expect(queue.map(({ groupId }) => groupId)).toEqual(expect.arrayContaining(parts.map(({ groupId }) => groupId)));
    await receiveParts();
    expect(dataTo(many)).toEqual(many.map(() => ['a', 'later']));
  });
});

test('messages are hidden for half a minute repeatedly while their notifier is alive', async () => {
  await join(ALICE);
  let answer: (() => void) | undefined;
  bench.gateway.post = () => new Promise((resolve) => (answer = () => resolve('sent')));
  const start = bench.platform.now();
  const done = run([record(message('a')), record(message('b', { topic: 'other' }))]);
  await bench.platform.advance(25_000);
  answer?.();
  expect(await done).toEqual([]);
  await bench.platform.advance(60_000);

  // A message that was processed is also hidden, because Lambda deletes it only when the invocation ends.
  expect(leases.map(([id, at]) => [id, at - start])).toEqual(
    [0, 10_000, 20_000].flatMap((at) => [
      ['news/a', at],
      ['other/b', at],
    ]),
  );
  expect([hidden, bench.platform.sleeping]).toEqual([[], 0]);
});

test('messages that could not be hidden are still published', async () => {
  await join(ALICE);
  const deps = { ...bench.deps, ...ports, hide: () => Promise.reject(new Error('no queue')) };
  expect(await notify(deps, [record(message('a'))])).toEqual([]);
  expect(sentTo(ALICE)).toHaveLength(1);
});

test('a message that is malformed is dropped and logged, without its body', async () => {
  expect(await run([record('{"secret":1}'), record(message('a'))])).toEqual([]);
  expect(entries()).toEqual([[0, 'a']]);
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ fields: { messageId: '{"secret":1}' } }),
  ]);
});

test('the notifier posts to a limited number of connections at once, for all topics together', async () => {
  const many = await joinAll(100);
  for (const connection of many) await join(connection, 'other');
  let open = 0;
  let most = 0;
  bench.gateway.post = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    return 'sent';
  };
  const deps = { ...bench.deps, gateway: boundedGateway(bench.gateway) };
  const records = [record(message('a')), record(message('b', { topic: 'other' }))];
  await notify({ ...deps, ...ports }, records);
  expect(most).toBe(32);
});
