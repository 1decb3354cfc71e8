import fc from 'fast-check';
import {
  type StreamFailure,
  StreamMapping,
  type StreamMappingSpec,
} from '../../../../../local/emulator/lambda/event-sources';
import { type InvokeResult, type StreamRecord, ThrottledError } from '../../../../../local/emulator/types';
import { FakeClock } from '../../../../fakes/fake-clock';
import { FakeFunction, FakeStream, failed, keyOf, ok, report, STREAM_ARN, type StreamEvent, settle } from './drive';

const FILTER = { dynamodb: { NewImage: { keep: { BOOL: [true] } } } };

/** Answer of a function. `partial` reports a failure from the record at this share of the batch on. */
type Answer = 'ok' | 'error' | 'throttled' | 'invalid' | { readonly partial: number };

const answers: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Answer>('ok') },
  { weight: 3, arbitrary: fc.constant<Answer>('error') },
  fc.constant<Answer>('throttled'),
  fc.constant<Answer>('invalid'),
  { weight: 3, arbitrary: fc.record({ partial: fc.integer({ min: 0, max: 9 }) }) },
);

const scenarios = fc.record({
  records: fc.array(fc.record({ key: fc.integer({ min: 0, max: 4 }), keep: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
  }),
  late: fc.integer({ min: 0, max: 30 }),
  answers: fc.array(answers, { maxLength: 30 }),
  spec: fc.record({
    batchSize: fc.integer({ min: 1, max: 8 }),
    bisect: fc.boolean(),
    reportBatchItemFailures: fc.boolean(),
    maximumRetryAttempts: fc.integer({ min: 0, max: 2 }),
    parallelizationFactor: fc.integer({ min: 1, max: 3 }),
    maximumBatchingWindowMs: fc.constantFrom(0, 50),
  }),
});

interface Outcome {
  readonly all: StreamRecord[];
  readonly firstDeliveries: StreamRecord[];
  readonly processed: Set<string>;
  readonly failures: StreamFailure[];
  readonly checkpoint?: string;
}

const sequenceOf = ({ dynamodb }: StreamRecord) => dynamodb.SequenceNumber;

/** Returns the answer, and records which records a real function would have processed. */
function respond(answer: Answer, event: StreamEvent, reports: boolean, processed: Set<string>): InvokeResult {
  const finish = (count: number) => {
    for (const record of event.Records.slice(0, count)) processed.add(sequenceOf(record));
  };
  if (answer === 'throttled') throw new ThrottledError('Rate Exceeded.');
  if (answer === 'error') return failed();
  if (answer === 'ok' || !reports) {
    finish(event.Records.length);
    return ok();
  }
  if (answer === 'invalid') return report('');
  const from = Math.floor((answer.partial / 10) * event.Records.length);
  finish(from);
  return report(...event.Records.slice(from).map(sequenceOf));
}

async function play(scenario: typeof scenarios extends fc.Arbitrary<infer T> ? T : never): Promise<Outcome> {
  const clock = new FakeClock();
  const stream = new FakeStream(clock);
  const outcome = {
    all: [] as StreamRecord[],
    firstDeliveries: [] as StreamRecord[],
    processed: new Set<string>(),
    failures: [] as StreamFailure[],
  };
  const delivered = new Set<string>();
  const fn = new FakeFunction<StreamEvent>((event, count) => {
    const answer = scenario.answers[count - 1] ?? 'ok';
    for (const record of answer === 'throttled' ? [] : event.Records) {
      if (!delivered.has(sequenceOf(record))) outcome.firstDeliveries.push(record);
      delivered.add(sequenceOf(record));
    }
    return respond(answer, event, scenario.spec.reportBatchItemFailures, outcome.processed);
  });
  const spec: StreamMappingSpec = {
    ...scenario.spec,
    functionName: 'f',
    streamArn: STREAM_ARN,
    startingPosition: 'TRIM_HORIZON',
    filters: [FILTER],
  };
  const mapping = new StreamMapping(spec, stream, fn, {
    clock,
    log: () => undefined,
    onFailure: (failure) => outcome.failures.push(failure),
  });
  const put = ({ key, keep }: { key: number; keep: boolean }) =>
    outcome.all.push(stream.put(`k${key}`, { keep: { BOOL: keep } }));
  scenario.records.slice(scenario.late).forEach(put);
  await mapping.start();
  scenario.records.slice(0, scenario.late).forEach(put);
  await settle();
  while (clock.pending > 0) {
    clock.advance(60_000);
    await settle();
  }
  const checkpoint = mapping.checkpoint('shard-1');
  await mapping.stop();
  return { ...outcome, checkpoint };
}

const isKept = ({ dynamodb }: StreamRecord) => (dynamodb.NewImage?.keep as { BOOL: boolean }).BOOL;

test('every record is processed, discarded to the destination or filtered, and first deliveries keep each key’s order', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { all, processed, failures, firstDeliveries, checkpoint } = await play(scenario);
      const isDiscarded = (record: StreamRecord) =>
        failures.some(
          ({ message: { DDBStreamBatchInfo: info } }) =>
            sequenceOf(record) >= info.startSequenceNumber && sequenceOf(record) <= info.endSequenceNumber,
        );
      for (const record of all.filter(isKept))
        expect(processed.has(sequenceOf(record)) || isDiscarded(record)).toBe(true);
      expect(firstDeliveries.every(isKept)).toBe(true);
      for (const key of new Set(all.map(keyOf))) {
        const order = firstDeliveries.filter((record) => keyOf(record) === key).map(sequenceOf);
        expect(order).toEqual([...order].sort());
      }
      expect(checkpoint).toBe(sequenceOf(all[all.length - 1]));
    }),
    { numRuns: 300 },
  );
});
