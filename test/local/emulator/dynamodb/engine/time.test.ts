import { LocalStreamReader } from '../../../../../local/emulator/dynamodb/engine/stream-reader';
import { EngineUnderTest } from './support';

const HOUR = 60 * 60 * 1000;
const MINUTE = 60 * 1000;
const item = (pk: string, more = {}) => ({ pk: { S: pk }, ...more });
const type = (error: { body: { __type: string } }) => Promise.resolve(error.body.__type.split('#')[1]);

describe('Behavior over time', () => {
  let db: EngineUnderTest;
  let arn: string;

  beforeEach(async () => {
    db = new EngineUnderTest();
    arn = await db.itemsTable();
  });

  afterEach(() => db.engine.close());

  const names = (records: { eventName: string; dynamodb: { Keys: { pk: { S: string } } } }[]) =>
    records.map((record) => `${record.eventName} ${record.dynamodb.Keys.pk.S}`);

  test('DDB-130 a request token is forgotten after ten minutes', async () => {
    const Update = {
      TableName: 'items',
      Key: item('a'),
      UpdateExpression: 'ADD n :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    };
    const send = () => db.run('TransactWriteItems', { ClientRequestToken: 'token', TransactItems: [{ Update }] });
    const count = async () => (await db.run('GetItem', { TableName: 'items', Key: item('a') })).Item.n.N;
    await send();
    db.clock.advance(10 * MINUTE - 1);
    await send();
    expect(await count()).toBe('1');
    db.clock.advance(1);
    await send();
    expect(await count()).toBe('2');
  });

  test('DDB-131 a shard iterator expires after fifteen minutes', async () => {
    const iterator = await db.iterator(arn);
    db.clock.advance(15 * MINUTE);
    expect(await db.records(iterator)).toEqual([]);
    db.clock.advance(1);
    expect(await db.records(iterator).catch(type)).toBe('ExpiredIteratorException');
  });

  test('DDB-132 stream records are gone after 24 hours, and a read of one of them reports this', async () => {
    await db.put(item('old'));
    const [{ dynamodb }] = await db.records(await db.iterator(arn));
    db.clock.advance(23 * HOUR);
    await db.put(item('young'));
    expect(names(await db.records(await db.iterator(arn)))).toEqual(['INSERT old', 'INSERT young']);
    db.clock.advance(1 * HOUR);
    expect(names(await db.records(await db.iterator(arn)))).toEqual(['INSERT young']);
    const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: dynamodb.SequenceNumber };
    expect(await db.iterator(arn, at).catch(type)).toBe('TrimmedDataAccessException');
  });

  test('Behavior over time lets a reader continue after its last record even when all records are gone', async () => {
    await db.put(item('a'));
    const reader = new LocalStreamReader(db.engine.streams.byArn(arn));
    const [shard] = await reader.shards();
    const { records } = await reader.read(shard, 'TRIM_HORIZON', 10);
    const after = records[0].dynamodb.SequenceNumber;
    db.clock.advance(48 * HOUR);
    expect((await reader.read(shard, { after }, 10)).records).toEqual([]);
    await db.put(item('b'));
    expect((await reader.read(shard, { after }, 10)).records).toHaveLength(1);
  });

  test('Behavior over time sweeps expired items on the timer, which runs only while items can expire', async () => {
    const ttl = { TableName: 'items', TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' } };
    await db.run('UpdateTimeToLive', ttl);
    expect(db.clock.pending).toBe(0);
    const expiresAt = { N: String(db.clock.now() / 1000 + 5) };
    await db.put(item('a', { expiresAt }));
    await db.put(item('renewed', { expiresAt }));
    await db.put(item('renewed', { expiresAt: { N: String(db.clock.now() / 1000 + 60) } }));
    db.clock.advance(4999);
    expect((await db.run('Scan', { TableName: 'items' })).Count).toBe(2);
    db.clock.advance(1000);
    expect((await db.run('Scan', { TableName: 'items' })).Items.map((one: { pk: { S: string } }) => one.pk.S)).toEqual([
      'renewed',
    ]);
    db.clock.advance(60_000);
    expect((await db.run('Scan', { TableName: 'items' })).Count).toBe(0);
    expect(db.clock.pending).toBe(0);
    const records = await db.records(await db.iterator(arn));
    expect(names(records)).toEqual(['INSERT a', 'INSERT renewed', 'MODIFY renewed', 'REMOVE a', 'REMOVE renewed']);
    expect(records[3].dynamodb.ApproximateCreationDateTime).toBe(Number(expiresAt.N));
  });

  test('Behavior over time also expires items that existed when time to live was enabled', async () => {
    await db.put(item('a', { expiresAt: { N: String(db.clock.now() / 1000 - 5) } }));
    await db.run('UpdateTimeToLive', {
      TableName: 'items',
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
    });
    db.clock.advance(1000);
    expect((await db.run('Scan', { TableName: 'items' })).Count).toBe(0);
  });
});
