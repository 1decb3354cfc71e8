import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DynamoRequestReader } from '../../../../lambda-src/aws/dynamodb/request-reader';
import { deadAt } from '../../../../lambda-src/core/keys';
import type { DeadLetterKey } from '../../../../lambda-src/flows/operations';
import { type DynamoDbEndpoint, startDynamoDb } from '../../../../local/emulator/dynamodb';
import { DUE_SHARDS } from '../../../../src/contract';
import { clientOf, createTables } from '../../support/embedded-tables';

const ITEMS = 4_000;
/** Maximum items of one BatchWriteItem. */
const BATCH = 25;

let endpoint: DynamoDbEndpoint;
let reader: DynamoRequestReader;

beforeAll(async () => {
  endpoint = await startDynamoDb();
  await createTables(endpoint);
  const client = clientOf(endpoint.url);
  reader = new DynamoRequestReader(client, 'requests');
  // more than one page in each shard
  const items = Array.from({ length: ITEMS }, (_, n) => {
    const requestKey = `t#u#${n}`;
    return { requestKey, status: 'FAILED', ...deadAt(requestKey, 1_000 + n) };
  });
  for (let at = 0; at < ITEMS; at += BATCH) {
    const requests = items.slice(at, at + BATCH).map((item) => ({ PutRequest: { Item: marshall(item) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { requests } }));
  }
});
afterAll(() => endpoint.close());

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const shards = (range: object): Promise<DeadLetterKey[][]> =>
  Promise.all(Array.from({ length: DUE_SHARDS }, (_, shard) => all(reader.deadLetters(shard, range))));

test('the dead letters of all shards together are all dead letters, the latest first in each shard', async () => {
  const found = await shards({});
  expect(found.flat()).toHaveLength(ITEMS);
  for (const shard of found) {
    const times = shard.map(({ dueAt }) => dueAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(shard.length).toBeGreaterThan(200);
  }
});

test('the dead letters of a time have that time, both ends included', async () => {
  const times = (await shards({ from: 1_010, to: 1_019 })).flat().map(({ dueAt }) => dueAt);
  expect(times.sort()).toEqual(Array.from({ length: 10 }, (_, n) => 1_010 + n));
});

test('a scan reads each item of the table once', async () => {
  const keys = (await all(reader.scan())).map(({ requestKey }) => requestKey);
  expect([keys.length, new Set(keys).size]).toEqual([ITEMS, ITEMS]);
});
