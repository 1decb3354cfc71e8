import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  GetRecordsCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { Case } from '../conformance';
import { eventually, failure, type Harness } from '../harness';

const key = (pk: string) => ({ pk: { S: pk } });
const names = (records: _Record[]) => records.map((record) => `${record.eventName} ${record.dynamodb?.Keys?.pk.S}`);

async function streamOf(h: Harness, TableName: string): Promise<string> {
  const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
  return Table?.LatestStreamArn as string;
}

export const streamCases: Case[] = [
  {
    id: 'DDB-100',
    rule: 'insert, change and removal are records with keys, images and size',
    source: 'Streams API reference, StreamRecord',
    async run(h) {
      const TableName = await h.table({
        key: { AttributeName: 'Id', AttributeType: 'N' },
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      });
      const arn = await streamOf(h, TableName);
      const Keys = { Id: { N: '101' } };
      const first = { ...Keys, Message: { S: 'New item!' } };
      const second = { ...Keys, Message: { S: 'This item has changed' } };
      await h.put(TableName, first, second);
      await h.db.send(new DeleteItemCommand({ TableName, Key: Keys }));
      const records = await h.allRecords(arn, 3);
      expect(records).toMatchObject([
        { eventName: 'INSERT', dynamodb: { Keys, NewImage: first, SizeBytes: 26 } },
        { eventName: 'MODIFY', dynamodb: { Keys, NewImage: second, OldImage: first, SizeBytes: 59 } },
        { eventName: 'REMOVE', dynamodb: { Keys, OldImage: second, SizeBytes: 38 } },
      ]);
      for (const record of records) {
        expect(record).toMatchObject({ eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1' });
        expect(record.dynamodb?.StreamViewType).toBe('NEW_AND_OLD_IMAGES');
        expect(record.userIdentity).toBeUndefined();
      }
      expect(records[0].dynamodb).not.toHaveProperty('OldImage');
      expect(records[2].dynamodb).not.toHaveProperty('NewImage');
    },
  },
  {
    id: 'DDB-101',
    rule: 'a write that changes nothing has no record',
    source: 'Developer guide, "Change data capture for DynamoDB Streams"',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, { ...key('a'), x: { SS: ['1', '2'] }, y: { N: '1' } });
      await h.put(TableName, { y: { N: '1.0' }, x: { SS: ['2', '1'] }, ...key('a') });
      const UpdateExpression = 'SET y = y';
      await h.db.send(new UpdateItemCommand({ TableName, Key: key('a'), UpdateExpression }));
      await h.db.send(new DeleteItemCommand({ TableName, Key: key('none') }));
      await h.put(TableName, key('last'));
      expect(names(await h.allRecords(arn, 2))).toEqual(['INSERT a', 'INSERT last']);
    },
  },
  {
    id: 'DDB-102',
    rule: 'a write whose condition fails has no record',
    source: 'Developer guide, "Change data capture for DynamoDB Streams"',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, key('a'));
      await failure(
        h.db.send(
          new PutItemCommand({
            TableName,
            Item: { ...key('a'), v: { S: 'v' } },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      const Put = { TableName, Item: { ...key('a'), v: { S: 'v' } }, ConditionExpression: 'attribute_not_exists(pk)' };
      await failure(
        h.db.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: key('b') } }, { Put }] })),
      );
      await h.put(TableName, key('last'));
      expect(names(await h.allRecords(arn, 2))).toEqual(['INSERT a', 'INSERT last']);
    },
  },
  {
    id: 'DDB-103',
    rule: 'the view type decides which images a record has',
    source: 'API reference, StreamSpecification',
    async run(h) {
      const expected = {
        KEYS_ONLY: [],
        NEW_IMAGE: ['NewImage'],
        OLD_IMAGE: ['OldImage'],
        NEW_AND_OLD_IMAGES: ['NewImage', 'OldImage'],
      };
      for (const [view, images] of Object.entries(expected)) {
        const TableName = await h.tableWithStream(view as keyof typeof expected);
        const arn = await streamOf(h, TableName);
        await h.put(TableName, { ...key('a'), v: { S: '1' } }, { ...key('a'), v: { S: '2' } });
        const record = (await h.allRecords(arn, 2))[1].dynamodb;
        expect(
          Object.keys(record ?? {})
            .filter((name) => name.endsWith('Image'))
            .sort(),
        ).toEqual(images);
      }
    },
  },
  {
    id: 'DDB-104',
    rule: 'the records of one item are in the order of its writes, with growing sequence numbers',
    source: 'Developer guide, "Change data capture for DynamoDB Streams"',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      const add = {
        TableName,
        Key: key('a'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      await Promise.all(Array.from({ length: 30 }, () => h.db.send(new UpdateItemCommand(add))));
      const records = await h.allRecords(arn, 30);
      expect(records.map((record) => record.dynamodb?.NewImage?.n.N)).toEqual(records.map((_, i) => String(i + 1)));
      const numbers = records.map((record) => BigInt(record.dynamodb?.SequenceNumber as string));
      expect(numbers).toEqual([...new Set(numbers)].sort((x, y) => (x < y ? -1 : 1)));
      expect(new Set(records.map((record) => record.eventID)).size).toBe(30);
      for (const record of records) expect(record.dynamodb?.SequenceNumber).toMatch(/^\d{21,40}$/);
    },
  },
  {
    id: 'DDB-105',
    rule: 'each write of a transaction has a record',
    source: 'Developer guide, "DynamoDB transactions": streams',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, key('b'), key('checked'));
      const Update = {
        TableName,
        Key: key('b'),
        UpdateExpression: 'SET v = :v',
        ExpressionAttributeValues: { ':v': { N: '1' } },
      };
      const ConditionCheck = { TableName, Key: key('checked'), ConditionExpression: 'attribute_exists(pk)' };
      const TransactItems = [{ Put: { TableName, Item: key('a') } }, { Update }, { ConditionCheck }];
      await h.db.send(new TransactWriteItemsCommand({ TransactItems }));
      const records = await h.allRecords(arn, 4);
      expect(names(records.slice(2)).sort()).toEqual(['INSERT a', 'MODIFY b']);
    },
  },
  {
    id: 'DDB-106',
    rule: 'the four iterator types begin at the oldest record, after the newest, at and after a sequence number',
    source: 'Streams API reference, GetShardIterator',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, key('a'), key('b'), key('c'));
      const [, second] = await h.allRecords(arn, 3);
      const SequenceNumber = second.dynamodb?.SequenceNumber;
      const latest = await h.iterator(arn, { ShardIteratorType: 'LATEST' });
      await h.put(TableName, key('d'));
      await h.allRecords(arn, 4);
      const at = await h.iterator(arn, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber });
      const after = await h.iterator(arn, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
      expect(names(await h.records(await h.iterator(arn, {})))).toEqual([
        'INSERT a',
        'INSERT b',
        'INSERT c',
        'INSERT d',
      ]);
      expect(names(await h.records(latest))).toEqual(['INSERT d']);
      expect(names(await h.records(at))).toEqual(['INSERT b', 'INSERT c', 'INSERT d']);
      expect(names(await h.records(after))).toEqual(['INSERT c', 'INSERT d']);
    },
  },
  {
    id: 'DDB-107',
    rule: 'GetRecords returns at most Limit records and an iterator that continues, even if there are no records yet',
    source: 'Streams API reference, GetRecords',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, key('a'), key('b'), key('c'));
      await h.allRecords(arn, 3);
      let ShardIterator: string | undefined = await h.iterator(arn, {});
      const seen: string[][] = [];
      for (let i = 0; i < 3; i++) {
        const page: { Records?: _Record[]; NextShardIterator?: string } = await h.streams.send(
          new GetRecordsCommand({ ShardIterator, Limit: 2 }),
        );
        seen.push(names(page.Records ?? []));
        ShardIterator = page.NextShardIterator;
      }
      expect(seen).toEqual([['INSERT a', 'INSERT b'], ['INSERT c'], []]);
      await h.put(TableName, key('d'));
      const late = await eventually(async () => {
        const records = await h.records(ShardIterator as string);
        return records.length > 0 ? records : undefined;
      });
      expect(names(late)).toEqual(['INSERT d']);
    },
  },
  {
    id: 'DDB-108',
    rule: 'ListStreams and DescribeStream describe the stream; an unknown ARN is not found',
    source: 'Streams API reference, DescribeStream',
    async run(h) {
      const TableName = await h.tableWithStream('NEW_IMAGE');
      const StreamArn = await streamOf(h, TableName);
      const { Streams } = await h.streams.send(new ListStreamsCommand({ TableName }));
      expect(Streams).toMatchObject([{ StreamArn, TableName }]);
      const { StreamDescription } = await h.streams.send(new DescribeStreamCommand({ StreamArn }));
      expect(StreamDescription).toMatchObject({
        StreamArn,
        TableName,
        StreamStatus: 'ENABLED',
        StreamViewType: 'NEW_IMAGE',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      });
      expect(StreamDescription?.Shards?.[0].SequenceNumberRange?.StartingSequenceNumber).toMatch(/^\d{21,40}$/);
      const unknown = new DescribeStreamCommand({ StreamArn: StreamArn.replace(TableName, `no-${randomUUID()}`) });
      expect((await failure(h.streams.send(unknown))).name).toBe('ResourceNotFoundException');
    },
  },
  {
    id: 'DDB-109',
    rule: 'UpdateTable enables and disables a stream; an old stream stays readable to its end, a new one has a new ARN',
    source: 'Developer guide, "Change data capture for DynamoDB Streams"',
    async run(h) {
      const TableName = await h.table();
      const switchTo = (StreamSpecification: UpdateTableCommand['input']['StreamSpecification']) =>
        h.db.send(new UpdateTableCommand({ TableName, StreamSpecification }));
      const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
      await h.put(TableName, key('before'));
      await switchTo(on);
      const old = await streamOf(h, TableName);
      expect((await failure(switchTo(on))).name).toMatch(/ValidationException|ResourceInUseException/);
      await h.put(TableName, key('during'));
      await h.allRecords(old, 1);
      await switchTo({ StreamEnabled: false });
      await h.put(TableName, key('between'));
      const { StreamDescription } = await h.streams.send(new DescribeStreamCommand({ StreamArn: old }));
      expect(StreamDescription?.StreamStatus).toBe('DISABLED');
      const end = await h.streams.send(new GetRecordsCommand({ ShardIterator: await h.iterator(old, {}) }));
      expect(names(end.Records ?? [])).toEqual(['INSERT during']);
      await switchTo(on);
      const next = await streamOf(h, TableName);
      expect(next).not.toBe(old);
      await h.put(TableName, key('after'));
      expect(names(await h.allRecords(next, 1))).toEqual(['INSERT after']);
    },
  },
  {
    id: 'DDB-110',
    rule: 'the end of a closed shard has no next iterator',
    source: 'Streams API reference, GetRecords: NextShardIterator',
    async run(h) {
      const TableName = await h.tableWithStream();
      const arn = await streamOf(h, TableName);
      await h.put(TableName, key('a'));
      await h.db.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
      const page = await h.streams.send(new GetRecordsCommand({ ShardIterator: await h.iterator(arn, {}) }));
      expect(names(page.Records ?? [])).toEqual(['INSERT a']);
      expect(page.NextShardIterator).toBeUndefined();
      await h.db.send(new DeleteTableCommand({ TableName }));
    },
  },
  {
    id: 'DDB-111',
    rule: 'a reader of the endpoint returns records in the format of Lambda events, from its LATEST on',
    source: 'Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB"',
    async run(h) {
      const tableName = `reader-${randomUUID()}`;
      const keySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
      const attributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' }];
      const { streamArn, tableArn } = await h.endpoint.createTable({
        tableName,
        keySchema,
        attributeDefinitions,
        streamViewType: 'NEW_IMAGE',
      });
      expect(tableArn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${tableName}`);
      await h.put(tableName, key('early'));
      await h.allRecords(streamArn as string, 1);
      const reader = h.endpoint.stream(streamArn as string);
      const [shard] = await reader.shards();
      expect((await reader.read(shard, 'LATEST', 10)).records).toEqual([]);
      const hint = new Promise<void>((resolve) => reader.onRecords(resolve));
      await h.put(tableName, key('late'), key('later'));
      await hint;
      const late = await eventually(async () => {
        const { records } = await reader.read(shard, 'LATEST', 10);
        return records.length === 2 ? records : undefined;
      });
      expect(late[0]).toMatchObject({
        eventSourceARN: streamArn,
        awsRegion: 'us-east-1',
        dynamodb: { Keys: key('late') },
      });
      const ageSeconds = Date.now() / 1000 - late[0].dynamodb.ApproximateCreationDateTime;
      expect(ageSeconds).toBeGreaterThanOrEqual(0);
      expect(ageSeconds).toBeLessThan(10);
      const all = await reader.read(shard, 'TRIM_HORIZON', 10);
      expect(all.records.map((record) => record.dynamodb.Keys.pk)).toEqual([
        { S: 'early' },
        { S: 'late' },
        { S: 'later' },
      ]);
      const rest = await reader.read(shard, { after: late[0].dynamodb.SequenceNumber }, 10);
      expect(rest.records.map((record) => record.dynamodb.Keys.pk)).toEqual([{ S: 'later' }]);
    },
  },
];
