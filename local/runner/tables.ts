import type { Assembly, Resource } from '../assembly';
import type { DynamoDbEndpoint, IndexProperties, TableProperties } from '../dynamodb';
import { flag, list, object, text } from './properties';

/** Makes the template's tables, and gives their real ARNs to the assembly. */
export async function createTables(assembly: Assembly, dynamodb: DynamoDbEndpoint): Promise<number> {
  const tables = assembly.resources.filter(({ type }) => TABLE_TYPES.has(type));
  for (const table of tables) {
    const { tableArn, streamArn } = await dynamodb.createTable(tableProperties(table));
    const stream: Record<string, string> = streamArn === undefined ? {} : { StreamArn: streamArn };
    assembly.provide(table, { attributes: { Arn: tableArn, ...stream } });
  }
  return tables.length;
}

/** One line for each replica that is left out. */
export function replicaWarnings(assembly: Assembly): string[] {
  return assembly.resources.flatMap((resource) =>
    list(resource.type === 'AWS::DynamoDB::GlobalTable' ? resource.properties().Replicas : [])
      .map((replica) => text(object(replica).Region))
      .filter((region) => region !== resource.region)
      .map((region) => `${resource.address}: its replica in ${region} is not run`),
  );
}

export const TABLE_TYPES = new Set(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable']);

function tableProperties(table: Resource): TableProperties {
  const properties = table.properties();
  const ttl = object(properties.TimeToLiveSpecification);
  const { StreamViewType: view } = object(properties.StreamSpecification);
  return {
    tableName: table.ref(),
    keySchema: list(properties.KeySchema) as TableProperties['keySchema'],
    attributeDefinitions: list(properties.AttributeDefinitions) as TableProperties['attributeDefinitions'],
    indexes: [
      ...list(properties.GlobalSecondaryIndexes).map((index) => indexProperties(index, false)),
      ...list(properties.LocalSecondaryIndexes).map((index) => indexProperties(index, true)),
    ],
    streamViewType: view as TableProperties['streamViewType'],
    ttlAttribute: flag(ttl.Enabled) === false ? undefined : text(ttl.AttributeName),
  };
}

function indexProperties(index: unknown, local: boolean): IndexProperties {
  const { IndexName, KeySchema, Projection } = object(index);
  return {
    indexName: String(IndexName),
    keySchema: list(KeySchema) as IndexProperties['keySchema'],
    projection: Projection as IndexProperties['projection'],
    local,
  };
}
