import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoRequestReader } from '../../lambda-src/aws/dynamodb/request-reader';
import { DynamoStore } from '../../lambda-src/aws/dynamodb/store';
import { createOperations, type RequestOperations } from '../../lambda-src/flows/operations';
import { platform } from '../../lambda-src/runtime/platform';
import type { ApiTables } from './api-tables';

export type DynamoConfig = Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** Creates a client of DynamoDB. The SDK's warning about old versions of Node.js is turned off, because its text would mix with the output of commands. */
export function createClient(config: DynamoConfig): DynamoDBClient {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return new DynamoDBClient(config);
}

/**
 * Creates the operations on the requests of one API. The operations access the API's tables directly, so the caller's
 * credentials determine which operations are allowed.
 */
export function connectOperations(tables: ApiTables, config: DynamoConfig): RequestOperations {
  const { requestsTable, eventsTable, retentionSeconds } = tables;
  const client = createClient(config);
  const store = new DynamoStore(client, { requests: requestsTable, events: eventsTable }, platform);
  return createOperations({
    store,
    platform,
    retentionSeconds,
    reader: new DynamoRequestReader(client, requestsTable),
  });
}
