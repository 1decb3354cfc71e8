import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { EVENTS } from '../../../src/contract';
import {
  backoff,
  type Check,
  type Item,
  type Key,
  PARTITION_KEYS,
  type TableName,
  UncertainWrite,
  type Write,
} from '../../core';
import type { Consistency, Platform, Query, Store, WriteResult } from '../../flows/ports';
import { conditionExpression, Placeholders, stamped, updateExpression } from './expressions';

export type TableNames = Readonly<Partial<Record<TableName, string>>>;

/** Maximum number of attempts after transaction conflicts, and of calls for the items of a batch. A conflict lasts a few milliseconds. */
const CONFLICT_ATTEMPTS = 6;
/** Waits after a conflict, and after keys that a batch did not process. */
const CONFLICT_BACKOFF = { baseMs: 20, maxMs: 320 };
const OPTIONS = { removeUndefinedValues: true } as const;
const toItem = (item: object): Record<string, AttributeValue> => marshall(item, OPTIONS);
const fromItem = (item: Record<string, AttributeValue> | undefined): Item | undefined => item && unmarshall(item);

/** Implements the tables with DynamoDB. */
export class DynamoStore implements Store {
  public constructor(
    private readonly client: DynamoDBClient,
    private readonly tables: TableNames,
    private readonly platform: Pick<Platform, 'newId' | 'random' | 'sleep'>,
  ) {}

  public async get(table: TableName, key: Key, consistency: Consistency = 'strong'): Promise<Item | undefined> {
    const ConsistentRead = consistency === 'strong';
    const command = new GetItemCommand({ TableName: this.name(table), Key: toItem(key), ConsistentRead });
    return fromItem((await this.client.send(command)).Item);
  }

