import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoStore } from '../../../../lambda-src/aws/dynamodb/store';
import {
  absent,
  eq,
  type Item,
  type Key,
  type Put,
  UncertainWrite,
  type Update,
} from '../../../../lambda-src/core/write';
import { type DynamoDbEndpoint, startDynamoDb } from '../../../../local/emulator/dynamodb';
import { REQUESTS } from '../../../../src/contract';
import { clientOf, createTables, storeOf } from '../../support/embedded-tables';
import { FakePlatform } from '../../support/fake-platform';
import { proxyTo, type Received, TestServer } from '../../support/servers';

let database: DynamoDbEndpoint;
let client: DynamoDBClient;
let store: DynamoStore;
const cleanups: (() => unknown)[] = [];
const platform = new FakePlatform();

beforeAll(async () => {
  database = await startDynamoDb();
  await createTables(database);
  client = clientOf(database.url);
  store = storeOf(client, platform);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(async () => {
  client.destroy();
  await database.close();
});

let keys = 0;
const newKey = () => ({ requestKey: `key-${++keys}` });
const put = (attributes: object = {}): Put => ({
  kind: 'put',
  table: 'requests',
  key: newKey(),
  attributes: { ...attributes },
  when: absent('requestKey'),
});
const countOne = (key = newKey()): Update => ({ kind: 'update', table: 'requests', key, add: { n: 1 } });

/** Creates a store that uses this server. */
async function storeAt(server: TestServer): Promise<DynamoStore> {
  const far = clientOf(await server.listen());
  cleanups.push(
    () => far.destroy(),
    () => server.close(),
  );
  return storeOf(far, { newId: platform.newId, random: () => 0, sleep: async () => undefined });
}

describe('reading and writing', () => {
  test('an item that was put is read, and a missing one is undefined', async () => {
    const write = put({ text: 'é', n: 1.5, list: [1, null, { a: true }], gone: undefined });
    expect(await store.write(write)).toEqual({ applied: true, item: undefined });

    expect(await store.get('requests', write.key)).toEqual({
      ...write.key,
      text: 'é',
      n: 1.5,
      list: [1, null, { a: true }],
      writeId: expect.any(String),
    });
    expect(await store.get('requests', newKey())).toBeUndefined();
  });

  test('an update returns the new item', async () => {
    const write = countOne();

    expect(await store.write(write)).toMatchObject({ applied: true, item: { ...write.key, n: 1 } });
    expect(await store.write(write)).toMatchObject({ applied: true, item: { n: 2 } });
  });

  test("the loser of a race gets the winner's item", async () => {
    const write = put({ by: 'first' });
    await store.write(write);

    expect(await store.write({ ...write, attributes: { by: 'second' } })).toMatchObject({
      applied: false,
      item: { by: 'first' },
    });
    expect(await store.write({ ...countOne(), when: eq('n', 1) })).toEqual({ applied: false, item: undefined });
  });

  test('a delete is conditional, too', async () => {
    const write = put({ n: 1 });
    await store.write(write);
    const remove = { kind: 'delete', table: 'requests', key: write.key } as const;

    expect(await store.write({ ...remove, when: eq('n', 2) })).toMatchObject({ applied: false, item: { n: 1 } });
    expect(await store.write({ ...remove, when: eq('n', 1) })).toEqual({ applied: true, item: undefined });
    expect(await store.get('requests', write.key)).toBeUndefined();
  });

  test('a function without the variable of a table fails with the name of the table', async () => {
    const poor = new DynamoStore(client, {}, platform);

    await expect(poor.get('events', { logKey: 'l', offset: 0 })).rejects.toThrow(
      'this function has no access to the events table',
    );
  });

  test('any other failure is thrown', async () => {
    const none = new DynamoStore(client, { requests: 'no-such-table' }, platform);

    await expect(none.write(put())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(none.transact([put()])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('queries', () => {
  const append = (logKey: string, offset: number, body = '') =>
    store.write({ kind: 'put', table: 'events', key: { logKey, offset }, attributes: { body } });

  test('queries continue after a page of DynamoDB, which ends after 1 MB', async () => {
    const body = 'x'.repeat(200_000);
    for (let offset = 0; offset < 12; offset++) await append('pages', offset, body);
    const offsets = async (more: object) =>
      (await store.query({ table: 'events', partition: 'pages', ...more })).map(({ offset }) => offset);

    expect(await offsets({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await offsets({ from: 3, limit: 8 })).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await offsets({ newestFirst: true, limit: 7 })).toEqual([11, 10, 9, 8, 7, 6, 5]);
  });

  test('queries of subscriptions continue page by page after a key', async () => {
    const connections = ['a', 'b', 'c', 'd', 'e'];
    for (const connectionId of connections) {
      await store.write({
        kind: 'put',
        table: 'subscriptions',
        key: { channel: 'paged', connectionId },
        attributes: {},
      });
    }
    const pages: unknown[][] = [];
    for (let last: string | undefined; pages.at(-1)?.length !== 0; last = String(pages.at(-1)?.at(-1))) {
      const after = last === undefined ? undefined : { channel: 'paged', connectionId: last };
      const items = await store.query({ table: 'subscriptions', partition: 'paged', after, limit: 2 });
      pages.push(items.map(({ connectionId }) => connectionId));
    }

    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e'], []]);
  });

  test('queries of the requests of a user are newest first and continue after a place, also among requests of the same time', async () => {
    const users = ['a', 'b', 'c', 'd', 'e'].map((id, n) => ({
      requestKey: `t#u#${id}`,
      userKey: 't#u',
      createdAt: n < 3 ? 7 : n,
    }));
    for (const { requestKey, ...attributes } of users) {
      await store.write({ kind: 'put', table: 'requests', key: { requestKey }, attributes });
    }
    const pages: Item[][] = [];
    do {
      const after = pages.at(-1)?.at(-1) as Key | undefined;
      const index = REQUESTS.byUser;
      pages.push(await store.query({ table: 'requests', index, partition: 't#u', newestFirst: true, after, limit: 2 }));
    } while (pages.at(-1)?.length === 2);

    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().map(({ createdAt }) => createdAt)).toEqual([7, 7, 7, 4, 3]);
    expect(pages.flat()).toEqual(expect.arrayContaining(users));
  });

  test('many items are read at once, without those that do not exist', async () => {
    const keys = Array.from({ length: 100 }, (_, n) => ({ requestKey: `many${n}` }));
    for (const key of keys.slice(0, 60)) await store.write({ kind: 'put', table: 'requests', key, attributes: {} });
    const items = await store.getAll('requests', keys);

    expect(items.map(({ requestKey }) => requestKey).sort()).toEqual(
      keys
        .slice(0, 60)
        .map((key) => key.requestKey)
        .sort(),
    );
    expect(await store.getAll('requests', [])).toEqual([]);
  });

  test('keys that a batch did not process are read again, and reported if the table stays busy', async () => {
    const busy = (times: number) => {
      let calls = 0;
      const send = async ({ input }: { input: { RequestItems: { requests: { Keys: object[] } } } }) => {
        const { Keys } = input.RequestItems.requests;
        const done = ++calls > times ? Keys : Keys.slice(0, 1);
        const UnprocessedKeys = done.length < Keys.length ? { requests: { Keys: Keys.slice(1) } } : {};
        return { Responses: { requests: done }, UnprocessedKeys };
      };
      const platform = { newId: () => 'w', random: () => 0.5, sleep: async () => undefined };
      return new DynamoStore({ send } as unknown as DynamoDBClient, { requests: 'requests' }, platform);
    };
    const keys = Array.from({ length: 9 }, (_, n) => ({ requestKey: `k${n}` }));

    expect(await busy(3).getAll('requests', keys)).toEqual(keys);
    await expect(busy(99).getAll('requests', keys)).rejects.toThrow(
      'the requests table is too busy to return all items',
    );
  });

  test('queries by index find the items of the key, by their keys only', async () => {
    const write = put({ dueBucket: '7#1', dueAt: 420_000, status: 'PENDING' });
    await store.write(write);
    const index = REQUESTS.due;

    expect(await store.query({ table: 'requests', index, partition: '7#1' })).toEqual([
      { ...write.key, dueBucket: '7#1', dueAt: 420_000 },
    ]);
    expect(await store.query({ table: 'requests', index, partition: '7#2' })).toEqual([]);
  });
});

describe('a transaction', () => {
  test('a transaction writes all or nothing', async () => {
    const [first, second] = [put(), put()];
    await store.write(first);

    expect(await store.transact([second, { ...first, when: absent('requestKey') }])).toBe(false);
    expect(await store.get('requests', second.key)).toBeUndefined();
    expect(
      await store.transact([
        second,
        { kind: 'check', table: 'requests', key: first.key, when: eq('requestKey', first.key.requestKey) },
      ]),
    ).toBe(true);
    expect(await store.get('requests', second.key)).toBeDefined();
  });
});

describe('an answer that is lost', () => {
  const once = (operation: string) => {
    let lost = 0;
    const proxy = proxyTo(
      () => database.url,
      ({ headers }) => !(String(headers['x-amz-target']).endsWith(operation) && lost++ === 0),
    );
    return {
      proxy,
      sent: () =>
        proxy.received.filter(({ headers }: Received) => String(headers['x-amz-target']).endsWith(operation)).length,
    };
  };

  test('a put counts as applied if it took effect but its answer was lost', async () => {
    const { proxy, sent } = once('PutItem');
    const write = put({ by: 'me' });

    expect(await (await storeAt(proxy)).write(write)).toMatchObject({ applied: true });
    expect(sent()).toBe(2);
  });

  test('a conditional update whose answer was lost counts as applied once, and returns the new item', async () => {
    const { proxy, sent } = once('UpdateItem');
    const key = newKey();
    const write = { ...countOne(key), when: absent('n') };

    expect(await (await storeAt(proxy)).write(write)).toMatchObject({ applied: true, item: { n: 1 } });
    expect(sent()).toBe(2);
    expect(await store.get('requests', key)).toMatchObject({ n: 1 });
  });

  test('if all answers to a write are lost, its effect is unknown, and the item shows whether it was applied', async () => {
    const proxy = proxyTo(
      () => database.url,
      ({ headers }) => !String(headers['x-amz-target']).endsWith('PutItem'),
    );
    const write = put({ by: 'me' });

    await expect((await storeAt(proxy)).write(write)).rejects.toBeInstanceOf(UncertainWrite);
    expect(await store.get('requests', write.key)).toMatchObject({ by: 'me' });
  });

  test.each([500, 503])('a write with the status %i has an unknown effect', async (status) => {
    const server = new TestServer((_, response) => void response.writeHead(status).end('{}'));

    await expect((await storeAt(server)).write(put())).rejects.toBeInstanceOf(UncertainWrite);
  });

  test('a write that was repeated and then refused has an unknown effect, because the first call may have been applied', async () => {
    const refused = { __type: 'com.amazonaws.dynamodb.v20120810#AccessDeniedException', message: 'no' };
    const server = new TestServer((_, response, count) => {
      if (count === 1) return void response.destroy();
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(refused));
    });

    await expect((await storeAt(server)).write(put())).rejects.toBeInstanceOf(UncertainWrite);
  });

  test('a write that was refused counts as refused even if an answer was lost', async () => {
    const { proxy } = once('PutItem');
    const write = put({ by: 'first' });
    await store.write(write);

    expect(await (await storeAt(proxy)).write({ ...write, attributes: { by: 'me' } })).toMatchObject({
      applied: false,
      item: { by: 'first' },
    });
  });

  test('a transaction whose answer was lost counts as applied, and is not applied twice', async () => {
    const { proxy, sent } = once('TransactWriteItems');
    const key = newKey();

    expect(await (await storeAt(proxy)).transact([{ ...countOne(key), when: absent('n') }])).toBe(true);
    expect(sent()).toBe(2);
    expect(await store.get('requests', key)).toMatchObject({ n: 1 });
  });
});

describe('a conflict with a transaction', () => {
  const failing = (times: number, body: object) =>
    new TestServer((_, response, count) => {
      const isFailure = count <= times;
      response.writeHead(isFailure ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(isFailure ? body : {}));
    });
  const conflict = {
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException',
    message: 'Transaction is ongoing for the item',
  };
  const cancelled = (...codes: string[]) => ({
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message: 'Transaction cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

  test('a conflict of a single write with a transaction is retried, with the same id', async () => {
    const server = failing(3, conflict);
    expect(await (await storeAt(server)).write(put())).toMatchObject({ applied: true });

    const ids = server.received.map(({ body }) => JSON.parse(body).Item.writeId.S);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
  });

  test('a conflict between transactions is retried', async () => {
    const server = failing(2, cancelled('None', 'TransactionConflict'));

    expect(await (await storeAt(server)).transact([put(), put()])).toBe(true);
    expect(server.received).toHaveLength(3);
  });

  test('a conflict that does not end is thrown', async () => {
    const server = failing(99, conflict);

    await expect((await storeAt(server)).write(put())).rejects.toMatchObject({ name: 'TransactionConflictException' });
    expect(server.received).toHaveLength(6);
  });

  test('a transaction with a failed condition is not a conflict', async () => {
    const server = failing(99, cancelled('ConditionalCheckFailed', 'TransactionConflict'));

    expect(await (await storeAt(server)).transact([put(), put()])).toBe(false);
    expect(server.received).toHaveLength(1);
  });
});
