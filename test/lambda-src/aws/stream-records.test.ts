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

test('each stream record gives its request, its sequence number and the second of the write', async () => {
  const bench = new Bench();
  const request = await stored(bench);

  expect(requestRecords(eventOf(request), bench.log)).toEqual([
    { sequenceNumber: '0', request, writtenAt: 1_700_000_000_000 },
  ]);
});

test('removed items and items that are not requests are skipped without an error', () => {
  const bench = new Bench();

  expect(requestRecords(eventOf(undefined, { requestKey: '#sweeper', minute: 4 }), bench.log)).toEqual([]);
  expect(bench.lines).toEqual([]);
});

test('a request that cannot be read is dropped and logged, so that it does not block its shard', async () => {
  const bench = new Bench();
  const request = await stored(bench);
  const { tenant: _, ...unreadable } = request;

  expect(requestRecords(eventOf(unreadable, request), bench.log)).toMatchObject([{ sequenceNumber: '1' }]);
  expect(bench.lines).toMatchObject([{ level: 'error', fields: { sequenceNumber: '0' } }]);
});
