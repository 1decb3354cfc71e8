export { SqsError } from './errors';
export { Queue, type QueueOptions } from './queue';
export { SqsService, type SqsServiceOptions } from './sqs-service';
export type {
  MessageAttribute,
  MessageAttributes,
  QueueDepth,
  QueueSpec,
  ReceivedMessage,
  SendInput,
  SendResult,
  StoredMessage,
} from './types';
