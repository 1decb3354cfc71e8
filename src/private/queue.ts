import { Duration } from 'aws-cdk-lib';
import { type DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Settings } from './settings';

/** Longest time that SQS keeps a message. */
const MAX_MESSAGE_RETENTION = Duration.days(14);

export interface QueueOptions {
  /** How long a message is hidden once it was received; SQS's own default is 30 s. */
  readonly visibilityTimeout?: Duration;
  readonly deadLetterQueue?: DeadLetterQueue;
}

/** A standard queue as all of ours are: encrypted, TLS only, messages kept as long as SQS can. */
export function createQueue(
  scope: Construct,
  id: string,
  { encryptionKey }: Pick<Settings, 'encryptionKey'>,
  options: QueueOptions = {},
): Queue {
  return new Queue(scope, id, {
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
    enforceSSL: true,
    retentionPeriod: MAX_MESSAGE_RETENTION,
    ...options,
  });
}
