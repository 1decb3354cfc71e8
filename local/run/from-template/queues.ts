import type { Assembly, Resource } from '../../emulator/assembly';
import type { QueueSpec, SqsService } from '../../emulator/sqs';
import { count } from '../context';
import { flag, number, object, seconds, text } from './properties';

const DEFAULT_VISIBILITY_MS = 30_000;
const DEFAULT_RETENTION_MS = 4 * 24 * 3_600_000;

/**
 * Creates the template's queues, updates existing ones, and removes those that the template no longer has. It also sets
 * the queues' URLs and ARNs in the assembly.
 *
 * @returns the number of queues, and one line per removed queue
 */
export function applyQueues(assembly: Assembly, sqs: SqsService): { count: number; changes: string[] } {
  const queues = assembly.resources.filter(({ type }) => type === 'AWS::SQS::Queue');
  for (const queue of queues) {
    const { queueUrl, queueArn } = sqs.createQueue(queueSpec(queue));
    assembly.provide(queue, { ref: queueUrl, attributes: { Arn: queueArn, QueueUrl: queueUrl } });
  }
  const gone = sqs.retainQueues(new Set(queues.map((queue) => queue.attribute('QueueName'))));
  const changes = gone.map(({ name, messages }) => `queue ${name} removed with ${count(messages, 'message')}`);
  return { count: queues.length, changes };
}

/** Reads the specification of a queue. The defaults are those of CloudFormation. */
function queueSpec(queue: Resource): QueueSpec {
  const properties = queue.properties();
  return {
    queueName: queue.attribute('QueueName'),
    fifo: flag(properties.FifoQueue) ?? false,
    visibilityTimeoutMs: seconds(properties.VisibilityTimeout) ?? DEFAULT_VISIBILITY_MS,
    delayMs: seconds(properties.DelaySeconds) ?? 0,
    retentionMs: seconds(properties.MessageRetentionPeriod) ?? DEFAULT_RETENTION_MS,
    receiveWaitMs: seconds(properties.ReceiveMessageWaitTimeSeconds),
    maximumMessageBytes: number(properties.MaximumMessageSize),
    redrive: redriveOf(properties.RedrivePolicy),
    contentBasedDeduplication: flag(properties.ContentBasedDeduplication),
    deduplicatesInGroups: properties.DeduplicationScope === 'messageGroup',
  };
}

function redriveOf(policy: unknown): QueueSpec['redrive'] {
  const { deadLetterTargetArn, maxReceiveCount } = object(policy);
  const arn = text(deadLetterTargetArn);
  return arn === undefined ? undefined : { deadLetterQueueArn: arn, maxReceiveCount: Number(maxReceiveCount) };
}
