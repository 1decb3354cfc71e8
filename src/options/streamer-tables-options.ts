import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** The four tables of an API. */
export interface IStreamerTables {
  /** One item per connection. */
  readonly connections: ITable;

  /** One item per async request; its stream starts the work. */
  readonly requests: ITable;

  /** One item per viewer of a request. */
  readonly subscriptions: ITable;

  /** The logs of the requests: events, inputs and results. */
  readonly events: ITable;
}

/** Properties of `StreamerTables`. */
export interface StreamerTablesProps {
  /**
   * Removal policy of the tables, which applies when they are removed from the stack or the stack is deleted. With `DESTROY` the data is lost. By default the
   * tables are retained, except for those of a first deployment that fails: CloudFormation deletes these with the rest of the stack, so that the next
   * deployment does not collide with them.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the tables. Protected tables can be removed only after a separate deployment that disables the
   * protection. Enable it once the stack is deployed: a first deployment that fails cannot remove protected tables.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables can be restored to any second of the last 35 days. It is billed per stored GB.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * Customer managed key that encrypts the tables. The stack needs a region (`env`). Calls of KMS are billed.
   *
   * @default - a key that AWS owns, at no charge
   */
  readonly encryptionKey?: IKey;
}

/** Existing tables, for `StreamerTables.fromTables`. */
export interface StreamerTablesAttributes {
  /** Table with the key `connectionId`. */
  readonly connections: ITable;

  /** Table with the key `requestKey` and a stream of new images. */
  readonly requests: ITable;

  /** Table with the key `channel`, `connectionId`. */
  readonly subscriptions: ITable;

  /** Table with the key `logKey`, `offset` (a number). */
  readonly events: ITable;
}
