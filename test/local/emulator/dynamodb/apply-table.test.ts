import { type DynamoDbEndpoint, startDynamoDb, type TableProperties } from '../../../../local/emulator/dynamodb';

let dynamodb: DynamoDbEndpoint;
beforeEach(async () => {
  dynamodb = await startDynamoDb();
});
afterEach(() => dynamodb.close());

const TABLE: TableProperties = {
  tableName: 'Things',
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  attributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'kind', AttributeType: 'S' },
  ],
  indexes: [
    {
      indexName: 'byKind',
      keySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      projection: { ProjectionType: 'ALL' },
    },
  ],
  streamViewType: 'NEW_IMAGE',
  ttlAttribute: 'ttl',
};
const WITHOUT_INDEX = { ...TABLE, indexes: [], attributeDefinitions: TABLE.attributeDefinitions.slice(0, 1) };

test('a table is created, kept with its stream when nothing changed, and removed', async () => {
  const made = await dynamodb.applyTable(TABLE);
  expect(made).toMatchObject({ change: 'created', streamArn: expect.stringContaining('/stream/') });
  expect(await dynamodb.applyTable(TABLE)).toEqual({ ...made, change: 'kept' });
  expect(await dynamodb.tableNames()).toEqual(['Things']);
  expect(await dynamodb.removeTable('Things')).toBe(0);
  expect(await dynamodb.tableNames()).toEqual([]);
});

test.each<[string, TableProperties, TableProperties]>([
  ['an index that came', WITHOUT_INDEX, TABLE],
  ['an index that went', TABLE, WITHOUT_INDEX],
  [
    'an index that projects less',
    TABLE,
    { ...TABLE, indexes: [{ ...TABLE.indexes?.[0], projection: { ProjectionType: 'KEYS_ONLY' } } as never] },
  ],
  ['another time to live', TABLE, { ...TABLE, ttlAttribute: 'expiresAt' }],
  ['no time to live', TABLE, { ...TABLE, ttlAttribute: undefined }],
  ['a stream that came', { ...TABLE, streamViewType: undefined }, TABLE],
  ['a stream that went', TABLE, { ...TABLE, streamViewType: undefined }],
])('%s is applied, and then nothing is left to do', async (_, before, after) => {
  await dynamodb.applyTable(before);
  expect(await dynamodb.tableProblem(after)).toBeUndefined();
  expect(await dynamodb.applyTable(after)).toMatchObject({ change: 'updated' });
  expect(await dynamodb.applyTable(after)).toMatchObject({ change: 'kept' });
});

test.each<[string, TableProperties]>([
  ['the table Things has another key', { ...TABLE, keySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }] }],
  [
    'the table Things has another key',
    { ...TABLE, attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'N' }, TABLE.attributeDefinitions[1]] },
  ],
  ['the stream of the table Things has another view type', { ...TABLE, streamViewType: 'NEW_AND_OLD_IMAGES' }],
])('%s: it cannot be applied, and nothing is changed', async (problem, after) => {
  await dynamodb.applyTable(TABLE);
  expect(await dynamodb.tableProblem(after)).toBe(problem);
  await expect(dynamodb.applyTable(after)).rejects.toThrow(problem);
  expect(await dynamodb.applyTable(TABLE)).toMatchObject({ change: 'kept' });
});
