import { isNumberKey, TABLE_NAMES, TABLE_SCHEMAS } from '../../../src/stores/schema';

test('the four tables are known by the names that users give them', () => {
  expect(TABLE_NAMES).toEqual(['connections', 'requests', 'subscriptions', 'events']);
});

test('only the tables whose changes something reacts to have a stream', () => {
  const streams = Object.entries(TABLE_SCHEMAS).map(([name, schema]) => [name, 'stream' in schema && schema.stream]);
  expect(Object.fromEntries(streams)).toEqual({
    connections: 'OLD_IMAGE',
    requests: 'NEW_IMAGE',
    subscriptions: false,
    events: false,
  });
});

test('times and offsets are numbers, all other keys texts', () => {
  expect(['connectedAt', 'createdAt', 'dueAt', 'offset', 'connectionId', 'dueBucket'].map(isNumberKey)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});
