import { QueueMapping, type QueueMappingSpec } from '../../../../../local/emulator/lambda/event-sources';
import { Queue, type QueueSpec, type SendInput } from '../../../../../local/emulator/sqs';
import { type InvokeResult, type LogEvent, ThrottledError } from '../../../../../local/emulator/types';
import { FakeClock } from '../../../../fakes/fake-clock';
import { advance, FakeFunction, failed, ok, report, settle } from './drive';

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:111122223333:work';

interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Record<string, string>;
}
interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}
type Answer = (event: QueueEvent, count: number) => InvokeResult | Promise<InvokeResult>;

let clock: FakeClock;
let queue: Queue;
let mapping: QueueMapping;
let logged: LogEvent[];

beforeEach(() => {
  clock = new FakeClock();
  logged = [];
});

afterEach(async () => {
  await mapping.stop();
  queue.close();
  expect(clock.pending).toBe(0);
});

function newQueue(spec: Partial<QueueSpec> = {}): Queue {
  let ids = 0;
  return new Queue(
    { queueName: 'work', fifo: false, visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, ...spec },
    { arn: QUEUE_ARN, senderId: '111122223333', clock, newId: () => `m${++ids}` },
  );
}

function run(spec: Partial<QueueMappingSpec> = {}, answer: Answer = () => ok(), queueSpec: Partial<QueueSpec> = {}) {
  queue = newQueue(queueSpec);
  const fn = new FakeFunction<QueueEvent>(answer);
  const full = { functionName: 'processor', batchSize: 10, ...spec };
  mapping = new QueueMapping(full, queue, fn, { clock, log: (event) => logged.push(event) });
  mapping.start();
  return { fn, batches: () => fn.invocations.map(({ event }) => event.Records.map(({ body }) => body)) };
}

const send = (...bodies: string[]) => bodies.map((body) => queue.send({ body }));
const idOf = (event: QueueEvent, body: string) => event.Records.find((record) => record.body === body)?.messageId;

/** Creates a function that answers when the test releases it. */
function held() {
  const waiting: ((result: InvokeResult) => void)[] = [];
  const answer = () => new Promise<InvokeResult>((resolve) => waiting.push(resolve));
  const release = () => {
    for (const resolve of waiting.splice(0)) resolve(ok());
  };
  return { answer, release };
}

