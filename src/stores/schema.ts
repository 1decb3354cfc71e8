import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { CONNECTIONS, EVENTS, NUMBER_KEYS, REQUESTS, SUBSCRIPTIONS } from '../contract';

export interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export interface IndexSchema extends KeySchema {
  readonly indexName: string;
}

/** Schema that the functions require of a table. */
export interface TableSchema {
  /** Construct id of the table. */
  readonly id: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexSchema[];
  readonly stream?: StreamViewType;
}

/** The four tables by the names that users see. */
export const TABLE_SCHEMAS = {
  connections: {
    id: 'Connections',
    key: CONNECTIONS,
    indexes: [CONNECTIONS.byUser, CONNECTIONS.byTenant],
    // The stream contains removed items, whether DynamoDB removed them by time to live or a function removed them after a 410. A removed item names
    // the user and tenant that lost the connection.
    stream: StreamViewType.OLD_IMAGE,
  },
  requests: {
    id: 'Requests',
    key: REQUESTS,
    indexes: [REQUESTS.byUser, REQUESTS.due],
    // This stream is the outbox.
    stream: StreamViewType.NEW_IMAGE,
  },
  // The table has no stream, because no function reacts when viewers are added or removed.
  subscriptions: { id: 'Subscriptions', key: SUBSCRIPTIONS, indexes: [SUBSCRIPTIONS.byConnection] },
  // The table has no stream, because the function that appends an entry also sends it.
  events: { id: 'Events', key: EVENTS, indexes: [] },
} as const satisfies { readonly [name: string]: TableSchema };

export type TableName = keyof typeof TABLE_SCHEMAS;

export const TABLE_NAMES = Object.keys(TABLE_SCHEMAS) as TableName[];

/** Whether a key attribute is a number. Every other key attribute is a string. */
export const isNumberKey = (name: string): boolean => (NUMBER_KEYS as readonly string[]).includes(name);
