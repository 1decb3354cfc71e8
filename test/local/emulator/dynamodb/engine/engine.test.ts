import { LocalStreamReader } from '../../../../../local/emulator/dynamodb/engine/stream-reader';
import { EngineUnderTest } from './support';

const item = (pk: string, more = {}) => ({ pk: { S: pk }, ...more });

describe('The engine', () => {
  test('The engine puts its region and account into ARNs and records', async () => {
    const db = new EngineUnderTest();
    const arn = await db.itemsTable();
    await db.put(item('a'));
    expect(arn).toBe('arn:aws:dynamodb:eu-central-1:123456789012:table/items/stream/2030-01-01T00:00:00.000');
    expect((await db.records(await db.iterator(arn)))[0].awsRegion).toBe('eu-central-1');
  });

  test('DDB-133 keeps all records of an item in one shard of several, and uses more than one', async () => {
    const db = new EngineUnderTest({ streamShards: 4 });
    const stream = db.engine.streams.byArn(await db.itemsTable());
    for (let i = 0; i < 60; i++) await db.put(item(`key-${i % 20}`, { n: { N: String(i) } }));
    const reader = new LocalStreamReader(stream);
    const shardsOf = new Map<unknown, Set<string>>();
    const usedShards = new Set<string>();
    let total = 0;
    for (const shard of await reader.shards()) {
      for (const { dynamodb } of (await reader.read(shard, 'TRIM_HORIZON', 1000)).records) {
        const key = JSON.stringify(dynamodb.Keys);
        shardsOf.set(key, (shardsOf.get(key) ?? new Set()).add(shard));
        usedShards.add(shard);
        total++;
      }
    }
    expect(total).toBe(60);
    expect([...shardsOf.values()].every((shards) => shards.size === 1)).toBe(true);
    expect(usedShards.size).toBeGreaterThan(1);
  });

  test('The engine gives a stream reader copies, so that a reader cannot change what is stored', async () => {
    const db = new EngineUnderTest();
    const stream = db.engine.streams.byArn(await db.itemsTable());
    await db.put(item('a', { v: { S: 'kept' } }));
    const reader = new LocalStreamReader(stream);
    const [shard] = await reader.shards();
    const { records } = await reader.read(shard, 'TRIM_HORIZON', 1);
    (records[0].dynamodb.NewImage as { v: { S: string } }).v.S = 'changed';
    expect((await db.run('GetItem', { TableName: 'items', Key: item('a') })).Item.v.S).toBe('kept');
  });

  test('The engine reports each call with its units, by table, also when it fails', async () => {
    const db = new EngineUnderTest();
    await db.itemsTable();
    const Put = {
      TableName: 'items',
      Item: item('a', { group: { S: 'g' } }),
      ConditionExpression: 'attribute_not_exists(pk)',
    };
    await db.run('TransactWriteItems', { TransactItems: [{ Put }] });
    await db.run('PutItem', Put).catch(() => undefined);
    await db.run('Query', {
      TableName: 'items',
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    });
    expect(db.calls).toEqual([
      { operation: 'TransactWriteItems', table: 'items', readUnits: 0, writeUnits: 3 },
      { operation: 'PutItem', table: 'items', readUnits: 0, writeUnits: 1 },
      { operation: 'Query', table: 'items', readUnits: 0.5, writeUnits: 0 },
    ]);
  });

  test('The engine refuses by name what it cannot change about a table', async () => {
    const db = new EngineUnderTest();
    await db.itemsTable();
    const update = db.run('UpdateTable', { TableName: 'items', SSESpecification: { Enabled: true } });
    await expect(update).rejects.toThrow('The local DynamoDB cannot change SSESpecification of a table');
    const provisioned = db.run('UpdateTable', {
      TableName: 'items',
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: {},
    });
    await expect(provisioned).rejects.toThrow('cannot change ProvisionedThroughput of a table');
  });

  test('The engine treats names such as constructor and toString like all other names', async () => {
    const db = new EngineUnderTest();
    await db.itemsTable();
    await db.put(item('constructor', { toString: { S: 'x' } }));
    const { Item } = await db.run('GetItem', { TableName: 'items', Key: item('constructor') });
    expect(Item).toEqual(item('constructor', { toString: { S: 'x' } }));
    await expect(db.run('constructor', {})).rejects.toMatchObject({ statusCode: 400 });
    const missing = { TableName: 'items', Item: item('new'), ConditionExpression: 'attribute_exists(valueOf)' };
    await expect(db.run('PutItem', missing)).rejects.toThrow('The conditional request failed');
    const update = {
      UpdateExpression: 'SET valueOf = if_not_exists(valueOf, :v)',
      ExpressionAttributeValues: { ':v': { S: 'v' } },
    };
    const { Attributes } = await db.run('UpdateItem', {
      TableName: 'items',
      Key: item('new'),
      ...update,
      ReturnValues: 'ALL_NEW',
    });
    expect(Attributes).toEqual(item('new', { valueOf: { S: 'v' } }));
  });
});
