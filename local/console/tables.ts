import { parseJsonObject } from '../emulator/http';
import type { Dynamo } from './dynamo';
import type { ItemPage, TableView } from './types';
import type { Attribute, AttributeMap } from './unmarshall';

export interface KnownTable {
  readonly tableName: string;
  readonly path: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

export interface KeyAttribute {
  readonly name: string;
  /** Type of the attribute: `S`, `N` or `B`. */
  readonly type: string;
}

const PAGE_ITEMS = 50;

export function tableViews(tables: readonly KnownTable[], dynamo: Dynamo): Promise<TableView[]> {
  return Promise.all(
    tables.map(async ({ tableName, path, partitionKey, sortKey }) => ({
      tableName,
      path,
      partitionKey: partitionKey.name,
      sortKey: sortKey?.name,
      items: await dynamo.count(tableName),
    })),
  );
}

/**
 * Reads one page of a table's items.
 *
 * @param partition partition key of the items. If it is undefined, items of all partitions are returned.
 * @param after decoded key from `next` of the previous page
 */
export async function itemPage(
  { tableName, partitionKey }: KnownTable,
  dynamo: Dynamo,
  { partition, after }: { readonly partition?: string; readonly after?: AttributeMap },
): Promise<ItemPage> {
  const request = { tableName, limit: PAGE_ITEMS, after };
  const value: Attribute = { [partitionKey.type]: partition };
  const page = partition ? await dynamo.query(request, { name: partitionKey.name, value }) : await dynamo.scan(request);
  return { items: page.items, next: page.last && encode(page.last) };
}

const encode = (key: AttributeMap): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Decodes the key in the `next` of a page. Returns undefined for any other string. */
export const decodeNext = (next: string): AttributeMap | undefined =>
  parseJsonObject(Buffer.from(next, 'base64url').toString()) as AttributeMap | undefined;
