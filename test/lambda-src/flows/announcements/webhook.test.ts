import type { DeliveryResult } from '../../../../lambda-src/core/backoff';
import { deliver, type WebhookDeps, type WebhookMessage } from '../../../../lambda-src/flows/announcements/webhook';
import { Bench } from '../../support/bench';

const KEY = Buffer.alloc(24, 1);
const BODY = '{"type":"request.completed","data":{"eventId":"evt_1"}}';
const message = (changes: Partial<WebhookMessage> = {}): WebhookMessage => ({
  messageId: 'm1',
  body: BODY,
  attempt: 1,
  ...changes,
});

let bench: Bench;
let posts: { headers: Record<string, string>; body: string }[];
let hidden: number[];
let dead: string[];
let answer: () => DeliveryResult;
let changes: Partial<WebhookDeps>;

beforeEach(() => {
  bench = new Bench();
  [posts, hidden, dead, changes] = [[], [], [], {}];
  answer = () => ({ status: 200 });
});

const run = (changed?: Partial<WebhookMessage>) =>
  deliver(
    {
      keys: async () => [KEY],
      post: async (headers, body) => {
        posts.push({ headers, body });
        return answer();
      },
      hide: async (_, seconds) => void hidden.push(seconds),
      deadLetter: async (body) => void dead.push(body),
      policy: { maxAttempts: 3, initialMs: 10_000, maxMs: 60_000 },
      platform: bench.platform,
      log: bench.log,
      ...changes,
    },
    message(changed),
  );

test('a message that the receiver accepts is finished', async () => {
  expect(await run()).toBe(true);
  expect(posts).toMatchObject([{ body: BODY, headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': '1700000000' } }]);
  expect([hidden, dead]).toEqual([[], []]);
});

test('a message that is not accepted is hidden until its next attempt, which has its own timestamp', async () => {
  answer = () => ({ status: 503 });
  expect(await run()).toBe(false);
  await bench.platform.advance(10_000);
  expect(await run({ attempt: 2 })).toBe(false);

  expect(hidden).toEqual([10, 60]);
  expect(posts.map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1700000000', '1700000010']);
  expect(new Set(posts.map(({ body }) => body))).toEqual(new Set([BODY]));
});

test('a missing answer counts as a failure', async () => {
  answer = () => {
    throw new Error('no answer in time');
  };
  expect(await run()).toBe(false);
  expect(hidden).toEqual([10]);
});

test.each([
  ['the last attempt', 500, 3, 'exhausted'],
  ['410', 410, 1, 'gone'],
])('%s gives up: the message is moved unchanged to the dead-letter queue', async (_, status, attempt, why) => {
  answer = () => ({ status });
  expect(await run({ attempt })).toBe(true);
  expect([dead, hidden]).toEqual([[BODY], []]);
  expect(bench.lines).toMatchObject([{ level: 'error', message: 'webhook given up', fields: { why, status } }]);
});

test.each([
  '',
  'null',
  '[]',
  '{"data":{}}',
  '{"data":{"eventId":"a.b"}}',
  'no json',
])('a message that is not an announcement (%p) is moved to the dead-letter queue and not posted', async (body) => {
  expect(await run({ body })).toBe(true);
  expect([posts, dead]).toEqual([[], [body]]);
});

test('a message that cannot be moved to the dead-letter queue is received again', async () => {
  answer = () => ({ status: 410 });
  changes = { deadLetter: () => Promise.reject(new Error('down')) };
  expect(await run()).toBe(false);
});

test('a message that cannot be hidden is received again', async () => {
  answer = () => ({ status: 500 });
  changes = { hide: () => Promise.reject(new Error('down')) };
  expect(await run()).toBe(false);
});

test('if the secret cannot be read, the attempt fails and nothing is posted', async () => {
  changes = { keys: () => Promise.reject(new Error('AccessDenied')) };
  expect(await run()).toBe(false);
  expect([posts, hidden]).toEqual([[], [10]]);
});

test('no log line contains a body, a key or a signature', async () => {
  for (const status of [200, 500, 410]) {
    answer = () => ({ status });
    await run();
  }
  const text = JSON.stringify(bench.lines);
  const signatures = posts.map(({ headers }) => String(headers['webhook-signature']).slice('v1,'.length));
  for (const secret of [KEY.toString('base64'), 'request.completed', ...signatures]) expect(text).not.toContain(secret);
  expect(bench.lines).toHaveLength(3);
});
