import type { AwsService } from '../http';
import type { Clock, LogSink, StreamReader } from '../types';
import type { Call, EngineState } from './engine/engine';
import type { KeySchema, Projection, StreamViewType } from './engine/model';

export type { Call, StreamViewType };

/** A table as in a template (`AWS::DynamoDB::Table` or `GlobalTable`), with resolved references. */
export interface TableProperties {
  readonly tableName: string;
  /** Key schema as in CloudFormation: `AttributeName`, `KeyType`. */
  readonly keySchema: KeySchema;
  readonly attributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  /** Secondary indexes of the table. @default - none */
  readonly indexes?: readonly IndexProperties[];
  /** Content of the stream's records. @default - no stream */
  readonly streamViewType?: StreamViewType;
  /** Attribute that contains the item's expiry in seconds since the epoch. @default - items do not expire */
  readonly ttlAttribute?: string;
}

export interface IndexProperties {
  readonly indexName: string;
  readonly keySchema: KeySchema;
  readonly projection: Projection;
  /** Whether it is a local secondary index. @default false */
  readonly local?: boolean;
}

/** A table after it was created or changed. */
export interface AppliedTable {
  readonly tableArn: string;
  readonly streamArn?: string;
  readonly change: 'created' | 'updated' | 'kept';
}

/** Sums of all calls of one operation on one table. */
export interface CallTotals extends Call {
  /** Number of requests. */
  readonly requests: number;
}

/** A running DynamoDB with either engine. */
export interface DynamoDb {
  /** The APIs of DynamoDB and DynamoDB Streams, for an entry point. */
  readonly api: AwsService;
  /**
   * Creates a table with its stream and its time to live.
   *
   * @throws Error if the name is in use or a property is invalid
   */
  createTable(properties: TableProperties): Promise<{ tableArn: string; streamArn?: string }>;
  /**
   * Creates a table, or changes the existing one.
   *
   * @throws Error if that is not possible
   */
  applyTable(properties: TableProperties): Promise<AppliedTable>;
  /** Returns the reason why {@link applyTable} would fail, or undefined if it would succeed. */
  tableProblem(properties: TableProperties): Promise<string | undefined>;
  /**
   * Deletes a table.
   *
   * @returns the number of its items
   */
  removeTable(tableName: string): Promise<number>;
  tableNames(): Promise<string[]>;
  /**
   * Creates a reader of a table's stream, for an event source mapping. `LATEST` is the end of the stream at this time.
   *
   * @throws Error if there is no such stream
   */
  stream(streamArn: string): StreamReader;
  /** Returns the consumption since the start by operation and table. Failed conditional writes count, as on AWS. */
  calls(): CallTotals[];
  close(): Promise<void>;
}

/** A DynamoDB that an entry point serves. */
export interface DynamoDbEndpoint extends DynamoDb {
  /** Address for clients of DynamoDB and of DynamoDB Streams. */
  readonly url: string;
}

export interface DynamoDbOptions {
  /** Region in ARNs and in records. @default 'us-east-1' */
  readonly region?: string;
  /** Account in ARNs. @default '000000000000' */
  readonly accountId?: string;
  /** Called with the consumption of each request, per table. @default - nothing is called */
  readonly onCall?: (call: Call) => void;
  /** Receives log events. @default - nothing is logged */
  readonly log?: LogSink;
  /** Clock for all times. @default - the system's clock */
  readonly clock?: Clock;
  /** Creates ids of records. @default - random UUIDs without dashes */
  readonly newId?: () => string;
}

export interface EmbeddedDynamoDbOptions extends DynamoDbOptions {
  /** Storage of tables, items and streams. @default - in memory only */
  readonly state?: EngineState;
  /**
   * Interval in milliseconds at which expired items are removed while there are items that can expire. @default 1000
   */
  readonly timeToLiveSweepMs?: number;
  /**
   * Returns the lag of the next query of an index in milliseconds, for tests. The query does not find items that were written within this time.
   * @default - indexes do not lag
   */
  readonly indexLagMs?: () => number;
  /** Number of shards per stream. All records of an item are in the same shard. @default 1 */
  readonly streamShards?: number;
}