  public async getAll(table: TableName, keys: readonly Key[]): Promise<Item[]> {
    const name = this.name(table);
    const items: Item[] = [];
    let left: readonly Record<string, AttributeValue>[] = keys.map(toItem);
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > CONFLICT_ATTEMPTS) throw new Error(`the ${table} table is too busy to return all items`);
      const page: BatchGetItemCommandOutput = await this.client.send(
        new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [...left] } } }),
      );
      items.push(...(page.Responses?.[name] ?? []).map((item) => unmarshall(item)));
      left = page.UnprocessedKeys?.[name]?.Keys ?? [];
      if (left.length > 0) await this.platform.sleep(backoff(CONFLICT_BACKOFF, attempt, this.platform.random()));
    }
    return items;
  }

  public async write(write: Write): Promise<WriteResult> {
    const writeId = this.platform.newId();
    try {
      return { applied: true, item: fromItem(await this.afterConflicts(() => this.send(stamped(write, writeId)))) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException))
        throw isRefusal(error) ? error : new UncertainWrite(error);
      const item = fromItem(error.Item);
      // If the item has our own `writeId`, an earlier attempt succeeded but its response was lost.
      return { applied: item?.writeId === writeId, item };
    }
  }

  public async transact(writes: readonly (Write | Check)[]): Promise<boolean> {
    const { newId } = this.platform;
    const TransactItems = writes.map((write) => transactItem(this.expression(stamped(write, newId()))));
    try {
      await this.afterConflicts(() =>
        this.client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: newId() })),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  /**
   * Repeats a write after a transaction conflict. Conflicts occur, because both the processor and a transaction that adds a viewer write the head.
   */
  private async afterConflicts<T>(send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (attempt >= CONFLICT_ATTEMPTS || !isConflict(error)) throw error;
        await this.platform.sleep(backoff(CONFLICT_BACKOFF, attempt, this.platform.random()));
      }
    }
  }

  public async query(query: Query): Promise<Item[]> {
    const items: Item[] = [];
    let start = query.after && toItem(query.after);
    do {
      const page = await this.client.send(new QueryCommand({ ...this.queryInput(query), ExclusiveStartKey: start }));
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
      start = page.LastEvaluatedKey;
    } while (start && (query.limit === undefined || items.length < query.limit));
    return items.slice(0, query.limit);
  }

  private queryInput({ table, index, partition, from, newestFirst, limit }: Query): QueryCommandInput {
    const to = new Placeholders();
    const hash = `${to.name(index?.partitionKey ?? PARTITION_KEYS[table])} = ${to.value(partition)}`;
    const range = from === undefined ? '' : ` AND ${to.name(EVENTS.sortKey)} >= ${to.value(from)}`;
    return {
      TableName: this.name(table),
      IndexName: index?.indexName,
      KeyConditionExpression: hash + range,
      ExpressionAttributeNames: to.names,
      ExpressionAttributeValues: toItem(to.values),
      ConsistentRead: index === undefined,
      ScanIndexForward: !newestFirst,
      Limit: limit,
    };
  }

  private async send(write: Write): Promise<Record<string, AttributeValue> | undefined> {
    const input = { ...this.expression(write).input, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    if (write.kind === 'put') await this.client.send(new PutItemCommand(input as never));
    if (write.kind === 'delete') await this.client.send(new DeleteItemCommand(input as never));
    if (write.kind !== 'update') return undefined;
    const command = new UpdateItemCommand({ ...input, ReturnValues: 'ALL_NEW' } as never);
    return (await this.client.send(command)).Attributes;
  }

  private expression(write: Write | Check): Expression {
    const to = new Placeholders();
    const update = write.kind === 'update' ? updateExpression(write, to) : undefined;
    const condition = write.when && conditionExpression(write.when, to);
    const input = {
      TableName: this.name(write.table),
      ...(write.kind === 'put' ? { Item: toItem({ ...write.attributes, ...write.key }) } : { Key: toItem(write.key) }),
      ...(update && { UpdateExpression: update }),
      ...(condition && { ConditionExpression: condition }),
      ...(Object.keys(to.names).length > 0 && { ExpressionAttributeNames: to.names }),
      ...(Object.keys(to.values).length > 0 && { ExpressionAttributeValues: toItem(to.values) }),
    };
    return { kind: write.kind, input };
  }

  private name(table: TableName): string {
    const name = this.tables[table];
    if (name === undefined) throw new Error(`this function has no access to the ${table} table`);
    return name;
  }
}

interface Expression {
  readonly kind: (Write | Check)['kind'];
  readonly input: Record<string, unknown>;
}

const ACTIONS = { put: 'Put', update: 'Update', delete: 'Delete', check: 'ConditionCheck' } as const;

const transactItem = ({ kind, input }: Expression): TransactWriteItem => ({ [ACTIONS[kind]]: input });

/**
 * Whether it is certain that nothing was written, because DynamoDB refused the only call. If there were retries, an earlier call may have taken
 * effect. After a timeout or a 5xx, the last call may have taken effect.
 */
function isRefusal(error: unknown): boolean {
  const { httpStatusCode = 0, attempts = 0 } = (error as { $metadata?: ResponseMetadata }).$metadata ?? {};
  return attempts === 1 && httpStatusCode >= 400 && httpStatusCode < 500;
}

interface ResponseMetadata {
  readonly httpStatusCode?: number;
  readonly attempts?: number;
}

/** Whether another transaction wrote the item at the same time. The SDK does not retry after this error. */
function isConflict(error: unknown): boolean {
  if (error instanceof TransactionConflictException) return true;
  return wasCancelledFor(error, 'TransactionConflict') && !isConditionFailure(error);
}

/** Whether a write failed because of its condition. If it failed for another reason, for example a conflict after all retries, that is an error. */
const isConditionFailure = (error: unknown): boolean => wasCancelledFor(error, 'ConditionalCheckFailed');

function wasCancelledFor(error: unknown, reason: string): boolean {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  return reasons.some(({ Code }) => Code === reason);
}
