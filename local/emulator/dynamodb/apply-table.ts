import { createTable, createTableInput, type Execute, setTimeToLive } from './create-table';
import { errorName, isAnswer } from './engine/errors';
import type { AppliedTable, TableProperties } from './types';

interface Described {
  readonly TableArn: string;
  readonly LatestStreamArn?: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly LocalSecondaryIndexes?: readonly Index[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: string };
  readonly ItemCount?: number;
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType?: string; readonly NonKeyAttributes?: readonly string[] };
}

/**
 * Creates a table, or changes the existing one with UpdateTable.
 *
 * @throws Error if there is a {@link tableProblem}
 */
export async function applyTable(execute: Execute, properties: TableProperties): Promise<AppliedTable> {
  const current = await describeTable(execute, properties.tableName);
  if (!current) return { ...(await createTable(execute, properties)), change: 'created' };
  const problem = problemOf(current, properties);
  if (problem !== undefined) throw new Error(problem);
  const indexes = await applyIndexes(execute, current, properties);
  const stream = await applyStream(execute, current, properties);
  const ttl = await applyTimeToLive(execute, properties);
  const { TableArn: tableArn, LatestStreamArn: streamArn } =
    (await describeTable(execute, properties.tableName)) ?? current;
  return { tableArn, streamArn, change: indexes || stream || ttl ? 'updated' : 'kept' };
}

/** Returns the reason why an existing table cannot be changed to the given properties, or undefined if it can. */
export async function tableProblem(execute: Execute, properties: TableProperties): Promise<string | undefined> {
  const current = await describeTable(execute, properties.tableName);
  return current && problemOf(current, properties);
}

/**
 * Removes a table.
 *
 * @returns the number of its items
 */
export async function removeTable(execute: Execute, tableName: string): Promise<number> {
  const current = await describeTable(execute, tableName);
  await execute('DynamoDB.DeleteTable', { TableName: tableName });
  return current?.ItemCount ?? 0;
}

export async function tableNames(execute: Execute): Promise<string[]> {
  const names: string[] = [];
  for (let last: string | undefined; ; ) {
    const page = (await execute(
      'DynamoDB.ListTables',
      last === undefined ? {} : { ExclusiveStartTableName: last },
    )) as {
      TableNames: string[];
      LastEvaluatedTableName?: string;
    };
    names.push(...page.TableNames);
    last = page.LastEvaluatedTableName;
    if (last === undefined) return names;
  }
}

async function describeTable(execute: Execute, tableName: string): Promise<Described | undefined> {
  try {
    return ((await execute('DynamoDB.DescribeTable', { TableName: tableName })) as { Table: Described }).Table;
  } catch (error) {
    if (isAnswer(error) && errorName(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function problemOf(current: Described, properties: TableProperties): string | undefined {
  const { tableName, streamViewType } = properties;
  if (keyOf(current) !== keyOf(wanted(properties))) return `the table ${tableName} has another key`;
  const local = (described: Pick<Described, 'LocalSecondaryIndexes'>) =>
    (described.LocalSecondaryIndexes ?? []).map(shapeOf).sort().join();
  if (local(current) !== local(wanted(properties))) return `the table ${tableName} has other local secondary indexes`;
  const view = viewTypeOf(current);
  return view !== undefined && streamViewType !== undefined && view !== streamViewType
    ? `the stream of the table ${tableName} has another view type`
    : undefined;
}

const wanted = (properties: TableProperties): Described => createTableInput(properties) as unknown as Described;

/** Returns the names, the kinds and the types of the key's attributes. */
function keyOf({ KeySchema, AttributeDefinitions }: Described): string {
  const typeOf = (name: string) => AttributeDefinitions.find((one) => one.AttributeName === name)?.AttributeType;
  return KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType} ${typeOf(AttributeName)}`).join();
}

function shapeOf({ IndexName, KeySchema, Projection }: Index): string {
  const key = KeySchema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]);
  return JSON.stringify([IndexName, key, Projection.ProjectionType, [...(Projection.NonKeyAttributes ?? [])].sort()]);
}

const viewTypeOf = ({ StreamSpecification }: Described): string | undefined =>
  StreamSpecification?.StreamEnabled ? StreamSpecification.StreamViewType : undefined;

/** Changes the indexes one at a time, as UpdateTable requires. */
async function applyIndexes(execute: Execute, current: Described, properties: TableProperties): Promise<boolean> {
  const { GlobalSecondaryIndexes: target = [], AttributeDefinitions } = wanted(properties);
  const there = current.GlobalSecondaryIndexes ?? [];
  const same = (one: Index, others: readonly Index[]) => others.some((other) => shapeOf(other) === shapeOf(one));
  const updates = [
    ...there.filter((index) => !same(index, target)).map(({ IndexName }) => ({ Delete: { IndexName } })),
    ...target.filter((index) => !same(index, there)).map((index) => ({ Create: index })),
  ];
  for (const update of updates) {
    const input = { TableName: properties.tableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [update] };
    await execute('DynamoDB.UpdateTable', structuredClone(input));
  }
  return updates.length > 0;
}

async function applyStream(
  execute: Execute,
  current: Described,
  { tableName, streamViewType }: TableProperties,
): Promise<boolean> {
  if (viewTypeOf(current) === streamViewType) return false;
  const StreamSpecification =
    streamViewType === undefined ? { StreamEnabled: false } : { StreamEnabled: true, StreamViewType: streamViewType };
  await execute('DynamoDB.UpdateTable', { TableName: tableName, StreamSpecification });
  return true;
}

async function applyTimeToLive(execute: Execute, { tableName, ttlAttribute }: TableProperties): Promise<boolean> {
  const { TimeToLiveDescription } = (await execute('DynamoDB.DescribeTimeToLive', { TableName: tableName })) as {
    TimeToLiveDescription: { AttributeName?: string };
  };
  const { AttributeName: current } = TimeToLiveDescription;
  if (current === ttlAttribute) return false;
  if (current !== undefined) await setTimeToLive(execute, tableName, current, false);
  if (ttlAttribute !== undefined) await setTimeToLive(execute, tableName, ttlAttribute, true);
  return true;
}
