import { type Credentials, signedHeaders } from '../emulator/http';
import type { Json } from './types';
import { type Attribute, type AttributeMap, plainItem } from './unmarshall';

export type Item = Record<string, Json>;

export interface QueryPage {
  readonly items: Item[];
  /** Key after which the next page begins, in DynamoDB's format. */
  readonly last?: AttributeMap;
}

export interface PageRequest {
  readonly tableName: string;
  readonly limit: number;
  readonly after?: AttributeMap;
}

/** Error of a call that DynamoDB refuses because of its arguments. */
export class InvalidCall extends Error {}

interface Answer {
  readonly Item?: AttributeMap;
  readonly Items?: readonly AttributeMap[];
  readonly Count?: number;
  readonly LastEvaluatedKey?: AttributeMap;
  readonly Responses?: Readonly<Record<string, readonly AttributeMap[]>>;
  readonly message?: string;
  readonly Message?: string;
}

/** Number of items per page of a scan. */
const PAGE_ITEMS = 500;

/** Reads all items of a table. */
export async function* itemsOf(tableName: string, dynamo: Pick<Dynamo, 'scan'>): AsyncGenerator<Item> {
  let after: QueryPage['last'];
  do {
    const page = await dynamo.scan({ tableName, limit: PAGE_ITEMS, after });
    yield* page.items;
    after = page.last;
  } while (after);
}

/** Maximum number of keys of one BatchGetItem call. */
export const BATCH_KEYS = 100;

/** Reads the run's tables. Items are plain JSON. */
export class Dynamo {
  public constructor(
    private readonly url: string,
    private readonly credentials: Credentials,
  ) {}

  public async get(tableName: string, key: AttributeMap): Promise<Item | undefined> {
    const { Item } = await this.call('GetItem', { TableName: tableName, Key: key, ConsistentRead: true });
    return Item && plainItem(Item);
  }

  public async batchGet(tableName: string, keys: readonly AttributeMap[]): Promise<Item[]> {
    const { Responses = {} } = await this.call('BatchGetItem', { RequestItems: { [tableName]: { Keys: keys } } });
    return (Responses[tableName] ?? []).map(plainItem);
  }

  public async count(tableName: string): Promise<number> {
    let total = 0;
    let after: AttributeMap | undefined;
    do {
      const answer = await this.call('Scan', { TableName: tableName, Select: 'COUNT', ExclusiveStartKey: after });
      total += answer.Count ?? 0;
      after = answer.LastEvaluatedKey;
    } while (after);
    return total;
  }

  public async scan({ tableName, limit, after }: PageRequest): Promise<QueryPage> {
    return this.page('Scan', { TableName: tableName, Limit: limit, ExclusiveStartKey: after });
  }

  /**
   * Reads the items of one partition in the order of their sort keys. With `sort`, it reads only items whose sort key
   * is at least `min`.
   */
  public async query(
    { tableName, limit, after }: PageRequest,
    partition: { readonly name: string; readonly value: Attribute },
    sort?: { readonly name: string; readonly min: number; readonly backwards?: boolean },
  ): Promise<QueryPage> {
    return this.page('Query', {
      TableName: tableName,
      Limit: limit,
      ExclusiveStartKey: after,
      ScanIndexForward: !sort?.backwards,
      KeyConditionExpression: sort ? '#p = :p AND #s >= :s' : '#p = :p',
      ExpressionAttributeNames: { '#p': partition.name, ...(sort && { '#s': sort.name }) },
      ExpressionAttributeValues: { ':p': partition.value, ...(sort && { ':s': { N: String(sort.min) } }) },
    });
  }

  private async page(operation: string, input: object): Promise<QueryPage> {
    const { Items = [], LastEvaluatedKey } = await this.call(operation, input);
    return { items: Items.map(plainItem), last: LastEvaluatedKey };
  }

  private async call(operation: string, input: object): Promise<Answer> {
    const body = JSON.stringify(input);
    const target = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const request = { url: this.url, service: 'dynamodb', headers: target, body };
    const headers = await signedHeaders(this.credentials, request);
    const response = await fetch(this.url, { method: 'POST', headers, body });
    const answer = (await response.json()) as Answer;
    const message = `${operation}: ${answer.message ?? answer.Message ?? response.status}`;
    if (response.status === 400) throw new InvalidCall(message);
    if (!response.ok) throw new Error(message);
    return answer;
  }
}
