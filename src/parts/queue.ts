import { Duration } from 'aws-cdk-lib';
import type {
  DlqDestinationConfig,
  IEventSourceDlq,
  IEventSourceMapping,
  IFunction,
  Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  type DeadLetterQueue,
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { grantSend } from '../grants/encryption';
import { acknowledge } from '../grants/nag';
import type { Settings } from '../settings';
import type { StreamerFunction } from './streamer-function';

/** Longest time that SQS keeps a message. */
const MAX_MESSAGE_RETENTION = Duration.days(14);

export interface QueueOptions {
  /** Physical name, without the suffix of FIFO queues; if undefined, CloudFormation generates one. */
  readonly queueName?: string;
  /** Time for which a received message is hidden; SQS's own default is 30 s. */
  readonly visibilityTimeout?: Duration;
  readonly deadLetterQueue?: DeadLetterQueue;
  /** Whether the queue is FIFO: messages of one group stay in order and are delivered once. The throughput limit then applies per group. */
  readonly fifo?: boolean;
}

/** Creates a queue with the common settings: encryption, TLS only, and the longest retention that SQS allows. */
export function createQueue(
  scope: Construct,
  id: string,
  { encryptionKey }: Pick<Settings, 'encryptionKey'>,
  { fifo, ...options }: QueueOptions = {},
): Queue {
  return new Queue(scope, id, {
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
    enforceSSL: true,
    retentionPeriod: MAX_MESSAGE_RETENTION,
    ...(fifo && {
      fifo,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    }),
    ...options,
  });
}

/** A queue with a dead-letter queue, and the function that consumes its messages. */
export interface Consumer {
  readonly function: StreamerFunction;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
}

/** Lets Lambda invoke the function, or its alias, with the messages of its queue. The function returns the messages that it must receive again. */
export function consume(consumer: Consumer, batchSize: number, maxConcurrency: number): void {
  const { function: fn, queue, deadLetterQueue } = consumer;
  fn.target.addEventSource(new SqsEventSource(queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }));
  acknowledge(fn, {
    'Serverless-LambdaEventSourceMappingDestination':
      'Failed messages stay in the queue, which has a dead-letter queue',
  });
  acknowledge(deadLetterQueue, { 'Serverless-SQSRedrivePolicy': 'It is itself a dead-letter queue' });
}

/**
 * Creates a queue for failures, such as those of an event source mapping of a stream. A message of the mapping describes a failed batch, but does not
 * contain the records of the batch.
 */
export function createFailureQueue(
  scope: Construct,
  settings: Pick<Settings, 'encryptionKey'>,
  id = 'Failures',
): Queue {
  const queue = createQueue(scope, id, settings);
  const reason = 'The queue is itself the destination of failures';
  acknowledge(queue, { 'AwsSolutions-SQS3': reason, 'Serverless-SQSRedrivePolicy': reason });
  return queue;
}

/**
 * Queue that receives a message about each batch which an event source mapping of a stream drops. The function gets only the permission to send to
 * the queue. `SqsDlq` of the CDK would grant more.
 */
export class FailureDestination implements IEventSourceDlq {
  public constructor(
    private readonly queue: Queue,
    private readonly settings: Pick<Settings, 'encryptionKey'>,
  ) {}

  public bind(_mapping: IEventSourceMapping, fn: IFunction): DlqDestinationConfig {
    grantSend(fn as LambdaFunction, this.settings, [this.queue]);
    return { destination: this.queue.queueArn };
  }
}
