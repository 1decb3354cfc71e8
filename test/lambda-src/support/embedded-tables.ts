import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoStore } from '../../../lambda-src/aws/dynamodb/store';
import type { TableName } from '../../../lambda-src/core/write';
import type { DynamoDbEndpoint, IndexProperties } from '../../../local/emulator/dynamodb';
import { CONNECTIONS, EVENTS, NUMBER_KEYS, REQUESTS, SUBSCRIPTIONS } from '../../../src/contract';
import { FakePlatform } from './fake-platform';

interface Schema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

const TABLES: Record<
  TableName,
  { readonly key: Schema; readonly indexes: readonly (Schema & { indexName: string })[] }
> = {
  connections: { key: CONNECTIONS, indexes: [CONNECTIONS.byUser, CONNECTIONS.byTenant] },
  requests: { key: REQUESTS, indexes: [REQUESTS.byUser, REQUESTS.due] },
  subscriptions: { key: SUBSCRIPTIONS, indexes: [SUBSCRIPTIONS.byConnection] },
  events: { key: EVENTS, indexes: [] },
};
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/**
 * Creates the four tables as the construct declares them, with the stream of the requests table. Each table has the name that the runtime uses for
 * it.
 */
export async function createTables(endpoint: DynamoDbEndpoint): Promise<{ requestsStreamArn: string }> {
  const streams = new Map<string, string | undefined>();
  for (const [tableName, { key, indexes }] of Object.entries(TABLES)) {
    const { streamArn } = await endpoint.createTable({
      tableName,
      keySchema: keySchema(key),
      attributeDefinitions: attributes([key, ...indexes]),
      indexes: indexes.map(
        (index): IndexProperties => ({
          indexName: index.indexName,
          keySchema: keySchema(index),
          projection: { ProjectionType: 'KEYS_ONLY' },
        }),
      ),
      ...(tableName === 'requests' && { streamViewType: 'NEW_IMAGE' as const }),
    });
    streams.set(tableName, streamArn);
  }
  return { requestsStreamArn: String(streams.get('requests')) };
}

/** Creates a client of the embedded engine. The SDK requires credentials, but the engine does not check them. */
export const clientOf = (url: string, more: object = {}) =>
  new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...more,
  });

export const storeOf = (
  client: DynamoDBClient,
  platform: Pick<FakePlatform, 'newId' | 'random' | 'sleep'> = new FakePlatform(),
) => new DynamoStore(client, Object.fromEntries(TABLE_NAMES.map((name) => [name, name])), platform);

function keySchema({ partitionKey, sortKey }: Schema) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' as const }] : []),
  ];
}

function attributes(schemas: readonly Schema[]) {
  const names = new Set(
    schemas.flatMap(({ partitionKey, sortKey }) => (sortKey ? [partitionKey, sortKey] : [partitionKey])),
  );
  return [...names].map((AttributeName) => ({
    AttributeName,
    AttributeType: (NUMBER_KEYS as readonly string[]).includes(AttributeName) ? 'N' : 'S',
  }));
}
