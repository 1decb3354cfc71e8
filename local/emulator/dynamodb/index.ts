/** A DynamoDB for one machine: the embedded engine, or AWS's DynamoDB Local if the user has installed it. */
export { createDynamoDb, startDynamoDb } from './embedded';
export { createDynamoDbLocal, type DynamoDbLocalOptions, startDynamoDbLocal } from './local-jar';
export type {
  Call,
  CallTotals,
  DynamoDb,
  DynamoDbEndpoint,
  DynamoDbOptions,
  EmbeddedDynamoDbOptions,
  IndexProperties,
  StreamViewType,
  TableProperties,
} from './types';
