import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../../../../local/emulator/dynamodb';
import { FakeClock } from '../../../../fakes/fake-clock';
import { Harness } from '../harness';

async function start(lagMs: () => number) {
  const clock = new FakeClock();
  const harness = new Harness(await startDynamoDb({ clock, indexLagMs: lagMs }));
  const TableName = await harness.table({
    AttributeDefinitions: [{ AttributeName: 'group', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byGroup',
        KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
  const put = (id: string) =>
    harness.db.send(new PutItemCommand({ TableName, Item: { pk: { S: id }, group: { S: 'g' } } }));
  const query = async (hash: string, value: string, IndexName?: string) => {
    const { Items = [] } = await harness.db.send(
      new QueryCommand({
        ...{ TableName, IndexName, KeyConditionExpression: '#hash = :value' },
        ExpressionAttributeNames: { '#hash': hash },
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
    return Items.map(({ pk }) => pk?.S).sort();
  };
  return {
    clock,
    harness,
    put,
    inIndex: () => query('group', 'g', 'byGroup'),
    inTable: (id: string) => query('pk', id),
  };
}

test('a query of an index does not find items that were written within the lag, and a query of the table finds them', async () => {
  const { clock, harness, put, inIndex, inTable } = await start(() => 1_000);
  await put('old');
  clock.advance(1_000);
  await put('new');
  expect(await inIndex()).toEqual(['old']);
  expect(await inTable('new')).toEqual(['new']);
  clock.advance(1_000);
  expect(await inIndex()).toEqual(['new', 'old']);
  await harness.close();
});

test('each query has its own lag', async () => {
  const lags = [1_000, 0];
  const { harness, put, inIndex } = await start(() => lags.shift() ?? 0);
  await put('new');
  expect(await inIndex()).toEqual([]);
  expect(await inIndex()).toEqual(['new']);
  await harness.close();
});
