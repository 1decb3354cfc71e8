import type { AwsService } from '../http';
import type { Clock, LogSink, StreamReader } from '../types';
import type { Call, EngineState } from './engine/engine';
import type { KeySchema, Projection, StreamViewType } from './engine/model';

export type { Call, StreamViewType };

/** A table as a template declares it (`AWS::DynamoDB::Table` or `GlobalTable`), its intrinsics resolved. */
export interface TableProperties {
  readonly tableName: string;
  /** Key schema as in CloudFormation: `AttributeName`, `KeyType`. */
  readonly keySchema: KeySchema;
  readonly attributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  /** @default - none */
  readonly indexes?: readonly IndexProperties[];
  /** @default - no stream */
  readonly streamViewType?: StreamViewType;
  /** The attribute with the epoch second of an item's expiry. @default - items do not expire */
  readonly ttlAttribute?: string;
}

export interface IndexProperties {
  readonly indexName: string;
  readonly keySchema: KeySchema;
  readonly projection: Projection;
  /** A local secondary index. @default false */
  readonly local?: boolean;
}

/** A table that matches the requested properties. */
export interface AppliedTable {
  readonly tableArn: string;
  readonly streamArn?: string;
  readonly change: 'created' | 'updated' | 'kept';
}

/** Calls of one operation on one table, added up. */
export interface CallTotals extends Call {
  /** Number of requests. */
  readonly requests: number;
}

/** A running DynamoDB with either engine. */
export interface DynamoDb {
  /** The APIs of DynamoDB and DynamoDB Streams, for an entry point. */
  readonly api: AwsService;
  /** Creates the table, with its stream and its time to live. @throws Error where the name is taken or a property is wrong */
  createTable(properties: TableProperties): Promise<{ tableArn: string; streamArn?: string }>;
  /** Creates the table, or changes the existing one. @throws Error if that is not possible */
  applyTable(properties: TableProperties): Promise<AppliedTable>;
  /** Reason why {@link applyTable} would fail; undefined if it would succeed. */
  tableProblem(properties: TableProperties): Promise<string | undefined>;
  /** @returns the number of items in the deleted table */
  removeTable(tableName: string): Promise<number>;
  tableNames(): Promise<string[]>;
  /**
   * A reader of a table's stream, for an event source mapping. Its `LATEST` is the stream's end at the time when it
   * was created.
   *
   * @throws Error where there is no such stream
   */
  stream(streamArn: string): StreamReader;
  /** Consumption since the start, by operation and table. Failed conditional writes count, as on AWS. */
  calls(): CallTotals[];
  close(): Promise<void>;
}

/** A DynamoDB that an entry point serves. */
export interface DynamoDbEndpoint extends DynamoDb {
  /** Address for clients of DynamoDB and of DynamoDB Streams. */
  readonly url: string;
}

export interface DynamoDbOptions {
  /** Region in ARNs and records. @default 'us-east-1' */
  readonly region?: string;
  /** @default '000000000000' */
  readonly accountId?: string;
  /** Receives the consumption of each request, by table. @default - none */
  readonly onCall?: (call: Call) => void;
  /** @default - nowhere */
  readonly log?: LogSink;
  /** @default - the system's */
  readonly clock?: Clock;
  /** Creates ids of records. @default - random UUIDs without dashes */
  readonly newId?: () => string;
}

export interface EmbeddedDynamoDbOptions extends DynamoDbOptions {
  /** Storage of tables, items and streams. @default - in memory only */
  readonly state?: EngineState;
  /** Interval in milliseconds at which expired items are removed, while there are items that can expire. @default 1000 */
  readonly timeToLiveSweepMs?: number;
  /** Shards of each stream. An item's records are all in one. @default 1 */
  readonly streamShards?: number;
}
