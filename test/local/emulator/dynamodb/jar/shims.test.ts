import {
  askConsumption,
  fromLocalArns,
  shimRecords,
  takeConsumption,
  toLocalArns,
} from '../../../../../local/emulator/dynamodb/jar/shims';

const place = { region: 'eu-central-1', accountId: '123456789012' };
const local = 'arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/x';
const real = 'arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/x';
const MINUTE = 1_800_000_000 - (1_800_000_000 % 60);

function shimmed(record: object, nowSeconds: number) {
  const body = JSON.stringify({ Records: [record], NextShardIterator: `${local}|001|abc` });
  return JSON.parse(shimRecords(body, place, nowSeconds * 1000));
}

describe('The shims around DynamoDB Local', () => {
  test('The shims around DynamoDB Local translate ARNs of tables and streams in both directions, and leave items alone', () => {
    expect(toLocalArns('DescribeStream', `{"StreamArn":"${real}"}`, place)).toBe(`{"StreamArn":"${local}"}`);
    expect(fromLocalArns('DescribeTable', `{"LatestStreamArn":"${local}"}`, place)).toBe(
      `{"LatestStreamArn":"${real}"}`,
    );
    const item = `{"Item":{"arn":{"S":"${local}"}}}`;
    expect(fromLocalArns('GetItem', item, place)).toBe(item);
    expect(toLocalArns('PutItem', item, place)).toBe(item);
  });

  test('The shims around DynamoDB Local give records the region and a time within their minute', () => {
    const record = { eventName: 'INSERT', awsRegion: 'ddblocal', dynamodb: { ApproximateCreationDateTime: MINUTE } };
    const page = shimmed(record, MINUTE + 12);
    expect(page.Records[0]).toEqual({
      eventName: 'INSERT',
      awsRegion: 'eu-central-1',
      dynamodb: { ApproximateCreationDateTime: MINUTE + 12 },
    });
    expect(page.NextShardIterator).toBe(`${real}|001|abc`);
    expect(shimmed(record, MINUTE + 500).Records[0].dynamodb.ApproximateCreationDateTime).toBe(MINUTE + 59);
  });

  test('The shims around DynamoDB Local turn the record of an expired item into a removal by the service', () => {
    const record = { eventName: 'UNKNOWN_TO_SDK_VERSION', dynamodb: { ApproximateCreationDateTime: MINUTE } };
    expect(shimmed(record, MINUTE).Records[0]).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
    });
  });

  test('The shims around DynamoDB Local request the consumption, and remove it from the response if the caller did not request it', () => {
    const asked = askConsumption('{"TableName":"t"}');
    expect(asked).toEqual({ body: '{"TableName":"t","ReturnConsumedCapacity":"TOTAL"}', added: true });
    expect(askConsumption('{"ReturnConsumedCapacity":"INDEXES"}').added).toBe(false);
    const body = '{"Item":{},"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5}}';
    const calls = [{ operation: 'GetItem', table: 't', readUnits: 1.5, writeUnits: 0 }];
    expect(takeConsumption('GetItem', body, true)).toEqual({ body: '{"Item":{}}', calls });
    expect(takeConsumption('GetItem', body, false)).toEqual({ body, calls });
    const batch = '{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":2},{"TableName":"u","CapacityUnits":1}]}';
    expect(takeConsumption('BatchWriteItem', batch, true).calls).toEqual([
      { operation: 'BatchWriteItem', table: 't', readUnits: 0, writeUnits: 2 },
      { operation: 'BatchWriteItem', table: 'u', readUnits: 0, writeUnits: 1 },
    ]);
  });
});
