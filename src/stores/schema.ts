import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { CONNECTIONS, EVENTS, NUMBER_KEYS, REQUESTS, SUBSCRIPTIONS } from '../contract';

export interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export interface IndexSchema extends KeySchema {
  readonly indexName: string;
}

/** What a table must be, for the functions that use it. */
export interface TableSchema {
  /** Id of its construct. */
  readonly id: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexSchema[];
  readonly stream?: StreamViewType;
}

/** The four tables by the names that users know them by. */
export const TABLE_SCHEMAS = {
  connections: {
    id: 'Connections',
    key: CONNECTIONS,
    indexes: [CONNECTIONS.byUser, CONNECTIONS.byTenant],
    // a removal, by time to live or after a 410, names the user and tenant that lost the connection
    stream: StreamViewType.OLD_IMAGE,
  },
  requests: {
    id: 'Requests',
    key: REQUESTS,
    indexes: [REQUESTS.byTenant, REQUESTS.due],
    // the outbox
    stream: StreamViewType.NEW_IMAGE,
  },
  // without a stream: nothing reacts to a viewer's coming or going
  subscriptions: { id: 'Subscriptions', key: SUBSCRIPTIONS, indexes: [SUBSCRIPTIONS.byConnection] },
  // without a stream: a writer sends what it has appended
  events: { id: 'Events', key: EVENTS, indexes: [] },
} as const satisfies { readonly [name: string]: TableSchema };

export type TableName = keyof typeof TABLE_SCHEMAS;

export const TABLE_NAMES = Object.keys(TABLE_SCHEMAS) as TableName[];

/** Whether a key attribute is a number; every other one is a string. */
export const isNumberKey = (name: string): boolean => (NUMBER_KEYS as readonly string[]).includes(name);
