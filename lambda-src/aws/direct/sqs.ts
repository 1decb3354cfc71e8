import { ChangeMessageVisibilityCommand, DeleteMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { JsonService } from './direct-client';

/** SQS, for the commands of each request. Their entries have no attributes with bytes. */
export const SQS: JsonService = {
  name: 'sqs',
  target: 'AmazonSQS',
  operations: new Map<unknown, string>([
    [SendMessageBatchCommand, 'SendMessageBatch'],
    [ChangeMessageVisibilityCommand, 'ChangeMessageVisibility'],
    [DeleteMessageCommand, 'DeleteMessage'],
  ]),
};
