import type { IndexProperties, TableProperties } from './types';

/** Runs one operation by its target, such as `DynamoDB.CreateTable`, and resolves with its output. */
export type Execute = (target: string, input: Record<string, unknown>) => Promise<object>;

/** Creates a table with an API call, so that the table is the same with every engine. */
export async function createTable(
  execute: Execute,
  properties: TableProperties,
): Promise<{ tableArn: string; streamArn?: string }> {
  const { TableDescription } = (await execute('DynamoDB.CreateTable', createTableInput(properties))) as {
    TableDescription: { TableArn: string; LatestStreamArn?: string };
  };
  if (properties.ttlAttribute) await setTimeToLive(execute, properties.tableName, properties.ttlAttribute, true);
  return { tableArn: TableDescription.TableArn, streamArn: TableDescription.LatestStreamArn };
}

export async function setTimeToLive(
  execute: Execute,
  tableName: string,
  attribute: string,
  enabled: boolean,
): Promise<void> {
  await execute('DynamoDB.UpdateTimeToLive', {
    TableName: tableName,
    TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute },
  });
}

/** Returns the input of CreateTable. */
export function createTableInput(properties: TableProperties): Record<string, unknown> {
  const { indexes = [], streamViewType } = properties;
  const local = indexes.filter((index) => index.local).map(indexInput);
  const global = indexes.filter((index) => !index.local).map(indexInput);
  return structuredClone({
    TableName: properties.tableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: properties.keySchema,
    AttributeDefinitions: properties.attributeDefinitions,
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
    ...(streamViewType && { StreamSpecification: { StreamEnabled: true, StreamViewType: streamViewType } }),
  });
}

function indexInput({ indexName, keySchema, projection }: IndexProperties): object {
  return { IndexName: indexName, KeySchema: keySchema, Projection: projection };
}
