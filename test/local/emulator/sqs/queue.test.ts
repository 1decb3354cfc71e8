import { Queue } from '../../../../local/emulator/sqs/queue';
import type { QueueSpec } from '../../../../local/emulator/sqs/types';
import { FakeClock } from '../../../fakes/fake-clock';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const STANDARD: QueueSpec = {
  queueName: 'work',
  fifo: false,
  visibilityTimeoutMs: 30 * SECOND,
  delayMs: 0,
  retentionMs: 4 * 24 * 60 * MINUTE,
};

const FIFO: QueueSpec = { ...STANDARD, queueName: 'topics.fifo', fifo: true };

function build(spec: Partial<QueueSpec> = {}, deadLetters?: Queue, base = STANDARD) {
  const clock = new FakeClock();
  let ids = 0;
  const queue = new Queue(
    { ...base, ...spec },
    {
      arn: 'arn:aws:sqs:eu-west-1:111122223333:work',
      senderId: '111122223333',
      clock,
      newId: () => `m${++ids}`,
      deadLetters: () => deadLetters,
    },
  );
  return { queue, clock };
}

const bodies = (messages: readonly { body: string }[]) => messages.map((message) => message.body);

describe('a standard queue', () => {
  test('SQS-01 a received message is invisible until its visibility timeout ends, and its receive count grows', () => {
    const { queue, clock } = build();
    queue.send({ body: 'a' });

    const [first] = queue.receive(10);
    expect(first.attributes.ApproximateReceiveCount).toBe('1');
    clock.advance(30 * SECOND - 1);
    expect(queue.receive(10)).toEqual([]);
    clock.advance(1);
    const [second] = queue.receive(10);

    expect(second.messageId).toBe(first.messageId);
    expect(second.attributes.ApproximateReceiveCount).toBe('2');
    expect(second.attributes.ApproximateFirstReceiveTimestamp).toBe(first.attributes.ApproximateFirstReceiveTimestamp);
    expect(second.receiptHandle).not.toBe(first.receiptHandle);
  });

  test('SQS-02 a deleted message never comes back', () => {
    const { queue, clock } = build();
    queue.send({ body: 'a' });
    queue.delete(queue.receive(1)[0].receiptHandle);
    clock.advance(60 * MINUTE);
    expect(queue.receive(1)).toEqual([]);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('SQS-03 a message may be deleted after its timeout, but not by a handle that a later receive replaced', () => {
    const { queue, clock } = build();
    queue.send({ body: 'late' });
    const late = queue.receive(1)[0];
    clock.advance(31 * SECOND);
    queue.delete(late.receiptHandle);
    expect(queue.depth().visible).toBe(0);

    queue.send({ body: 'replaced' });
    const old = queue.receive(1)[0];
    clock.advance(31 * SECOND);
    const current = queue.receive(1)[0];
    queue.delete(old.receiptHandle);
    expect(queue.depth().inFlight).toBe(1);
    queue.delete(current.receiptHandle);
    expect(queue.depth().inFlight).toBe(0);
  });

  test('SQS-04 ChangeMessageVisibility counts from now, and zero returns the message at once', () => {
    const { queue, clock } = build();
    queue.send({ body: 'a' });
    const message = queue.receive(1)[0];
    clock.advance(20 * SECOND);
    queue.changeVisibility(message.receiptHandle, 20 * SECOND);
    clock.advance(19 * SECOND);
    expect(queue.receive(1)).toEqual([]);
    clock.advance(SECOND);
    const again = queue.receive(1)[0];
    queue.changeVisibility(again.receiptHandle, 0);
    expect(queue.receive(1)).toHaveLength(1);
  });

  test('SQS-05 ChangeMessageVisibility of a visible, a deleted and a foreign message are different errors', () => {
    const { queue, clock } = build();
    queue.send({ body: 'a' });
    const message = queue.receive(1)[0];
    clock.advance(31 * SECOND);
    expect(() => queue.changeVisibility(message.receiptHandle, 0)).toThrow(
      expect.objectContaining({ code: 'MessageNotInflight' }),
    );
    queue.delete(message.receiptHandle);
    expect(() => queue.changeVisibility(message.receiptHandle, 0)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterValue' }),
    );
    expect(() => queue.changeVisibility('nonsense', 0)).toThrow(
      expect.objectContaining({ code: 'ReceiptHandleIsInvalid' }),
    );
  });

  test('SQS-06 a delayed message is invisible for 0-900 seconds, by its own delay or the queue’s', () => {
    const { queue, clock } = build({ delayMs: 10 * SECOND });
    queue.send({ body: 'queue' });
    queue.send({ body: 'own', delayMs: 900 * SECOND });
    queue.send({ body: 'none', delayMs: 0 });
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    expect(bodies(queue.receive(10))).toEqual(['none']);
    clock.advance(10 * SECOND);
    expect(bodies(queue.receive(10, 3600 * SECOND))).toEqual(['queue']);
    clock.advance(889 * SECOND);
    expect(bodies(queue.receive(10))).toEqual(['none']);
    clock.advance(SECOND);
    expect(bodies(queue.receive(10))).toEqual(['own']);
    expect(() => queue.send({ body: 'x', delayMs: 901 * SECOND })).toThrow('DelaySeconds must be >= 0 and <= 900');
  });

  test('SQS-07 a message older than the retention period is gone', () => {
    const { queue, clock } = build({ retentionMs: MINUTE });
    queue.send({ body: 'old' });
    clock.advance(30 * SECOND);
    queue.send({ body: 'new' });
    clock.advance(30 * SECOND);
    expect(bodies(queue.receive(10))).toEqual(['new']);
    clock.advance(MINUTE);
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('SQS-08 after maxReceiveCount receives the message moves to the dead-letter queue with its identity', () => {
    const dead = build({ queueName: 'dead' });
    const { queue, clock } = build({ redrive: { deadLetterQueueArn: dead.queue.arn, maxReceiveCount: 2 } }, dead.queue);
    const { messageId } = queue.send({
      body: 'poison',
      groupId: 'tenant',
      attributes: { a: { DataType: 'String', StringValue: 'x' } },
    });
    const [first] = queue.receive(1);
    clock.advance(31 * SECOND);
    expect(queue.receive(1)).toHaveLength(1);
    clock.advance(31 * SECOND);
    expect(queue.receive(1)).toEqual([]);

    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const [moved] = dead.queue.receive(1);
    expect(moved).toMatchObject({
      messageId,
      body: 'poison',
      messageAttributes: first.messageAttributes,
      attributes: {
        ApproximateReceiveCount: '3',
        SentTimestamp: first.attributes.SentTimestamp,
        MessageGroupId: 'tenant',
        DeadLetterQueueSourceArn: queue.arn,
      },
    });
  });

  test('SQS-09 a listener is notified of a message when it is sent, when its delay ends and when it returns', () => {
    const { queue, clock } = build();
    const heard: string[] = [];
    const stop = queue.onAvailable(() => heard.push(...bodies(queue.receive(10))));
    queue.send({ body: 'now' });
    queue.send({ body: 'delayed', delayMs: 5 * SECOND });
    expect(heard).toEqual(['now']);
    clock.advance(5 * SECOND);
    expect(heard).toEqual(['now', 'delayed']);
    clock.advance(25 * SECOND);
    expect(heard).toEqual(['now', 'delayed', 'now']);
    stop();
    clock.advance(30 * SECOND);
    expect(heard).toHaveLength(3);
    queue.close();
    expect(clock.pending).toBe(0);
  });

  test('SQS-10 a purge removes visible, delayed and received messages', () => {
    const { queue, clock } = build();
    queue.send({ body: 'received' });
    queue.receive(1);
    queue.send({ body: 'visible' });
    queue.send({ body: 'delayed', delayMs: SECOND });
    queue.purge();
    expect(queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    clock.advance(60 * MINUTE);
    expect(queue.receive(10)).toEqual([]);
  });

  test('a standard queue keeps the order of due times over a thousand random delays', () => {
    const { queue, clock } = build({ visibilityTimeoutMs: 3600 * SECOND });
    const delays = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 900);
    for (const delay of delays) queue.send({ body: String(delay), delayMs: delay * SECOND });
    for (let second = 0; second < 900; second++) {
      for (const body of bodies(queue.receive(100))) expect(Number(body)).toBe(second);
      clock.advance(SECOND);
    }
    expect(queue.depth().delayed).toBe(0);
  });
});

describe('a fair queue', () => {
  const sendMany = (queue: Queue, groupId: string, count: number) => {
    for (let i = 0; i < count; i++) queue.send({ body: `${groupId}${i}`, groupId });
  };

  test('SQS-11 quiet groups are delivered before one with 30 messages and over 10 % in flight', () => {
    const { queue } = build();
    sendMany(queue, 'noisy', 100);
    queue.receive(30);
    sendMany(queue, 'quiet', 2);
    expect(bodies(queue.receive(3))).toEqual(['quiet0', 'quiet1', 'noisy30']);
  });

  test('SQS-12 below 30 messages in flight no group is noisy, and the order is by age', () => {
    const { queue } = build();
    sendMany(queue, 'a', 40);
    queue.receive(29);
    sendMany(queue, 'b', 1);
    expect(bodies(queue.receive(1))).toEqual(['a29']);
  });

  test('SQS-13 a group that takes over 10 % of the consumers’ time is noisy until its backlog is empty', () => {
    const { queue, clock } = build();
    sendMany(queue, 'slow', 3);
    const [message] = queue.receive(1);
    clock.advance(20 * SECOND);
    queue.delete(message.receiptHandle);
    sendMany(queue, 'quick', 1);
    expect(bodies(queue.receive(1))).toEqual(['quick0']);

    for (const { receiptHandle } of queue.receive(2)) queue.delete(receiptHandle);
    sendMany(queue, 'slow', 1);
    sendMany(queue, 'other', 1);
    expect(bodies(queue.receive(1))).toEqual(['slow0']);
  });

  test('SQS-14 among noisy groups the one with the fewest messages in flight comes first', () => {
    const { queue } = build();
    sendMany(queue, 'a', 60);
    queue.receive(50);
    sendMany(queue, 'b', 60);
    queue.receive(30);
    const next = bodies(queue.receive(25));
    expect(next.slice(0, 20).every((body) => body.startsWith('b'))).toBe(true);
    expect(next.some((body) => body.startsWith('a'))).toBe(true);
  });

  test('SQS-15 a message without a group is a separate tenant and never noisy', () => {
    const { queue } = build();
    for (let i = 0; i < 50; i++) queue.send({ body: `alone${i}` });
    queue.receive(40);
    sendMany(queue, 'a', 1);
    expect(bodies(queue.receive(1))).toEqual(['alone40']);
  });
});

describe('a FIFO queue', () => {
  const fifo = (spec: Partial<QueueSpec> = {}) => build(spec, undefined, FIFO);
  const send = (queue: Queue, groupId: string, body: string) => queue.send({ body, groupId, deduplicationId: body });

  test('SQS-16 keeps the order in a group, and a group with messages in flight is blocked', () => {
    const { queue, clock } = fifo();
    for (const body of ['a1', 'a2', 'a3']) send(queue, 'a', body);
    send(queue, 'b', 'b1');
    const [a1] = queue.receive(1);
    expect(bodies(queue.receive(10))).toEqual(['b1']);
    queue.delete(a1.receiptHandle);
    expect(bodies(queue.receive(10))).toEqual(['a2', 'a3']);
    clock.advance(30 * SECOND);
    expect(bodies(queue.receive(10)).sort()).toEqual(['a2', 'a3', 'b1']);
  });

  test('SQS-17 a message that returns keeps its position', () => {
    const { queue, clock } = fifo();
    for (const body of ['a1', 'a2', 'a3']) send(queue, 'a', body);
    const [, a2] = queue.receive(2);
    queue.delete(a2.receiptHandle);
    clock.advance(30 * SECOND);
    expect(bodies(queue.receive(10))).toEqual(['a1', 'a3']);
  });

  test('SQS-18 the deletion that frees a group notifies the listeners', () => {
    const { queue } = fifo();
    send(queue, 'a', 'a1');
    send(queue, 'a', 'a2');
    const [a1] = queue.receive(1);
    const heard = jest.fn();
    queue.onAvailable(heard);
    queue.delete(a1.receiptHandle);
    expect(heard).toHaveBeenCalledTimes(1);
    queue.close();
  });

  test('SQS-19 a deduplication id is remembered for five minutes and answers with the first message', () => {
    const { queue, clock } = fifo();
    const first = queue.send({ body: 'x', groupId: 'a', deduplicationId: 'id' });
    clock.advance(5 * MINUTE - 1);
    expect(queue.send({ body: 'y', groupId: 'a', deduplicationId: 'id' })).toEqual(first);
    expect(queue.depth().visible).toBe(1);
    clock.advance(1);
    const later = queue.send({ body: 'y', groupId: 'a', deduplicationId: 'id' });
    expect(later.messageId).not.toBe(first.messageId);
    expect(BigInt(later.sequenceNumber as string)).toBeGreaterThan(BigInt(first.sequenceNumber as string));
  });

  test('SQS-20 content-based deduplication uses the body as the id', () => {
    const { queue } = fifo({ contentBasedDeduplication: true });
    const first = queue.send({ body: 'same', groupId: 'a' });
    expect(queue.send({ body: 'same', groupId: 'b' }).messageId).toBe(first.messageId);
    expect(queue.send({ body: 'other', groupId: 'a' }).messageId).not.toBe(first.messageId);
  });

  test('SQS-19 deduplication ids count in each group separately if the queue is configured so', () => {
    const { queue } = fifo({ deduplicatesInGroups: true });
    const first = queue.send({ body: 'x', groupId: 'a', deduplicationId: 'id' });
    expect(queue.send({ body: 'x', groupId: 'a', deduplicationId: 'id' })).toEqual(first);
    expect(queue.send({ body: 'x', groupId: 'b', deduplicationId: 'id' }).messageId).not.toBe(first.messageId);
  });

  test('SQS-21 a group and a deduplication id are required, and a delay of a single message is refused', () => {
    const { queue } = fifo();
    expect(() => queue.send({ body: 'x', deduplicationId: 'd' })).toThrow('MessageGroupId');
    expect(() => queue.send({ body: 'x', groupId: 'a' })).toThrow('MessageDeduplicationId');
    expect(() => queue.send({ body: 'x', groupId: 'a', deduplicationId: 'd', delayMs: SECOND })).toThrow('queue type');
  });
});

describe('the messages of a queue', () => {
  test('SQS-22 the messages of a queue are listed oldest first without receiving them: visible, delayed and in flight', () => {
    const { queue, clock } = build();
    queue.send({ body: 'received' });
    clock.advance(SECOND);
    queue.send({ body: 'delayed', delayMs: 10 * SECOND });
    const [received] = queue.receive(1);
    queue.changeVisibility(received.receiptHandle, 5 * SECOND);
    clock.advance(SECOND);
    queue.send({ body: 'visible' });

    expect(queue.contents().map(({ body, state }) => `${body} ${state}`)).toEqual([
      'received inFlight',
      'delayed delayed',
      'visible ready',
    ]);
    expect(queue.depth()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    queue.delete(received.receiptHandle);
    expect(bodies(queue.contents())).toEqual(['delayed', 'visible']);
  });
});
