import { QueryCommand, type QueryCommandInput, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { failure, type Harness, type Item } from '../harness';

async function tableOfTen(h: Harness): Promise<string> {
  const TableName = await h.table({ sortKey: 'N' });
  const items = Array.from({ length: 10 }, (_, i) => ({
    pk: { S: 'a' },
    sk: { N: String(i - 3) },
    odd: { BOOL: i % 2 === 1 },
  }));
  await h.putAll(TableName, [...items, { pk: { S: 'b' }, sk: { N: '0' } }]);
  return TableName;
}

/** Returns all pages of a query. */
async function pages(h: Harness, input: QueryCommandInput): Promise<Item[][]> {
  const found: Item[][] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await h.db.send(new QueryCommand({ ...input, ExclusiveStartKey }));
    found.push(page.Items ?? []);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
}

const sortKeys = (items: Item[] = []) => items.map((item) => Number(item.sk.N));

export const queryCases: Case[] = [
  {
    id: 'DDB-50',
    rule: 'a query returns one partition in the order of the sort key, numbers as numbers, and backwards',
    source: 'Developer guide, "Querying tables"',
    async run(h) {
      const TableName = await tableOfTen(h);
      const input = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'a' } } };
      const up = await h.db.send(new QueryCommand(input));
      expect(sortKeys(up.Items)).toEqual([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6]);
      const down = await h.db.send(new QueryCommand({ ...input, ScanIndexForward: false }));
      expect(sortKeys(down.Items)).toEqual([6, 5, 4, 3, 2, 1, 0, -1, -2, -3]);
    },
  },
  {
    id: 'DDB-51',
    rule: 'sort key conditions bound the query from below, above, both, or at one key',
    source: 'Developer guide, "Key condition expressions"',
    async run(h) {
      const TableName = await tableOfTen(h);
      const query = async (condition: string, values: Item) => {
        const input = { TableName, KeyConditionExpression: `pk = :p AND ${condition}` };
        const page = await h.db.send(
          new QueryCommand({ ...input, ExpressionAttributeValues: { ':p': { S: 'a' }, ...values } }),
        );
        return sortKeys(page.Items);
      };
      expect(await query('sk > :v', { ':v': { N: '4' } })).toEqual([5, 6]);
      expect(await query('sk >= :v', { ':v': { N: '5' } })).toEqual([5, 6]);
      expect(await query('sk < :v', { ':v': { N: '-2' } })).toEqual([-3]);
      expect(await query('sk <= :v', { ':v': { N: '-2' } })).toEqual([-3, -2]);
      expect(await query('sk = :v', { ':v': { N: '0' } })).toEqual([0]);
      expect(await query('sk BETWEEN :v AND :w', { ':v': { N: '-1' }, ':w': { N: '1' } })).toEqual([-1, 0, 1]);
    },
  },
  {
    id: 'DDB-52',
    rule: 'string sort keys are in the order of their bytes, and begins_with selects a prefix',
    source: 'Developer guide, "Key condition expressions"',
    async run(h) {
      const TableName = await h.table({ sortKey: 'S' });
      const names = ['B', 'a', 'ab', 'abc', 'b', 'é', '🚀', 'Z', '￮'];
      await h.putAll(
        TableName,
        names.map((sk) => ({ pk: { S: 'p' }, sk: { S: sk } })),
      );
      const query = async (KeyConditionExpression: string, values: Item = {}) => {
        const input = { TableName, KeyConditionExpression, ExpressionAttributeValues: { ':p': { S: 'p' }, ...values } };
        return (await h.db.send(new QueryCommand(input))).Items?.map((item) => item.sk.S);
      };
      const byBytes = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(await query('pk = :p')).toEqual(byBytes);
      expect(await query('pk = :p AND begins_with(sk, :v)', { ':v': { S: 'ab' } })).toEqual(['ab', 'abc']);
    },
  },
  {
    id: 'DDB-53',
    rule: 'pages of Limit items continue at LastEvaluatedKey, in both directions',
    source: 'Developer guide, "Paginating table query results"',
    async run(h) {
      const TableName = await tableOfTen(h);
      const input = {
        TableName,
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': { S: 'a' } },
        Limit: 3,
      };
      const up = await pages(h, input);
      expect(up.map((page) => page.length)).toEqual([3, 3, 3, 1]);
      expect(sortKeys(up.flat())).toEqual([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6]);
      const down = await pages(h, { ...input, ScanIndexForward: false });
      expect(sortKeys(down.flat())).toEqual([6, 5, 4, 3, 2, 1, 0, -1, -2, -3]);
    },
  },
  {
    id: 'DDB-54',
    rule: 'a filter applies after Limit; Count and ScannedCount differ accordingly',
    source: 'Developer guide, "Filter expressions for the Query operation"',
    async run(h) {
      const TableName = await tableOfTen(h);
      const page = await h.db.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :p',
          FilterExpression: 'odd = :yes',
          ProjectionExpression: 'sk',
          ExpressionAttributeValues: { ':p': { S: 'a' }, ':yes': { BOOL: true } },
          Limit: 4,
        }),
      );
      expect(page).toMatchObject({ Count: 2, ScannedCount: 4, Items: [{ sk: { N: '-2' } }, { sk: { N: '0' } }] });
      expect(page.LastEvaluatedKey).toEqual({ pk: { S: 'a' }, sk: { N: '0' } });
    },
  },
  {
    id: 'DDB-55',
    rule: 'Select COUNT returns numbers without items',
    source: 'API reference, Query: Select',
    async run(h) {
      const TableName = await tableOfTen(h);
      const input = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'a' } } };
      const page = await h.db.send(new QueryCommand({ ...input, Select: 'COUNT' }));
      expect(page).toMatchObject({ Count: 10, ScannedCount: 10 });
      expect(page.Items).toBeUndefined();
    },
  },
  {
    id: 'DDB-56',
    rule: 'a page ends at about 1 MB',
    source: 'Developer guide, "Paginating table query results"',
    async run(h) {
      const TableName = await h.table({ sortKey: 'N' });
      const items = Array.from({ length: 15 }, (_, i) => ({
        pk: { S: 'a' },
        sk: { N: String(i) },
        v: { S: 'x'.repeat(100_000) },
      }));
      for (const item of items) await h.put(TableName, item);
      const input = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'a' } } };
      const found = await pages(h, input);
      expect(found).toHaveLength(2);
      expect(found[0].length).toBeGreaterThanOrEqual(10);
      expect(found[0].length).toBeLessThanOrEqual(11);
      expect(sortKeys(found.flat())).toEqual(items.map((_, i) => i));
    },
  },
  {
    id: 'DDB-57',
    rule: 'an index contains the items that have its key, with the projected attributes, and follows every write',
    source: 'Developer guide, "Global secondary indexes"',
    async run(h) {
      const TableName = await h.tableWithIndex('INCLUDE', ['shown']);
      await h.put(
        TableName,
        { pk: { S: '1' }, owner: { S: 'ann' }, shown: { S: 's' }, hidden: { S: 'h' } },
        { pk: { S: '2' } },
        { pk: { S: '3' }, owner: { S: 'ann' } },
      );
      const query = async (owner: string) => {
        const input = {
          TableName,
          IndexName: 'byOwner',
          KeyConditionExpression: '#o = :o',
          ExpressionAttributeNames: { '#o': 'owner' },
        };
        const page = await h.db.send(new QueryCommand({ ...input, ExpressionAttributeValues: { ':o': { S: owner } } }));
        return (page.Items ?? []).sort((x, y) => (x.pk.S as string).localeCompare(y.pk.S as string));
      };
      expect(await query('ann')).toEqual([
        { pk: { S: '1' }, owner: { S: 'ann' }, shown: { S: 's' } },
        { pk: { S: '3' }, owner: { S: 'ann' } },
      ]);
      await h.put(TableName, { pk: { S: '1' }, owner: { S: 'bob' } }, { pk: { S: '3' } });
      expect(await query('ann')).toEqual([]);
      expect(await query('bob')).toEqual([{ pk: { S: '1' }, owner: { S: 'bob' } }]);
    },
  },
  {
    id: 'DDB-58',
    rule: 'many items under one index key are all found, page by page, in both directions',
    source: 'Developer guide, "Global secondary indexes"',
    async run(h) {
      const TableName = await h.tableWithIndex('KEYS_ONLY');
      const names = Array.from({ length: 200 }, (_, i) => `item-${i}`);
      await h.putAll(
        TableName,
        names.map((pk) => ({ pk: { S: pk }, owner: { S: 'ann' } })),
      );
      const input = {
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: 'ann' } },
        Limit: 17,
      };
      for (const ScanIndexForward of [true, false]) {
        const found = (await pages(h, { ...input, ScanIndexForward })).flat().map((item) => item.pk.S as string);
        expect(found).toHaveLength(names.length);
        expect(new Set(found)).toEqual(new Set(names));
      }
    },
  },
  {
    id: 'DDB-59',
    rule: 'a consistent read of a global index, and a query without the partition key, are refused',
    source: 'API reference, Query',
    async run(h) {
      const TableName = await h.tableWithIndex();
      const consistent = new QueryCommand({
        TableName,
        IndexName: 'byOwner',
        ConsistentRead: true,
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: 'ann' } },
      });
      expect((await failure(h.db.send(consistent))).name).toBe('ValidationException');
      const keyless = {
        TableName,
        KeyConditionExpression: 'x = :o',
        ExpressionAttributeValues: { ':o': { S: 'ann' } },
      };
      expect((await failure(h.db.send(new QueryCommand(keyless)))).name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-60',
    rule: 'a scan returns every item once, by pages, by segments, and of an index',
    source: 'Developer guide, "Scanning tables"',
    async run(h) {
      const TableName = await h.tableWithIndex();
      const names = Array.from({ length: 60 }, (_, i) => `item-${i}`);
      await h.putAll(
        TableName,
        names.map((pk, i) => ({ pk: { S: pk }, ...(i < 40 && { owner: { S: `o${i % 3}` } }) })),
      );
      const scan = async (input: { IndexName?: string; Segment?: number; TotalSegments?: number }) => {
        const found: string[] = [];
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = await h.db.send(new ScanCommand({ TableName, Limit: 7, ExclusiveStartKey, ...input }));
          found.push(...(page.Items ?? []).map((item) => item.pk.S as string));
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);
        return found;
      };
      expect((await scan({})).sort()).toEqual([...names].sort());
      const segments = await Promise.all([0, 1, 2].map((Segment) => scan({ Segment, TotalSegments: 3 })));
      expect(segments.flat().sort()).toEqual([...names].sort());
      expect((await scan({ IndexName: 'byOwner' })).sort()).toEqual(names.slice(0, 40).sort());
    },
  },
  {
    id: 'DDB-61',
    rule: 'a local index sorts a partition by another attribute, and reads attributes that it does not project from the table',
    source: 'Developer guide, "Local secondary indexes"',
    async run(h) {
      const TableName = await h.table({
        sortKey: 'N',
        AttributeDefinitions: [{ AttributeName: 'rank', AttributeType: 'N' }],
        LocalSecondaryIndexes: [
          {
            IndexName: 'byRank',
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'rank', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      });
      const items = [3, 1, 2].map((rank, i) => ({
        pk: { S: 'a' },
        sk: { N: String(i) },
        rank: { N: String(rank) },
        v: { S: 'v' },
      }));
      await h.put(TableName, ...items);
      const { Items } = await h.db.send(
        new QueryCommand({
          TableName,
          IndexName: 'byRank',
          ConsistentRead: true,
          Select: 'ALL_ATTRIBUTES',
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'a' } },
        }),
      );
      expect(Items).toEqual([items[1], items[2], items[0]]);
    },
  },
];
