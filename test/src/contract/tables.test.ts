import { CONSTANTS } from '../../../lambda-src/protocol';
import {
  CONNECTIONS,
  DUE_SHARDS,
  EVENTS,
  NUMBER_KEYS,
  OUTBOX_STATUSES,
  REQUESTS,
  SUBSCRIPTIONS,
  TERMINAL_STATUSES,
} from '../../../src/contract';

const KEYS = [
  CONNECTIONS,
  CONNECTIONS.byUser,
  CONNECTIONS.byTenant,
  REQUESTS,
  REQUESTS.byUser,
  REQUESTS.due,
  SUBSCRIPTIONS,
  SUBSCRIPTIONS.byConnection,
  EVENTS,
];

test('the statuses are those of the protocol', () => {
  expect(TERMINAL_STATUSES).toEqual(CONSTANTS.terminalStatuses);
  expect(CONSTANTS.statuses).toEqual(expect.arrayContaining([...OUTBOX_STATUSES]));
});

test('number keys are sort keys, and partition keys are strings', () => {
  const sortKeys = new Set(KEYS.flatMap((key) => ('sortKey' in key ? [key.sortKey] : [])));
  expect(NUMBER_KEYS.filter((key) => !sortKeys.has(key as never))).toEqual([]);
  expect(KEYS.filter(({ partitionKey }) => (NUMBER_KEYS as readonly string[]).includes(partitionKey))).toEqual([]);
});

test("a log's offsets leave room below zero: head, input, then a body for each attempt", () => {
  const { headOffset, inputOffset, bodyOffset } = EVENTS;
  expect(new Set([headOffset, inputOffset, bodyOffset]).size).toBe(3);
  for (const offset of [headOffset, inputOffset, bodyOffset]) expect(offset).toBeLessThan(0);
  expect(bodyOffset).toBeLessThan(Math.min(headOffset, inputOffset));
});

test('each minute of the due index is distributed over shards', () => {
  expect(DUE_SHARDS).toBeGreaterThan(1);
});
