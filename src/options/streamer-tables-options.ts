import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** The four tables of an API. */
export interface IStreamerTables {
  /** Table with one item per connection. */
  readonly connections: ITable;

  /** Table with one item per async request. The table's stream starts the work. */
  readonly requests: ITable;

  /** Table with one item per viewer of a request, or per subscriber of a topic. */
  readonly subscriptions: ITable;

  /** Table with the logs of requests and topics, and with the inputs and results of requests. */
  readonly events: ITable;
}

/** Properties of `StreamerTables`. */
export interface StreamerTablesProps {
  /**
   * Removal policy of the tables. It applies when the tables are removed from the stack, or when the stack is deleted. With `DESTROY` the data is
   * lost. By default the tables are retained, except if a first deployment fails: CloudFormation then deletes the new tables with the rest of the
   * stack, so that the next deployment can create them again.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the tables. To remove protected tables, first disable the protection in a separate deployment. Enable the
   * protection after the first deployment: if a first deployment fails, CloudFormation cannot remove protected tables.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables can be restored to any second of the last 35 days. AWS bills this feature per stored GB.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * Customer managed key that encrypts the tables. The stack needs a region (`env`). AWS bills the calls of KMS.
   *
   * @default - a key that AWS owns, at no charge
   */
  readonly encryptionKey?: IKey;
}

/** Existing tables, for `StreamerTables.fromTables`. */
export interface StreamerTablesAttributes {
  /** Table with the partition key `connectionId`. */
  readonly connections: ITable;

  /** Table with the partition key `requestKey`, and with a stream of new images. */
  readonly requests: ITable;

  /** Table with the partition key `channel` and the sort key `connectionId`. */
  readonly subscriptions: ITable;

  /** Table with the partition key `logKey` and the sort key `offset`, which is a number. */
  readonly events: ITable;
}
