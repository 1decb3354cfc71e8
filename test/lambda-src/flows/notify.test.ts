import type { TopicMessage } from '../../../lambda-src/core/topic-log';
import type { Connection } from '../../../lambda-src/flows/connection';
import { notify, type PublishRecord } from '../../../lambda-src/flows/notify';
import { toQueued } from '../../../lambda-src/flows/publish-message';
import { answerTopic } from '../../../lambda-src/flows/topics';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../support/bench';

let bench: Bench;
let hidden: [id: string, seconds: number][];

beforeEach(async () => {
  bench = new Bench();
  hidden = [];
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
    hide: async (seconds) => void hidden.push([messageId, seconds]),
  };
};

const run = (records: PublishRecord[], deadline = Number.POSITIVE_INFINITY) =>
  notify({ ...bench.deps, deadline }, records);

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

test('an id is free again when its retention is over', async () => {
  await run([record(message('a'))]);
  await bench.world.advance((bench.deps.retentionSeconds + 2) * 1000);
  await run([record(message('a', { data: 'later' }))]);
  expect(entries()).toEqual([
    [0, 'a'],
    [1, 'later'],
  ]);
});

test('a message that was appended and not sent is sent when it comes again, as what was stored', async () => {
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

test('what fails comes again with all that follows it in its topic, and nothing else', async () => {
  bench.world.chance = 1;
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

test('a topic that fails does not hold up another one', async () => {
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

test('what there is no time for goes back at once', async () => {
  expect(await run([record(message('a')), record(message('b'))], bench.world.now())).toEqual(['news/a', 'news/b']);
  expect(hidden).toEqual([
    ['news/a', 0],
    ['news/b', 0],
  ]);
  expect(entries()).toEqual([]);
});

test('a subscriber that is gone is forgotten, one that is busy is tried again', async () => {
  await join(ALICE);
  await join(ALICE_PHONE);
  let busy = 2;
  bench.answers.set('c-alice', () => 'gone');
  bench.answers.set('c-phone', () => (busy-- > 0 ? 'busy' : 'sent'));
  const done = run([record(message('a'))]);
  await bench.world.advance(10_000);
  expect(await done).toEqual([]);
  expect(sentTo(ALICE_PHONE)).toHaveLength(3);
  expect(bench.memory.all('subscriptions').map(({ connectionId }) => connectionId)).toEqual(['c-phone']);
  expect(bench.memory.all('connections').map(({ connectionId }) => connectionId)).toEqual(['c-phone', 'c-mallory']);
});

test('what is no message is dropped and told, without its body', async () => {
  expect(await run([record('{"secret":1}'), record(message('a'))])).toEqual([]);
  expect(entries()).toEqual([[0, 'a']]);
  expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ fields: { messageId: '{"secret":1}' } }),
  ]);
});

test('sends to a bounded number of connections at a time', async () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ ...ALICE, connectionId: `c${n}` }));
  await bench.connect(...many);
  for (const connection of many) await join(connection);
  let open = 0;
  let most = 0;
  bench.gateway.post = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    return 'sent';
  };
  await run([record(message('a'))]);
  expect(most).toBe(32);
});
