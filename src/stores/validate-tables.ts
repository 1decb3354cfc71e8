import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable, CfnTable, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { TTL_ATTRIBUTE } from '../contract';
import type { IStreamerTables, StreamerTablesProps } from '../options/streamer-tables-options';
import { refusal, reject } from '../validation/errors';
import { type PropNames, validateBoolean, validateKey, validateObject, validateOneOf } from '../validation/rules';
import { type IndexSchema, isNumberKey, type KeySchema, TABLE_NAMES, TABLE_SCHEMAS, type TableName } from './schema';

/** Names of the properties of `StreamerTables`. */
export const TABLES_PROPS: PropNames<StreamerTablesProps> = {
  removalPolicy: true,
  deletionProtection: true,
  pointInTimeRecovery: true,
  encryptionKey: true,
};

/**
 * Rejects a `tables` value that is not four distinct tables. At the end of synthesis, `checkTables` checks the schema of tables that this app
 * defines.
 */
export function validateTables(tables: IStreamerTables): void {
  validateObject(
    'tables',
    tables,
    'be an object with four tables',
    'Use `new StreamerTables(…)` or `StreamerTables.fromTables({ … })`',
  );
  TABLE_NAMES.forEach((name, at) => {
    const prop = `tables.${name}`;
    if (typeof tables[name]?.tableArn !== 'string') reject(prop, 'be a table of DynamoDB', tables[name]);
    const same = TABLE_NAMES.slice(0, at).find((earlier) => tables[earlier].tableArn === tables[name].tableArn);
    if (same) reject(prop, `differ from \`tables.${same}\``, 'the same one');
  });
  if (tables.requests.tableStreamArn === undefined) {
    reject(
      'tables.requests',
      'have a stream',
      'none',
      'For an imported table, use `TableV2.fromTableAttributes` with its `tableStreamArn`',
    );
  }
}

/** Rejects invalid options for tables that an API or `StreamerTables` will create. */
export function validateTablesProps(props: StreamerTablesProps): void {
  validateObject('props', props, 'be an object');
  validateOneOf('removalPolicy', props.removalPolicy, RemovalPolicy, 'RemovalPolicy.RETAIN');
  validateBoolean('deletionProtection', props.deletionProtection);
  validateBoolean('pointInTimeRecovery', props.pointInTimeRecovery);
  validateKey('encryptionKey', props.encryptionKey);
}

/** The properties of a table's resource that are checked. Both types of table resources have them under the same names. */
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

/**
 * Returns the errors of tables that this app defines. Imported tables cannot be checked. The function is called at the end of synthesis, when all
 * indexes have been added.
 */
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

/** Checks the stream of the requests table. No function reads the streams of the other tables. */
function checkStream(name: TableName, { streamSpecification }: Definition): string[] {
  const view = streamSpecification?.streamViewType;
  if (name !== 'requests' || view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES') return [];
  return [refusal('tables.requests', 'have a stream of NEW_IMAGE or NEW_AND_OLD_IMAGES', view)];
}

function checkTimeToLive(prop: string, { timeToLiveSpecification: found }: Definition): string[] {
  if (found?.attributeName === TTL_ATTRIBUTE && found.enabled !== false) return [];
  return [refusal(prop, `have the time to live attribute ${TTL_ATTRIBUTE}`, found?.attributeName)];
}
