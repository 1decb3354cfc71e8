import { RecordHints } from '../../../../../local/emulator/dynamodb/jar/hints';
import { ApiStreamReader } from '../../../../../local/emulator/dynamodb/jar/stream-reader';
import { EngineUnderTest, ManualClock } from '../engine/support';

const item = (pk: string) => ({ pk: { S: pk } });
const keys = ({ records }: { records: { dynamodb: { Keys: Record<string, unknown> } }[] }) =>
  records.map((record) => (record.dynamodb.Keys.pk as { S: string }).S);

describe('The reader through the Streams API', () => {
  let db: EngineUnderTest;
  let arn: string;
  let requests: string[];
  let reader: ApiStreamReader;

  beforeEach(async () => {
    db = new EngineUnderTest();
    arn = await db.itemsTable();
    await db.put(item('early'));
    requests = [];
    const execute = (target: string, input: Record<string, unknown>) => {
      requests.push(target.split('.')[1]);
      return db.run(target, input);
    };
    reader = new ApiStreamReader(arn, execute, () => () => undefined);
  });

  afterEach(() => db.engine.close());

  test('The reader through the Streams API reads from LATEST, which stays the end at the creation of the reader until records arrive', async () => {
    const [shard] = await reader.shards();
    expect(keys(await reader.read(shard, 'LATEST', 10))).toEqual([]);
    await db.put(item('late'));
    await db.put(item('later'));
    expect(keys(await reader.read(shard, 'LATEST', 1))).toEqual(['late']);
    expect(keys(await reader.read(shard, 'LATEST', 10))).toEqual(['late', 'later']);
  });

  test('The reader through the Streams API continues after the iterators of a quiet stream have expired', async () => {
    const [shard] = await reader.shards();
    for (let i = 0; i < 5; i++) {
      expect(keys(await reader.read(shard, 'LATEST', 10))).toEqual([]);
      db.clock.advance(10 * 60 * 1000);
    }
    await db.put(item('late'));
    expect(keys(await reader.read(shard, 'LATEST', 10))).toEqual(['late']);
  });

  test('The reader through the Streams API continues after a record without requesting another iterator', async () => {
    const [shard] = await reader.shards();
    await db.put(item('b'));
    await db.put(item('c'));
    const first = await reader.read(shard, 'TRIM_HORIZON', 2);
    expect(keys(first)).toEqual(['early', 'b']);
    requests.length = 0;
    const after = first.records[1].dynamodb.SequenceNumber;
    expect(keys(await reader.read(shard, { after }, 10))).toEqual(['c']);
    expect(requests).toEqual(['GetRecords']);
    expect(keys(await reader.read(shard, { after: first.records[0].dynamodb.SequenceNumber }, 10))).toEqual(['b', 'c']);
  });

  test('The reader through the Streams API returns records in the format of Lambda events', async () => {
    const [shard] = await reader.shards();
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expiresAt' };
    await db.run('UpdateTimeToLive', { TableName: 'items', TimeToLiveSpecification });
    await db.put({ ...item('a'), expiresAt: { N: String(db.clock.now() / 1000) } });
    db.clock.advance(1000);
    const { records } = await reader.read(shard, 'TRIM_HORIZON', 10);
    expect(records[0]).not.toHaveProperty('userIdentity');
    expect(records[2]).toMatchObject({
      eventName: 'REMOVE',
      eventSourceARN: arn,
      userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' },
    });
  });

  test('The reader through the Streams API fails to read a stream that does not exist', async () => {
    const missing = new ApiStreamReader(
      `${arn}-other`,
      (target, input) => db.run(target, input),
      () => () => undefined,
    );
    await expect(missing.read('shard', 'LATEST', 1)).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('Hints of new records', () => {
  test('Hints of new records come with every write, and once per second while somebody listens', () => {
    const clock = new ManualClock();
    const hints = new RecordHints(clock);
    let count = 0;
    const unsubscribe = hints.subscribe(() => count++);
    hints.notify();
    expect(count).toBe(1);
    clock.advance(3000);
    expect(count).toBe(4);
    unsubscribe();
    hints.notify();
    clock.advance(3000);
    expect(count).toBe(4);
    expect(clock.pending).toBe(0);
  });
});