describe('events', () => {
  test('ESM-SQS-01 a function gets the message with its system attributes, and success deletes it', async () => {
    const { fn } = run();
    const input: SendInput = {
      body: 'hello',
      groupId: 'tenant',
      attributes: {
        kind: { DataType: 'String', StringValue: 'x' },
        raw: { DataType: 'Binary', BinaryValue: 'AAE=' },
      },
    };
    const { messageId, md5OfMessageAttributes } = queue.send(input);
    await settle();
    expect(fn.invocations).toEqual([
      {
        functionName: 'processor',
        event: {
          Records: [
            {
              messageId,
              receiptHandle: expect.any(String),
              body: 'hello',
              attributes: {
                ApproximateReceiveCount: '1',
                SentTimestamp: String(clock.now()),
                SenderId: '111122223333',
                ApproximateFirstReceiveTimestamp: String(clock.now()),
                MessageGroupId: 'tenant',
              },
              messageAttributes: {
                kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
                raw: { binaryValue: 'AAE=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
              },
              md5OfBody: '5d41402abc4b2a76b9719d911017c592',
              md5OfMessageAttributes,
              eventSource: 'aws:sqs',
              eventSourceARN: QUEUE_ARN,
              awsRegion: 'eu-west-1',
            },
          ],
        },
      },
    ]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('ESM-SQS-02 a batch has at most BatchSize messages', async () => {
    const { batches } = run({ batchSize: 2 });
    send('a', 'b', 'c');
    await settle();
    expect(batches()).toEqual([['a', 'b'], ['c']]);
  });

  test('ESM-SQS-03 the batching window gathers more than ten messages, until it ends or the batch is full', async () => {
    const { batches } = run({ batchSize: 15, maximumBatchingWindowMs: 1000 });
    send(...'abc');
    await advance(clock, 500);
    send(...'defghijklmnop');
    await settle();
    expect(batches()).toEqual([[...'abcdefghijklmno']]);
    await advance(clock, 1000);
    expect(batches()[1]).toEqual(['p']);
  });

  test('ESM-SQS-04 a message that matches no filter is deleted; patterns apply to a JSON body', async () => {
    const { batches } = run({ filters: [{ body: { kind: ['wanted'] } }] });
    send('{"kind":"wanted"}', '{"kind":"other"}', 'not json');
    await settle();
    expect(batches()).toEqual([['{"kind":"wanted"}']]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('ESM-SQS-05 an event stays below 6 MB', async () => {
    const { batches } = run();
    send(...[1, 2, 3, 4, 5, 6, 7].map((i) => String(i).repeat(1_000_000)));
    await settle();
    expect(batches().map((batch) => batch.map((body) => body[0]))).toEqual([['1', '2', '3'], ['4', '5', '6'], ['7']]);
  });
});

describe('failures', () => {
  test('ESM-SQS-06 the messages of a failed batch are visible again after their visibility timeout', async () => {
    const { batches } = run({}, (_event, count) => (count === 1 ? failed() : ok()));
    send('a', 'b');
    await settle();
    expect(queue.depth().inFlight).toBe(2);
    await advance(clock, 29_900);
    expect(batches()).toHaveLength(1);
    await advance(clock, 100);
    expect(batches()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('ESM-SQS-07 a visibility timeout that the function itself has set applies', async () => {
    const { batches } = run({}, (event, count) => {
      if (count > 1) return ok();
      queue.changeVisibility(event.Records[0].receiptHandle, 2000);
      return failed();
    });
    send('a');
    await advance(clock, 2000);
    expect(batches()).toEqual([['a'], ['a']]);
  });

  test('ESM-SQS-08 ReportBatchItemFailures keeps what is reported and deletes the rest', async () => {
    const { batches } = run({ reportBatchItemFailures: true }, (event, count) =>
      count === 1 ? report(idOf(event, 'b')) : ok(),
    );
    send('a', 'b', 'c');
    await advance(clock, 30_000);
    expect(batches()).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test.each([
    ['null', ok(null)],
    ['an empty object', ok({})],
    ['an empty list', report()],
    ['a null list', ok({ batchItemFailures: null })],
  ])('ESM-SQS-09 %s is a success', async (_name, answer) => {
    run({ reportBatchItemFailures: true }, () => answer);
    send('a');
    await settle();
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test.each([
    ['an empty identifier', report('')],
    ['a null identifier', report(null)],
    ['an unknown identifier', report('m1', 'nope')],
    ['a wrong key', ok({ batchItemFailures: [{ id: 'm1' }] })],
    ['an answer that is not an object', ok('done')],
  ])('ESM-SQS-10 %s fails the whole batch', async (_name, answer) => {
    run({ reportBatchItemFailures: true }, () => answer);
    send('a', 'b');
    await settle();
    expect(queue.depth().inFlight).toBe(2);
  });

  test('ESM-SQS-11 without the setting the response is ignored', async () => {
    run({}, () => report('m1'));
    send('a');
    await settle();
    expect(queue.depth().inFlight).toBe(0);
  });

  test('ESM-SQS-12 a throttled batch is retried, and returns to the queue when its visibility timeout ends', async () => {
    const { fn } = run({}, () => {
      throw new ThrottledError('Rate Exceeded.');
    });
    send('a');
    await advance(clock, 29_900);
    expect(fn.invocations.length).toBeGreaterThan(3);
    expect(new Set(fn.invocations.map(({ event }) => event.Records[0].attributes.ApproximateReceiveCount))).toEqual(
      new Set(['1']),
    );
    await advance(clock, 200);
    expect(fn.invocations.at(-1)?.event.Records[0].attributes.ApproximateReceiveCount).toBe('2');
  });

  test('ESM-SQS-13 a message that fails maxReceiveCount times goes to the dead-letter queue', async () => {
    const dead = newQueue({ queueName: 'dead' });
    queue = new Queue(
      { ...dead.spec, redrive: { deadLetterQueueArn: 'dead', maxReceiveCount: 2 } },
      { arn: QUEUE_ARN, senderId: '1', clock, deadLetters: () => dead },
    );
    const fn = new FakeFunction<QueueEvent>(() => failed());
    mapping = new QueueMapping({ functionName: 'processor', batchSize: 1 }, queue, fn, { clock, log: () => undefined });
    mapping.start();
    queue.send({ body: 'poison' });
    await advance(clock, 120_000);
    expect(fn.invocations).toHaveLength(2);
    expect(dead.depth().visible).toBe(1);
  });
});

describe('concurrency', () => {
  const fill = (count: number) => {
    for (let i = 0; i < count; i++) queue.send({ body: String(i) });
  };

  test('ESM-SQS-14 a mapping starts with five batches and adds 300 per minute while there is a backlog', async () => {
    const { answer, release } = held();
    const { fn } = run({ batchSize: 1 }, answer, { visibilityTimeoutMs: 3_600_000 });
    fill(1000);
    await settle();
    expect(fn.running).toBe(5);
    await advance(clock, 1000);
    expect(fn.running).toBe(10);
    await advance(clock, 59_000, 500);
    expect(fn.running).toBe(305);
    const stopping = mapping.stop();
    release();
    await stopping;
  });

  test('ESM-SQS-15 MaximumConcurrency is never exceeded', async () => {
    const { answer, release } = held();
    const { fn } = run({ batchSize: 1, maximumConcurrency: 7 }, answer, { visibilityTimeoutMs: 3_600_000 });
    fill(100);
    await advance(clock, 60_000, 500);
    expect(fn.running).toBe(7);
    const stopping = mapping.stop();
    release();
    await stopping;
  });

  test('ESM-SQS-16 a free poller receives the next batch at once', async () => {
    const { fn } = run({ batchSize: 1, maximumConcurrency: 2 });
    fill(20);
    await settle();
    expect(fn.invocations).toHaveLength(20);
    expect(fn.mostRunning).toBe(2);
  });

  test('ESM-SQS-17 after a minute without a backlog a mapping starts with five batches again', async () => {
    const { answer, release } = held();
    const { fn } = run({ batchSize: 1 }, answer, { visibilityTimeoutMs: 3_600_000 });
    fill(30);
    await advance(clock, 10_000);
    expect(fn.running).toBe(30);
    release();
    await advance(clock, 60_000, 500);
    fill(30);
    await settle();
    expect(fn.running).toBe(5);
    await advance(clock, 10_000);
    release();
  });

  test('ESM-SQS-18 a FIFO queue runs one batch of a group at a time', async () => {
    const { fn, batches } = run(
      { batchSize: 2 },
      async () => {
        await settle();
        return ok();
      },
      { fifo: true, contentBasedDeduplication: true },
    );
    for (const body of ['a1', 'a2', 'a3', 'b1']) queue.send({ body, groupId: body[0] });
    await advance(clock, 1000);
    expect(batches().flatMap((batch) => batch.filter((body) => body.startsWith('a')))).toEqual(['a1', 'a2', 'a3']);
    expect(fn.mostRunning).toBeLessThanOrEqual(2);
  });

  test.each([
    ['eleven without a window', { batchSize: 11 }, {}, '`maximumBatchingWindow`'],
    ['a window on FIFO', { maximumBatchingWindowMs: 1000 }, { fifo: true }, 'FIFO'],
    ['a concurrency of one', { maximumConcurrency: 1 }, {}, '`maximumConcurrency`'],
    ['no batch', { batchSize: 0 }, {}, '`batchSize`'],
  ])('ESM-SQS-19 settings that AWS refuses are refused: %s', (_name, spec, queueSpec, message) => {
    run();
    expect(
      () =>
        new QueueMapping(
          { functionName: 'f', batchSize: 10, ...spec },
          newQueue(queueSpec),
          new FakeFunction(() => ok()),
          { log: () => undefined },
        ),
    ).toThrow(message);
  });
});

describe('life', () => {
  test('ESM-SQS-20 a mapping that is not enabled does not poll the queue', async () => {
    const { batches } = run({ enabled: false });
    send('a');
    await settle();
    expect(batches()).toEqual([]);
    expect(queue.depth().visible).toBe(1);
  });

  test('when the end of the run ends the function, the messages return to the queue, and no error is reported', async () => {
    let end: (result: InvokeResult) => void = () => undefined;
    run(
      { batchSize: 2 },
      () =>
        new Promise<InvokeResult>((resolve) => {
          end = resolve;
        }),
    );
    send('a');
    await settle();
    const stopping = mapping.stop();
    end({
      ok: false,
      kind: 'Unhandled',
      error: { errorType: 'Runtime.ExitError', errorMessage: 'Error: exited' },
      durationMs: 1,
    });
    await stopping;

    expect(logged).toMatchObject([{ level: 'info', message: '1 of 1 messages return to the queue: the run ended' }]);
  });

  test('a stop returns the gathered messages and waits for the running batches', async () => {
    const { answer, release } = held();
    const { batches } = run({ batchSize: 2, maximumBatchingWindowMs: 60_000 }, answer);
    send('a', 'b', 'c');
    await settle();
    const stopped = jest.fn();
    const stopping = mapping.stop().then(stopped);
    await settle();
    expect(stopped).not.toHaveBeenCalled();
    expect(queue.depth()).toMatchObject({ visible: 1, inFlight: 2 });
    release();
    await stopping;
    expect(batches()).toEqual([['a', 'b']]);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test('an idle mapping sets no timer', async () => {
    run({ maximumBatchingWindowMs: 1000 });
    send('a');
    await advance(clock, 2000);
    expect(clock.pending).toBe(0);
  });
});
