import { type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TTL_ATTRIBUTE } from '../contract';
import { reject } from '../validation/errors';
import { isNumberKey, type KeySchema, TABLE_SCHEMAS, type TableSchema } from './schema';

/** Options that apply to all four tables. */
export interface TableOptions {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly encryptionKey?: IKey;
}

/** Creates the four tables. Do not change their construct paths: CloudFormation would create new, empty tables. */
export function createTables(scope: Construct, options: TableOptions) {
  if (options.encryptionKey) requireRegion(scope);
  return {
    connections: createTable(scope, TABLE_SCHEMAS.connections, options),
    requests: createTable(scope, TABLE_SCHEMAS.requests, options),
    subscriptions: createTable(scope, TABLE_SCHEMAS.subscriptions, options),
    events: createTable(scope, TABLE_SCHEMAS.events, options),
  };
}

/** Requires a known region, because the construct `TableV2` writes the table's key next to the name of its region. */
function requireRegion(scope: Construct): void {
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(region)) return;
  const remedy = "Give the stack a region: `new Stack(app, 'Name', { env: { region: 'eu-west-1' } })`";
  reject('encryptionKey', 'be used in a stack whose region is known', 'a stack without one', remedy);
}

function createTable(scope: Construct, { id, key, indexes, stream }: TableSchema, options: TableOptions): TableV2 {
  const props: TablePropsV2 = {
    ...keyAttributes(key),
    billing: Billing.onDemand(),
    globalSecondaryIndexes: indexes.map((index) => ({
      indexName: index.indexName,
      ...keyAttributes(index),
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    dynamoStream: stream,
    timeToLiveAttribute: TTL_ATTRIBUTE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: options.pointInTimeRecovery },
    removalPolicy: options.removalPolicy,
    deletionProtection: options.deletionProtection,
    encryption: options.encryptionKey && TableEncryptionV2.customerManagedKey(options.encryptionKey),
  };
  // The grant methods of `TableV2` set two deprecated properties.
  return withoutDeprecations(() => new TableV2(new Construct(scope, id), 'Table', props));
}

function keyAttributes({ partitionKey, sortKey }: KeySchema) {
  return { partitionKey: keyAttribute(partitionKey), sortKey: sortKey ? keyAttribute(sortKey) : undefined };
}

function keyAttribute(name: string) {
  return { name, type: isNumberKey(name) ? AttributeType.NUMBER : AttributeType.STRING };
}

/** Environment variable that sets jsii's reaction to deprecated names: `warn`, `fail` or `quiet`. */
const MODE = 'JSII_DEPRECATED';

/**
 * Runs CDK code without warnings or errors about the deprecated names that it uses, because Streamer cannot change that code. Code of users must not
 * run inside this function.
 */
export function withoutDeprecations<T>(create: () => T): T {
  const mode = process.env[MODE];
  process.env[MODE] = 'quiet';
  try {
    return create();
  } finally {
    if (mode === undefined) delete process.env[MODE];
    else process.env[MODE] = mode;
  }
}
