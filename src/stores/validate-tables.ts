import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable, CfnTable, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { TTL_ATTRIBUTE } from '../contract';
import type { IStreamerTables, StreamerTablesProps } from '../options/streamer-tables-options';
import { refusal, reject } from '../validation/errors';
import { type PropNames, validateBoolean, validateKey, validateObject, validateOneOf } from '../validation/rules';
import { type IndexSchema, isNumberKey, type KeySchema, TABLE_NAMES, TABLE_SCHEMAS, type TableName } from './schema';

/** Names of the properties of tables that are created. */
export const TABLES_PROPS: PropNames<StreamerTablesProps> = {
  removalPolicy: true,
  deletionProtection: true,
  pointInTimeRecovery: true,
  encryptionKey: true,
};

/** Refuses what cannot be four tables. How those of this app are made is looked at at the end of synthesis. */
export function validateTables(tables: IStreamerTables): void {
  validateObject(
    'tables',
    tables,
    'be an object of four tables',
    'Use `new StreamerTables(…)` or `StreamerTables.fromTables({ … })`',
  );
  TABLE_NAMES.forEach((name, at) => {
    const prop = `tables.${name}`;
    if (typeof tables[name]?.tableArn !== 'string') reject(prop, 'be a table of DynamoDB', tables[name]);
    const same = TABLE_NAMES.slice(0, at).find((earlier) => tables[earlier].tableArn === tables[name].tableArn);
    if (same) reject(prop, `be another table than \`tables.${same}\``, 'the same one');
  });
  if (tables.requests.tableStreamArn === undefined) {
    reject(
      'tables.requests',
      'have a stream',
      'none',
      'Where the table is imported, use `TableV2.fromTableAttributes` with its `tableStreamArn`',
    );
  }
}

/** Refuses what cannot be said of tables that are to be made, by an API or apart from it. */
export function validateTablesProps(props: StreamerTablesProps): void {
  validateObject('props', props, 'be an object');
  validateOneOf('removalPolicy', props.removalPolicy, RemovalPolicy, 'RemovalPolicy.RETAIN');
  validateBoolean('deletionProtection', props.deletionProtection);
  validateBoolean('pointInTimeRecovery', props.pointInTimeRecovery);
  validateKey('encryptionKey', props.encryptionKey);
}

/** As much of a table's resource as is checked. Both kinds of table say it alike. */
interface Definition {
  readonly keySchema?: Key[];
  readonly attributeDefinitions?: { readonly attributeName: string; readonly attributeType: string }[];
  readonly globalSecondaryIndexes?: { readonly indexName: string; readonly keySchema: Key[] }[];
  readonly streamSpecification?: { readonly streamViewType?: string };
  readonly timeToLiveSpecification?: { readonly attributeName?: string; readonly enabled?: boolean };
}

interface Key {
  readonly attributeName: string;
  readonly keyType: string;
}

/** What is wrong with tables that this app makes; imported ones cannot be looked at. Asked at the end, when indexes have been added. */
export function checkTables(tables: IStreamerTables): string[] {
  return TABLE_NAMES.flatMap((name) => {
    const definition = definitionOf(tables[name]);
    return definition ? checkTable(name, definition) : [];
  });
}

function definitionOf(table: ITable): Definition | undefined {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnTable || resource instanceof CfnGlobalTable)) return undefined;
  const { keySchema, attributeDefinitions, globalSecondaryIndexes, streamSpecification, timeToLiveSpecification } =
    resource;
  return Stack.of(table).resolve({
    keySchema,
    attributeDefinitions,
    globalSecondaryIndexes,
    streamSpecification,
    timeToLiveSpecification,
  });
}

function checkTable(name: TableName, definition: Definition): string[] {
  const schema = TABLE_SCHEMAS[name];
  return [
    ...checkKeys(`tables.${name}`, 'the key', schema.key, definition.keySchema, definition),
    ...schema.indexes.flatMap((index) => checkIndex(`tables.${name}`, index, definition)),
    ...checkStream(name, definition),
    ...checkTimeToLive(`tables.${name}`, definition),
  ];
}

function checkIndex(prop: string, index: IndexSchema, definition: Definition): string[] {
  const found = definition.globalSecondaryIndexes?.find(({ indexName }) => indexName === index.indexName);
  const what = `the index ${index.indexName}`;
  if (!found) return [refusal(prop, `have ${what} of ${describe(index)}`, names(definition.globalSecondaryIndexes))];
  return checkKeys(prop, what, index, found.keySchema, definition);
}

const names = (indexes: Definition['globalSecondaryIndexes'] = []): string[] =>
  indexes.map(({ indexName }) => indexName);

function checkKeys(prop: string, what: string, key: KeySchema, found: Key[] = [], definition: Definition): string[] {
  const must = describe(key);
  const got = ['HASH', 'RANGE'].flatMap((type) =>
    found.filter(({ keyType }) => keyType === type).map((each) => typed(each.attributeName, typeOf(each, definition))),
  );
  return got.join(', ') === must ? [] : [refusal(prop, `have ${what} of ${must}`, got.join(', '))];
}

const typeOf = ({ attributeName }: Key, { attributeDefinitions = [] }: Definition): string | undefined =>
  attributeDefinitions.find((each) => each.attributeName === attributeName)?.attributeType;

const typed = (name: string, type: string | undefined): string => `${name} (${type})`;

const describe = ({ partitionKey, sortKey }: KeySchema): string =>
  [partitionKey, ...(sortKey ? [sortKey] : [])].map((key) => typed(key, isNumberKey(key) ? 'N' : 'S')).join(', ');

/** Nothing reads the other tables' streams. */
function checkStream(name: TableName, { streamSpecification }: Definition): string[] {
  const view = streamSpecification?.streamViewType;
  if (name !== 'requests' || view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES') return [];
  return [refusal('tables.requests', 'have a stream of NEW_IMAGE or NEW_AND_OLD_IMAGES', view)];
}

function checkTimeToLive(prop: string, { timeToLiveSpecification: found }: Definition): string[] {
  if (found?.attributeName === TTL_ATTRIBUTE && found.enabled !== false) return [];
  return [refusal(prop, `have the time to live attribute ${TTL_ATTRIBUTE}`, found?.attributeName)];
}
