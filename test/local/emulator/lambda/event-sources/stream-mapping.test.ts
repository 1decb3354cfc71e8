import {
  type StreamFailure,
  StreamMapping,
  type StreamMappingSpec,
} from '../../../../../local/emulator/lambda/event-sources';
import { type InvokeResult, type LogEvent, ThrottledError } from '../../../../../local/emulator/types';
import { FakeClock } from '../../../../fakes/fake-clock';
import {
  advance,
  FakeFunction,
  FakeStream,
  failed,
  keyOf,
  keysOf,
  ok,
  report,
  STREAM_ARN,
  type StreamEvent,
  settle,
} from './drive';

const MINUTE = 60_000;

let clock: FakeClock;
let stream: FakeStream;
let mapping: StreamMapping | undefined;
let failures: StreamFailure[];
let logged: LogEvent[];

beforeEach(() => {
  clock = new FakeClock();
  stream = new FakeStream(clock);
  failures = [];
  logged = [];
});

afterEach(async () => {
  await mapping?.stop();
  expect(clock.pending).toBe(0);
  expect(stream.listening).toBe(0);
});

async function run(
  spec: Partial<StreamMappingSpec>,
  answer: (event: StreamEvent, count: number) => InvokeResult | Promise<InvokeResult> = () => ok(),
) {
  const fn = new FakeFunction<StreamEvent>(answer);
  mapping = new StreamMapping(
    {
      functionName: 'dispatcher',
      functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dispatcher',
      streamArn: STREAM_ARN,
      startingPosition: 'TRIM_HORIZON',
      batchSize: 100,
      ...spec,
    },
    stream,
    fn,
    { clock, log: (event) => logged.push(event), newId: () => 'id', onFailure: (failure) => failures.push(failure) },
  );
  await mapping.start();
  await settle();
  return { mapping, fn, batches: () => fn.invocations.map(({ event }) => keysOf(event)) };
}

const sequenceOf = (event: StreamEvent, key: string) =>
  event.Records.find((record) => keyOf(record) === key)?.dynamodb.SequenceNumber;
const failsOn = (key: string) => (event: StreamEvent) => (keysOf(event).includes(key) ? failed() : ok());

