/** A DynamoDB for one machine: the embedded engine, or AWS's own DynamoDB Local where a user installed it. */
export { startDynamoDb } from './embedded';
export { type DynamoDbLocalOptions, startDynamoDbLocal } from './local-jar';
export type {
  Call,
  CallTotals,
  DynamoDbEndpoint,
  DynamoDbOptions,
  EmbeddedDynamoDbOptions,
  IndexProperties,
  StreamViewType,
  TableProperties,
} from './types';
