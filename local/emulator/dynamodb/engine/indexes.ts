import { db } from '../dynalite';
import { validationError } from './errors';
import type { AttributeValue, IndexDescription, Item, TableDescription } from './model';

/** Entry of an item in one index. */
export interface IndexEntry {
  /**
   * Key for sorting: the index's key, then the table's key. Two items with the same index key thus have two entries.
   */
  readonly key: string;
  readonly item: Item;
}

/** Returns all indexes, the local ones first. */
export function indexesOf(table: TableDescription): IndexDescription[] {
  return [...(table.LocalSecondaryIndexes ?? []), ...(table.GlobalSecondaryIndexes ?? [])];
}

/** Returns the entry of an item in an index, or undefined if the item has not all key attributes of the index. */
export function indexEntry(
  table: TableDescription,
  index: IndexDescription,
  tableKey: string,
  item: Item | undefined,
): IndexEntry | undefined {
  if (!item) return undefined;
  for (const { AttributeName } of index.KeySchema) {
    if (item[AttributeName] === undefined) return undefined;
    checkIndexKey(table, index, AttributeName, item[AttributeName]);
  }
  return { key: indexKey(table, index, tableKey, item), item: projected(table, index, item) };
}

/** Returns the key that determines an item's position in the index. */
export function indexKey(table: TableDescription, index: IndexDescription, tableKey: string, item: Item): string {
  return `${db.createKey(item, table, index.KeySchema)}${tableKey}`;
}

function projected(table: TableDescription, index: IndexDescription, item: Item): Item {
  if (index.Projection.ProjectionType === 'ALL') return item;
  const keys = [...index.KeySchema, ...table.KeySchema].map((element) => element.AttributeName);
  const entry: Item = {};
  for (const name of [...keys, ...(index.Projection.NonKeyAttributes ?? [])]) {
    if (item[name] !== undefined) entry[name] = item[name];
  }
  return entry;
}

function checkIndexKey(table: TableDescription, index: IndexDescription, name: string, value: AttributeValue): void {
  const type = table.AttributeDefinitions.find((definition) => definition.AttributeName === name)?.AttributeType;
  const [actual] = Object.keys(value);
  if (actual !== type) {
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} ` +
        `Actual: ${actual} IndexName: ${index.IndexName}`,
    );
  }
  if (value.S === '' || value.B === '') {
    throw validationError(
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The ' +
        `AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. ` +
        `IndexName: ${index.IndexName}, IndexKey: ${name}`,
    );
  }
}