describe('batches', () => {
  test('ESM-STREAM-02 TRIM_HORIZON delivers what was written before the start', async () => {
    stream.put('a');
    const { batches } = await run({});
    expect(batches()).toEqual([['a']]);
  });

  test('ESM-STREAM-03 LATEST delivers only what is written after the start', async () => {
    stream.put('a');
    const { batches, fn } = await run({ startingPosition: 'LATEST' });
    const record = stream.put('b');
    await settle();
    expect(batches()).toEqual([['b']]);
    expect(fn.invocations[0]).toEqual({ functionName: 'dispatcher', event: { Records: [record] } });
  });

  test('ESM-STREAM-04 a batch has at most BatchSize records and the next waits for its answer', async () => {
    for (const key of 'abcde') stream.put(key);
    const answers: ((result: InvokeResult) => void)[] = [];
    const { batches, fn } = await run({ batchSize: 2 }, () => new Promise((resolve) => answers.push(resolve)));
    expect(batches()).toEqual([['a', 'b']]);
    for (let i = 0; i < 3; i++) {
      answers[i](ok());
      await settle();
    }
    expect(batches()).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(fn.mostRunning).toBe(1);
  });

  test('ESM-STREAM-05 the batching window gathers until it ends or the batch is full', async () => {
    const { batches } = await run({ batchSize: 3, maximumBatchingWindowMs: 1000 });
    stream.put('a');
    await advance(clock, 900);
    stream.put('b');
    await settle();
    expect(batches()).toEqual([]);
    await advance(clock, 100);
    expect(batches()).toEqual([['a', 'b']]);
    for (const key of 'cde') stream.put(key);
    await settle();
    expect(batches()).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  test('ESM-STREAM-06 an event stays below 6 MB', async () => {
    for (const key of 'abcd') stream.put(key, { text: { S: 'x'.repeat(2_000_000) } });
    const { batches } = await run({});
    expect(batches()).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('ESM-STREAM-07 each shard has a separate batch in flight, and new shards are found', async () => {
    const releases: (() => void)[] = [];
    stream.addShard('shard-2');
    stream.put('a');
    stream.put('b', {}, 'shard-2');
    const { fn, batches } = await run({}, () => new Promise((resolve) => releases.push(() => resolve(ok()))));
    expect(fn.running).toBe(2);
    stream.addShard('shard-3');
    stream.put('c', {}, 'shard-3');
    await settle();
    expect(batches()).toEqual([['a'], ['b'], ['c']]);
    for (const release of releases) release();
  });

  test('ESM-STREAM-08 ParallelizationFactor runs several batches of a shard, one at a time per item', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `k${i % 8}`);
    const inFlight = new Set<string>();
    const seen = new Map<string, string[]>();
    for (const key of keys) stream.put(key);
    const { fn } = await run({ parallelizationFactor: 4, batchSize: 1 }, async (event) => {
      const [key] = keysOf(event);
      expect(inFlight.has(key)).toBe(false);
      inFlight.add(key);
      await settle();
      inFlight.delete(key);
      seen.set(key, [...(seen.get(key) ?? []), event.Records[0].dynamodb.SequenceNumber]);
      return ok();
    });
    await advance(clock, 5000);
    expect(fn.invocations).toHaveLength(40);
    expect(fn.mostRunning).toBeGreaterThan(1);
    expect(fn.mostRunning).toBeLessThanOrEqual(4);
    for (const sequence of seen.values()) expect(sequence).toEqual([...sequence].sort());
  });
});

describe('filters', () => {
  const filters = [{ dynamodb: { NewImage: { status: { S: ['PENDING'] } } } }];

  test('ESM-STREAM-09 a record that matches no filter is not delivered, and the checkpoint moves past it', async () => {
    const { mapping: esm, batches } = await run({ filters });
    stream.put('a', { status: { S: 'PENDING' } });
    const last = stream.put('b', { status: { S: 'DONE' } });
    await settle();
    expect(batches()).toEqual([['a']]);
    expect(esm.checkpoint('shard-1')).toBe(last.dynamodb.SequenceNumber);
  });

  test('ESM-STREAM-10 an operator that Lambda lacks is refused before anything starts', () => {
    const build = () =>
      new StreamMapping(
        {
          functionName: 'f',
          streamArn: STREAM_ARN,
          startingPosition: 'LATEST',
          batchSize: 1,
          filters: [{ a: [{ wildcard: '*' }] }],
        },
        stream,
        new FakeFunction(() => ok()),
        { clock, log: () => undefined },
      );
    mapping = undefined;
    expect(build).toThrow('`wildcard`');
  });
});

describe('failures', () => {
  test('ESM-STREAM-11 a whole failed batch is retried with increasing delays, before later records', async () => {
    stream.put('a');
    stream.put('b');
    const { batches } = await run({}, (_event, count) => (count < 4 ? failed() : ok()));
    stream.put('c');
    await advance(clock, 199);
    expect(batches()).toHaveLength(1);
    await advance(clock, 1);
    expect(batches()).toHaveLength(2);
    await advance(clock, 400);
    expect(batches()).toHaveLength(3);
    await advance(clock, 800);
    expect(batches()).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  });

  test('ESM-STREAM-12 after MaximumRetryAttempts the batch is described to the on-failure destination', async () => {
    const a = stream.put('a');
    const b = stream.put('b');
    const { batches } = await run({ maximumRetryAttempts: 2, onFailureArn: 'arn:dlq' }, failsOn('a'));
    stream.put('c');
    await advance(clock, 10_000);
    expect(batches()).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    expect(failures).toEqual([
      {
        destinationArn: 'arn:dlq',
        message: {
          requestContext: {
            requestId: 'id',
            functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dispatcher',
            condition: 'RetryAttemptsExhausted',
            approximateInvokeCount: 3,
          },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          version: '1.0',
          timestamp: '2026-01-01T00:00:00.600Z',
          DDBStreamBatchInfo: {
            shardId: 'shard-1',
            startSequenceNumber: a.dynamodb.SequenceNumber,
            endSequenceNumber: b.dynamodb.SequenceNumber,
            approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
            approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
            batchSize: 2,
            streamArn: STREAM_ARN,
          },
        },
      },
    ]);
  });

  test('ESM-STREAM-13 with the default the batch blocks its shard until the stream drops it after a day', async () => {
    stream.put('poison');
    const { batches } = await run({}, failsOn('poison'));
    await advance(clock, 23 * 60 * MINUTE, MINUTE);
    stream.put('next');
    await settle();
    expect(failures).toEqual([]);
    expect(batches().flat()).not.toContain('next');
    await advance(clock, 61 * MINUTE, MINUTE);
    expect(batches().flat()).toContain('next');
  });

  test('ESM-STREAM-14 MaximumRecordAge discards the old records of a batch and delivers the younger', async () => {
    stream.put('old');
    const { batches } = await run({ maximumRecordAgeMs: MINUTE, batchSize: 10 }, failsOn('old'));
    await advance(clock, 30_000);
    stream.put('young');
    await advance(clock, 60_000);
    expect(failures.map(({ message }) => message.requestContext.condition)).toEqual(['RecordAgeExceeded']);
    expect(batches().at(-1)).toEqual(['young']);
  });

  test('ESM-STREAM-15 bisection isolates the bad record, and splits are not retries', async () => {
    for (const key of 'abcdefgh') stream.put(key);
    const { fn } = await run({ bisect: true, maximumRetryAttempts: 1 }, failsOn('f'));
    await advance(clock, 5000);
    expect(failures.map(({ message }) => message.DDBStreamBatchInfo.batchSize)).toEqual([1]);
    const done = fn.invocations
      .filter(({ event }) => !keysOf(event).includes('f'))
      .flatMap(({ event }) => keysOf(event));
    expect(done.sort()).toEqual([...'abcdegh']);
    expect(fn.invocations.filter(({ event }) => keysOf(event).join() === 'f')).toHaveLength(2);
  });

  test('ESM-STREAM-16 a throttled invocation is repeated and uses up no retry', async () => {
    stream.put('a');
    const { batches } = await run({ maximumRetryAttempts: 0 }, (_event, count) => {
      if (count < 4) throw new ThrottledError('Rate Exceeded.');
      return ok();
    });
    await advance(clock, 10_000);
    expect(batches()).toHaveLength(4);
    expect(failures).toEqual([]);
  });

  test('ESM-STREAM-17 a failure in one shard does not hold up another', async () => {
    stream.addShard('shard-2');
    stream.put('poison');
    stream.put('good', {}, 'shard-2');
    const { batches } = await run({}, failsOn('poison'));
    expect(batches()).toContainEqual(['good']);
  });
});

describe('ReportBatchItemFailures', () => {
  const spec = { reportBatchItemFailures: true, maximumRetryAttempts: 1 };

  test('ESM-STREAM-18 the delivery restarts at the lowest reported record', async () => {
    for (const key of 'abcd') stream.put(key);
    const { batches } = await run(spec, (event, count) =>
      count === 1 ? report(sequenceOf(event, 'd'), sequenceOf(event, 'b')) : ok(),
    );
    await advance(clock, 1000);
    expect(batches()).toEqual([
      ['a', 'b', 'c', 'd'],
      ['b', 'c', 'd'],
    ]);
  });

  test.each([
    ['null', ok(null)],
    ['undefined', ok(undefined)],
    ['an empty object', ok({})],
    ['an empty list', report()],
    ['a null list', ok({ batchItemFailures: null })],
  ])('ESM-STREAM-19 %s is a success', async (_name, answer) => {
    stream.put('a');
    const { batches } = await run(spec, () => answer);
    await advance(clock, 5000);
    expect(batches()).toEqual([['a']]);
    expect(failures).toEqual([]);
  });

  test.each([
    ['an empty identifier', report('')],
    ['a null identifier', report(null)],
    ['an identifier that is not in the batch', report('000')],
    ['a wrong key', ok({ batchItemFailures: [{ id: 'x' }] })],
    ['an entry that is not an object', ok({ batchItemFailures: [null] })],
    ['an invalid list', ok({ batchItemFailures: 'x' })],
  ])('ESM-STREAM-20 %s fails the whole batch', async (_name, answer) => {
    stream.put('a');
    stream.put('b');
    const { batches } = await run(spec, () => answer);
    await advance(clock, 5000);
    expect(batches()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(failures).toHaveLength(1);
    expect(failures[0].message.responseContext?.functionError).toBeNull();
  });

  test('ESM-STREAM-21 without the setting the response is ignored', async () => {
    stream.put('a');
    const { batches } = await run({}, (event) => report(sequenceOf(event, 'a')));
    await advance(clock, 5000);
    expect(batches()).toEqual([['a']]);
  });

  test('ESM-STREAM-22 with bisection the batch splits at the reported record, which costs no retry', async () => {
    for (const key of 'abcd') stream.put(key);
    const { batches } = await run({ ...spec, bisect: true, maximumRetryAttempts: 0 }, (event) =>
      keysOf(event).includes('c') ? report(sequenceOf(event, 'c')) : ok(),
    );
    await advance(clock, 5000);
    expect(batches()).toEqual([
      ['a', 'b', 'c', 'd'],
      ['c', 'd'],
    ]);
    expect(failures.map(({ message }) => message.DDBStreamBatchInfo.batchSize)).toEqual([2]);
  });
});

describe('life', () => {
  test('ESM-STREAM-23 a stopped mapping continues after its checkpoint', async () => {
    stream.put('a');
    const { mapping: esm, batches } = await run({});
    await esm.stop();
    stream.put('b');
    await settle();
    expect(batches()).toEqual([['a']]);
    await esm.start();
    await settle();
    expect(batches()).toEqual([['a'], ['b']]);
  });

  test('ESM-STREAM-24 a mapping that is not enabled does nothing', async () => {
    stream.put('a');
    const { batches } = await run({ enabled: false });
    expect(batches()).toEqual([]);
  });

  test('a stop waits for the batch in flight and ends a wait between retries', async () => {
    stream.put('a');
    let answer: (result: InvokeResult) => void = () => undefined;
    const { mapping: esm, batches } = await run({}, () => new Promise((resolve) => (answer = resolve)));
    const stopped = jest.fn();
    const stopping = esm.stop().then(stopped);
    await settle();
    expect(stopped).not.toHaveBeenCalled();
    answer(failed());
    await stopping;
    expect(batches()).toEqual([['a']]);
    expect(esm.checkpoint('shard-1')).toBeUndefined();
  });

  test('a read that fails is reported and repeated', async () => {
    const { batches } = await run({});
    stream.failReads = 2;
    stream.put('a');
    await advance(clock, 3000);
    expect(batches()).toEqual([['a']]);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  test('an idle mapping sets no timer and reads nothing', async () => {
    await run({ maximumBatchingWindowMs: 1000 });
    const read = jest.spyOn(stream, 'read');
    await advance(clock, 10 * MINUTE, MINUTE);
    expect(clock.pending).toBe(0);
    expect(read).not.toHaveBeenCalled();
  });
});
