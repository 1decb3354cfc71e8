import { fromQueued, toQueued } from '../../../../lambda-src/flows/topics/queue-message';

const message = { tenant: 'acme', topic: 'news', id: 'm1', data: { a: [1, null] } };

test('a queued message is read again unchanged', () => {
  expect(fromQueued(toQueued(message).body)).toEqual(message);
});

test('messages of a topic are one group, and one message has one deduplication id', () => {
  const other = toQueued({ ...message, id: 'm2', data: 1 });
  const first = toQueued(message);
  expect(other.groupId).toBe(first.groupId);
  expect(other.deduplicationId).not.toBe(first.deduplicationId);
  expect(toQueued({ ...message, data: 2 }).deduplicationId).toBe(first.deduplicationId);
});

test.each([
  ['another tenant', { ...message, tenant: 'acme2' }],
  ['another topic', { ...message, topic: 'news2' }],
])('%s has another group and another deduplication id', (_, other) => {
  expect(toQueued(other).groupId).not.toBe(toQueued(message).groupId);
  expect(toQueued(other).deduplicationId).not.toBe(toQueued(message).deduplicationId);
});

test("SQS accepts the ids, whatever the tenant's name is", () => {
  const { groupId, deduplicationId } = toQueued({ ...message, tenant: 'ü'.repeat(256) });
  expect(groupId).toMatch(/^[\w-]{1,128}$/);
  expect(deduplicationId).toMatch(/^[\w-]{1,128}$/);
});

test('characters that SQS refuses are escaped', () => {
  const data = 'a\uFFFE\uFFFF\uD800\u0000b';
  const { body } = toQueued({ ...message, data });
  expect(body).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/);
  expect(JSON.parse(body).data).toBe(data);
});

test.each([
  ['no JSON', '{'],
  ['no object', '1'],
  ['no tenant', JSON.stringify({ ...message, tenant: '' })],
  ['no topic', JSON.stringify({ ...message, topic: 'a b' })],
  ['no id', JSON.stringify({ ...message, id: undefined })],
  ['no data', JSON.stringify({ ...message, data: undefined })],
  ['too much', JSON.stringify({ ...message, data: 'x'.repeat(33_000) })],
  ['a key that could change a prototype', '{"tenant":"acme","topic":"news","id":"m1","data":{"__proto__":1}}'],
])('%s is not a message', (_, body) => {
  expect(fromQueued(body)).toBeUndefined();
});
