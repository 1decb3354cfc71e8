import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { requestRecords } from '../../../lambda-src/aws/stream-records';
import { Bench } from '../support/bench';

const eventOf = (...items: (Record<string, unknown> | undefined)[]): DynamoDBStreamEvent => ({
  Records: items.map((item, index) => ({
    dynamodb: {
      ...(item && { NewImage: marshall(item) as never }),
      SequenceNumber: String(index),
      ApproximateCreationDateTime: 1_700_000_000.5,
    },
  })),
});

async function stored(bench: Bench): Promise<Record<string, unknown>> {
  await bench.request();
  return { ...(await bench.stored()) };
}

test('the records of a stream are its requests, each with its number and the second in which it was written', async () => {
  const bench = new Bench();
  const request = await stored(bench);

  expect(requestRecords(eventOf(request), bench.log)).toEqual([
    { sequenceNumber: '0', request, writtenAt: 1_700_000_000_000 },
  ]);
});

test('a removed item, and an item that is not a request, is no record and no error', () => {
  const bench = new Bench();

  expect(requestRecords(eventOf(undefined, { requestKey: '#sweeper', minute: 4 }), bench.log)).toEqual([]);
  expect(bench.lines).toEqual([]);
});

test('a request that cannot be read is dropped and logged, so that it does not hold up its shard', async () => {
  const bench = new Bench();
  const request = await stored(bench);
  const { tenant: _, ...unreadable } = request;

  expect(requestRecords(eventOf(unreadable, request), bench.log)).toMatchObject([{ sequenceNumber: '1' }]);
  expect(bench.lines).toMatchObject([{ level: 'error', fields: { sequenceNumber: '0' } }]);
});
