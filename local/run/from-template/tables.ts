import type { Assembly, Resource } from '../../emulator/assembly';
import type { DynamoDbEndpoint, IndexProperties, TableProperties } from '../../emulator/dynamodb';
import { count } from '../context';
import { flag, list, object, text } from './properties';

/** Result of applying the tables. */
export interface AppliedTables {
  readonly count: number;
  readonly changes: string[];
}

/**
 * Creates the template's tables, updates existing ones, and removes those that the template no longer has. It also sets
 * the tables' ARNs in the assembly.
 *
 * @throws Error if there are {@link tableProblems}
 */
export async function applyTables(assembly: Assembly, dynamodb: DynamoDbEndpoint): Promise<AppliedTables> {
  const tables = tablesOf(assembly);
  const names = new Set<string>();
  const changes: string[] = [];
  for (const table of tables) {
    if (names.has(table.ref())) throw new Error(`${table.address}: another table has the name ${table.ref()}`);
    names.add(table.ref());
    const { tableArn, streamArn, change } = await dynamodb.applyTable(tableProperties(table));
    const stream: Record<string, string> = streamArn === undefined ? {} : { StreamArn: streamArn };
    assembly.provide(table, { attributes: { Arn: tableArn, ...stream } });
    if (change !== 'kept') changes.push(`table ${table.ref()} ${change}`);
  }
  for (const name of await dynamodb.tableNames()) {
    if (!names.has(name)) changes.push(`table ${name} removed with ${count(await dynamodb.removeTable(name), 'item')}`);
  }
  return { count: tables.length, changes };
}

/** Returns the reasons why existing tables cannot be changed to those of the template. */
export async function tableProblems(assembly: Assembly, dynamodb: DynamoDbEndpoint): Promise<string[]> {
  const problems = await Promise.all(tablesOf(assembly).map((table) => dynamodb.tableProblem(tableProperties(table))));
  return problems.filter((problem) => problem !== undefined);
}

function tablesOf({ resources }: Assembly): Resource[] {
  return resources.filter(({ type }) => TABLE_TYPES.has(type));
}

/** Returns one warning per replica, because a run has no replicas. */
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
