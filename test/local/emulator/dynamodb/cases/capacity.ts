import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Harness } from '../harness';

const TWO_KB = { S: 'x'.repeat(1900) };
const key = (pk: string) => ({ pk: { S: pk } });
const ReturnConsumedCapacity = 'INDEXES' as const;

function callsOf({ endpoint }: Harness, table: string) {
  return endpoint.calls().filter((call) => call.table === table);
}

export const capacityCases: Case[] = [
  {
    id: 'DDB-80',
    rule: 'a write costs a unit for each started KB of the table and again of each index that changes',
    source: 'Developer guide, "Global secondary indexes": write considerations',
    async run(h) {
      const TableName = await h.tableWithIndex();
      const put = async (Item: object) => {
        const input = { TableName, Item: { ...key('a'), ...Item }, ReturnConsumedCapacity };
        return (await h.db.send(new PutItemCommand(input))).ConsumedCapacity;
      };
      expect(await put({ owner: { S: 'ann' }, v: TWO_KB })).toMatchObject({
        CapacityUnits: 4,
        Table: { CapacityUnits: 2 },
        GlobalSecondaryIndexes: { byOwner: { CapacityUnits: 2 } },
      });
      expect((await put({ owner: { S: 'bob' }, v: TWO_KB }))?.CapacityUnits).toBe(6);
      expect((await put({ v: TWO_KB }))?.CapacityUnits).toBe(4);
      expect((await put({ v: { S: 'small' } }))?.CapacityUnits).toBe(2);
    },
  },
  {
    id: 'DDB-81',
    rule: 'an update that does not change an index costs nothing in that index',
    source: 'Developer guide, "Global secondary indexes": write considerations',
    async run(h) {
      const TableName = await h.tableWithIndex('KEYS_ONLY');
      await h.put(TableName, { ...key('a'), owner: { S: 'ann' } });
      const update = new UpdateItemCommand({
        TableName,
        Key: key('a'),
        UpdateExpression: 'SET v = :v',
        ExpressionAttributeValues: { ':v': { S: 'v' } },
        ReturnConsumedCapacity,
      });
      expect((await h.db.send(update)).ConsumedCapacity).toMatchObject({
        CapacityUnits: 1,
        Table: { CapacityUnits: 1 },
      });
    },
  },
  {
    id: 'DDB-82',
    rule: 'a read costs a unit for each started 4 KB, half of that if it is not consistent, also for a missing item',
    source: 'Developer guide, "Read consumption"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), v: { S: 'x'.repeat(5000) } });
      const units = async (pk: string, ConsistentRead: boolean) => {
        const input = { TableName, Key: key(pk), ConsistentRead, ReturnConsumedCapacity };
        return (await h.db.send(new GetItemCommand(input))).ConsumedCapacity?.CapacityUnits;
      };
      expect(await units('a', true)).toBe(2);
      expect(await units('a', false)).toBe(1);
      expect(await units('none', false)).toBe(0.5);
    },
  },
  {
    id: 'DDB-83',
    rule: 'a query adds up its items before it rounds, and pays for items that its filter removes',
    source: 'Developer guide, "Read consumption"',
    async run(h) {
      const TableName = await h.table({ sortKey: 'N' });
      const items = Array.from({ length: 9 }, (_, i) => ({
        ...key('a'),
        sk: { N: String(i) },
        v: { S: 'x'.repeat(980) },
      }));
      await h.putAll(TableName, items);
      const query = new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :p',
        FilterExpression: 'attribute_not_exists(v)',
        ExpressionAttributeValues: { ':p': { S: 'a' } },
        ReturnConsumedCapacity,
      });
      const page = await h.db.send(query);
      expect(page.Count).toBe(0);
      expect(page.ConsumedCapacity?.CapacityUnits).toBe(3);
    },
  },
  {
    id: 'DDB-84',
    rule: 'a transaction costs twice the units of the table, a check as a write, reported as write units',
    source: 'Developer guide, "Capacity management for transactions"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, key('c'));
      const { ConsumedCapacity } = await h.db.send(
        new TransactWriteItemsCommand({
          ReturnConsumedCapacity,
          TransactItems: [
            { Put: { TableName, Item: { ...key('a'), v: TWO_KB } } },
            { Put: { TableName, Item: key('b') } },
            { ConditionCheck: { TableName, Key: key('c'), ConditionExpression: 'attribute_exists(pk)' } },
          ],
        }),
      );
      expect(ConsumedCapacity).toMatchObject([{ TableName, CapacityUnits: 8, WriteCapacityUnits: 8 }]);
      const read = await h.db.send(
        new TransactGetItemsCommand({
          ReturnConsumedCapacity,
          TransactItems: [{ Get: { TableName, Key: key('a') } }, { Get: { TableName, Key: key('none') } }],
        }),
      );
      expect(read.ConsumedCapacity).toMatchObject([{ TableName, CapacityUnits: 4, ReadCapacityUnits: 4 }]);
    },
  },
  {
    id: 'DDB-85',
    rule: 'a transaction does not double what its indexes cost',
    source: 'Measured on AWS by others: nubo-db/dynoxide, pull request 188',
    async run(h) {
      const TableName = await h.tableWithIndex();
      const { ConsumedCapacity } = await h.db.send(
        new TransactWriteItemsCommand({
          ReturnConsumedCapacity,
          TransactItems: [{ Put: { TableName, Item: { ...key('a'), owner: { S: 'ann' } } } }],
        }),
      );
      expect(ConsumedCapacity).toMatchObject([
        {
          CapacityUnits: 3,
          Table: { CapacityUnits: 2, WriteCapacityUnits: 2 },
          GlobalSecondaryIndexes: { byOwner: { CapacityUnits: 1 } },
        },
      ]);
    },
  },
  {
    id: 'DDB-86',
    rule: 'a repeated transaction costs reads of the items that the first one wrote',
    source: 'API reference, TransactWriteItems: ClientRequestToken',
    async run(h) {
      const TableName = await h.table();
      const input = {
        ReturnConsumedCapacity,
        ClientRequestToken: `replay-${TableName}`,
        TransactItems: [{ Put: { TableName, Item: { ...key('a'), v: { S: 'x'.repeat(9000) } } } }],
      };
      const first = await h.db.send(new TransactWriteItemsCommand(input));
      expect(first.ConsumedCapacity).toMatchObject([{ CapacityUnits: 18, WriteCapacityUnits: 18 }]);
      const again = await h.db.send(new TransactWriteItemsCommand(input));
      expect(again.ConsumedCapacity).toMatchObject([{ CapacityUnits: 6, ReadCapacityUnits: 6 }]);
    },
  },
  {
    id: 'DDB-87',
    rule: 'a batch reports each table',
    source: 'API reference, BatchWriteItem: ConsumedCapacity',
    async run(h) {
      const [one, two] = [await h.table(), await h.table()];
      const put = (Item: object) => ({ PutRequest: { Item: { ...key('a'), ...Item } } });
      const { ConsumedCapacity = [] } = await h.db.send(
        new BatchWriteItemCommand({
          ReturnConsumedCapacity,
          RequestItems: { [one]: [put({})], [two]: [put({ v: TWO_KB })] },
        }),
      );
      const byTable = new Map(ConsumedCapacity.map((usage) => [usage.TableName, usage.CapacityUnits]));
      expect(byTable).toEqual(
        new Map([
          [one, 1],
          [two, 2],
        ]),
      );
    },
  },
  {
    id: 'DDB-88',
    rule: 'the endpoint counts the consumption of every call, whether or not the caller requested it',
    source: 'This project: input of the cost benchmark',
    async run(h) {
      const TableName = await h.tableWithIndex();
      await h.put(TableName, { ...key('a'), owner: { S: 'ann' } }, { ...key('b'), v: TWO_KB });
      await h.db.send(new GetItemCommand({ TableName, Key: key('a') }));
      const { $metadata, ...output } = await h.db.send(new DeleteItemCommand({ TableName, Key: key('b') }));
      expect(output).toEqual({});
      expect(callsOf(h, TableName)).toEqual([
        { operation: 'PutItem', table: TableName, requests: 2, readUnits: 0, writeUnits: 4 },
        { operation: 'GetItem', table: TableName, requests: 1, readUnits: 0.5, writeUnits: 0 },
        { operation: 'DeleteItem', table: TableName, requests: 1, readUnits: 0, writeUnits: 2 },
      ]);
    },
  },
  {
    id: 'DDB-89',
    rule: 'a write whose condition fails costs as much as a successful write',
    source: 'Developer guide, "Write consumption"',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { ...key('a'), v: TWO_KB });
      for (const v of [{ S: 'small' }, { S: 'x'.repeat(4000) }]) {
        const Item = { ...key('a'), v };
        await failure(
          h.db.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
        );
      }
      expect(callsOf(h, TableName)).toMatchObject([{ operation: 'PutItem', requests: 3, writeUnits: 2 + 2 + 4 }]);
    },
  },
];
