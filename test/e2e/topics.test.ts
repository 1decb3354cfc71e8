import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamerClient, type Subscription } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';
import { until } from './run';
import { topicsApp } from './topics/app';

/** An app with topics in a local run. */
const dir = mkdtempSync(join(tmpdir(), 'topics-'));
const clients: StreamerClient[] = [];
let local: LocalRun;

beforeAll(async () => {
  topicsApp(dir).synth();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
});

afterAll(async () => {
  for (const client of clients) client.close();
  await local?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Creates a client whose sockets the test can close. */
function client(sub: string, tenant = 'acme') {
  const sockets: WebSocket[] = [];
  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const made = new StreamerClient(String(local.url), {
    token: () => (local.issuer as NonNullable<LocalRun['issuer']>).issueToken({ sub, tenant }),
    webSocket: Socket as never,
  });
  clients.push(made);
  return { client: made, break: () => sockets.at(-1)?.terminate() };
}

/** Subscribes to a topic. Earlier messages are not included. */
async function listen(to: StreamerClient, topic: string) {
  const data: unknown[] = [];
  const recovered: boolean[] = [];
  const subscription: Subscription = to.subscribe(topic, {
    onMessage: (message) => data.push(message.data),
    onRecovered: (all) => recovered.push(all),
  });
  await subscription.subscribed;
  return { data, recovered, subscription };
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

test('two clients get every message once and in order, including those of a time without a connection', async () => {
  const ann = client('ann');
  const bob = client('bob');
  const heardByAnn = await listen(ann.client, 'rooms/1');
  const heardByBob = await listen(bob.client, 'rooms/1');
  for (const n of count(3)) await ann.client.publish('rooms/1', n);
  await until('the first messages', () => heardByBob.data.length === 3);
  bob.break();
  for (const n of count(3)) await ann.client.publish('rooms/1', n + 3);
  await until('all messages', () => heardByAnn.data.length === 6 && heardByBob.data.length === 6);
  expect(heardByAnn.data).toEqual(count(6));
  expect(heardByBob.data).toEqual(count(6));
  expect(heardByBob.recovered).toEqual([true]);
});

test('a message that is published twice with the same id is delivered once', async () => {
  const { client: ann } = client('ann');
  const heard = await listen(ann, 'rooms/2');
  await ann.publish('rooms/2', 'once', { id: 'p1' });
  await ann.publish('rooms/2', 'twice', { id: 'p1' });
  await ann.publish('rooms/2', 'last');
  await until('the last message', () => heard.data.includes('last'));
  expect(heard.data).toEqual(['once', 'last']);
});

test('another client continues at a stored position', async () => {
  const { client: ann } = client('ann');
  const heard = await listen(ann, 'rooms/3');
  await ann.publish('rooms/3', 'first');
  await until('the first message', () => heard.data.length === 1);
  const { position } = heard.subscription;
  heard.subscription.unsubscribe();
  await ann.publish('rooms/3', 'second');
  const later: unknown[] = [];
  client('ann').client.subscribe('rooms/3', { ...position, onMessage: ({ data }) => later.push(data) });
  await until('the second message', () => later.length === 1);
  expect([heard.data, later]).toEqual([['first'], ['second']]);
});

test('a handler publishes to users who may only read, in its own tenant', async () => {
  const { client: ann } = client('ann');
  const { client: stranger } = client('ann', 'evil');
  const news = await listen(ann, 'news');
  const elsewhere = await listen(stranger, 'news');
  await ann.request('announce', { topic: 'news', data: 'for acme' });
  await stranger.request('announce', { topic: 'news', data: 'for evil' });
  await until('the news', () => news.data.length > 0 && elsewhere.data.length > 0);
  expect([news.data, elsewhere.data]).toEqual([['for acme'], ['for evil']]);
});

test('a topic that no pattern allows is FORBIDDEN', async () => {
  const { client: ann } = client('ann');
  const refused = async (topic: string) => {
    const { subscribed } = ann.subscribe(topic, { onMessage: () => undefined, onError: () => undefined });
    await expect(subscribed).rejects.toMatchObject({ code: 'FORBIDDEN' });
  };
  await refused('other');
  await refused('users/bob/inbox');
  await expect(ann.publish('news', 1)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const inbox = await listen(ann, 'users/ann/inbox');
  await ann.request('announce', { topic: 'users/ann/inbox', data: 'yours' });
  await until('the inbox', () => inbox.data.length === 1);
});
