import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ListTablesCommand,
  QueryCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { Case } from '../conformance';
import { eventually, failure } from '../harness';

const byOwner = {
  IndexName: 'byOwner',
  KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' as const }],
  Projection: { ProjectionType: 'ALL' as const },
};

export const tableCases: Case[] = [
  {
    id: 'DDB-10',
    rule: 'DescribeTable returns key, billing mode, indexes, stream and ARNs of the table',
    source: 'API reference, DescribeTable',
    async run(h) {
      const TableName = await h.table({
        AttributeDefinitions: [{ AttributeName: 'owner', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [byOwner],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      });
      const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
      expect(Table).toMatchObject({
        TableStatus: 'ACTIVE',
        TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      });
      expect(Table?.GlobalSecondaryIndexes?.[0]).toMatchObject({ ...byOwner, IndexStatus: 'ACTIVE' });
      expect(Table?.LatestStreamArn).toBe(`${Table?.TableArn}/stream/${Table?.LatestStreamLabel}`);
      expect(Table?.LatestStreamLabel).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
    },
  },
  {
    id: 'DDB-11',
    rule: 'a table name can be used once, and again after the table is deleted',
    source: 'API reference, CreateTable: ResourceInUseException',
    async run(h) {
      const TableName = await h.table();
      const input = {
        TableName,
        BillingMode: 'PAY_PER_REQUEST' as const,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
      };
      expect((await failure(h.db.send(new CreateTableCommand(input)))).name).toBe('ResourceInUseException');
      await h.put(TableName, { pk: { S: 'old' } });
      await h.db.send(new DeleteTableCommand({ TableName }));
      await h.db.send(new CreateTableCommand(input));
      const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
      expect(Table?.ItemCount).toBe(0);
    },
  },
  {
    id: 'DDB-12',
    rule: 'DeleteTable and DescribeTable of a deleted table name the table',
    source: 'API reference, DeleteTable',
    async run(h) {
      const TableName = await h.table();
      await h.db.send(new DeleteTableCommand({ TableName }));
      for (const command of [new DeleteTableCommand({ TableName }), new DescribeTableCommand({ TableName })]) {
        const error = await failure(h.db.send(command as DescribeTableCommand));
        expect(error.name).toBe('ResourceNotFoundException');
      }
    },
  },
  {
    id: 'DDB-13',
    rule: 'ListTables pages in the order of names',
    source: 'API reference, ListTables',
    async run(h) {
      const made = [await h.table(), await h.table(), await h.table()];
      const names: string[] = [];
      let ExclusiveStartTableName: string | undefined;
      do {
        const page = await h.db.send(new ListTablesCommand({ Limit: 2, ExclusiveStartTableName }));
        names.push(...(page.TableNames ?? []));
        ExclusiveStartTableName = page.LastEvaluatedTableName;
      } while (ExclusiveStartTableName);
      expect(names).toEqual([...names].sort());
      expect(names).toEqual(expect.arrayContaining(made));
    },
  },
  {
    id: 'DDB-14',
    rule: 'UpdateTable adds an index to an on-demand table and fills it; after its removal, the index is unknown',
    source: 'API reference, UpdateTable',
    async run(h) {
      const TableName = await h.table();
      await h.put(TableName, { pk: { S: 'a' }, owner: { S: 'ann' } }, { pk: { S: 'b' } });
      await h.db.send(
        new UpdateTableCommand({
          TableName,
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'owner', AttributeType: 'S' },
          ],
          GlobalSecondaryIndexUpdates: [{ Create: byOwner }],
        }),
      );
      await eventually(async () => {
        const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
        return Table?.GlobalSecondaryIndexes?.[0].IndexStatus === 'ACTIVE' ? true : undefined;
      });
      await h.put(TableName, { pk: { S: 'c' }, owner: { S: 'ann' } });
      const query = new QueryCommand({
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': { S: 'ann' } },
      });
      const { Items = [] } = await h.db.send(query);
      expect(Items.map((item) => item.pk.S).sort()).toEqual(['a', 'c']);
      await h.db.send(
        new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byOwner' } }] }),
      );
      const gone = await eventually(async () => {
        const { Table } = await h.db.send(new DescribeTableCommand({ TableName }));
        return Table?.GlobalSecondaryIndexes ? undefined : failure(h.db.send(query));
      });
      expect(gone.name).toBe('ValidationException');
    },
  },
  {
    id: 'DDB-15',
    rule: 'an index on an attribute without a definition is refused',
    source: 'API reference, CreateTable',
    async run(h) {
      const error = await failure(h.table({ GlobalSecondaryIndexes: [byOwner] }));
      expect(error.name).toBe('ValidationException');
    },
  },
];
