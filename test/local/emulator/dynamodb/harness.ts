import {
  type AttributeDefinition,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDbEndpoint } from '../../../../local/emulator/dynamodb';

export type Item = NonNullable<PutItemCommand['input']['Item']>;

export type TableInput = Partial<CreateTableCommandInput> & { key?: AttributeDefinition; sortKey?: 'S' | 'N' };

/** A running engine with its clients and the helper functions of the cases. */
export class Harness {
  public readonly db: DynamoDBClient;
  public readonly streams: DynamoDBStreamsClient;
  private tables = 0;

  constructor(public readonly endpoint: DynamoDbEndpoint) {
    const config = {
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    };
    this.db = new DynamoDBClient(config);
    this.streams = new DynamoDBStreamsClient(config);
  }

  public async close(): Promise<void> {
    this.db.destroy();
    this.streams.destroy();
    await this.endpoint.close();
  }

  /** Creates a table. Its default key is the string `pk`; `sk` is optional. Returns the table's name. */
  public async table(more: TableInput = {}): Promise<string> {
    const { key = { AttributeName: 'pk', AttributeType: 'S' }, sortKey, AttributeDefinitions = [], ...input } = more;
    const TableName = `table-${++this.tables}`;
    const keys: AttributeDefinition[] = [key];
    if (sortKey) keys.push({ AttributeName: 'sk', AttributeType: sortKey });
    await this.db.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keys.map(({ AttributeName }, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: [...keys, ...AttributeDefinitions],
        ...input,
      }),
    );
    return TableName;
  }

  public tableWithStream(
    StreamViewType: 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY' = 'NEW_AND_OLD_IMAGES',
  ) {
    return this.table({ StreamSpecification: { StreamEnabled: true, StreamViewType } });
  }

  /** Creates a table with the global index `byOwner` on `owner`, with the given projection. */
  public tableWithIndex(ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE' = 'ALL', NonKeyAttributes?: string[]) {
    return this.table({
      AttributeDefinitions: [{ AttributeName: 'owner', AttributeType: 'S' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byOwner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType, NonKeyAttributes },
        },
      ],
    });
  }

  public async put(TableName: string, ...items: Item[]): Promise<void> {
    for (const Item of items) await this.db.send(new PutItemCommand({ TableName, Item }));
  }

  /** Puts many items, 25 per request. */
  public async putAll(TableName: string, items: Item[]): Promise<void> {
    for (let i = 0; i < items.length; i += 25) {
      const requests = items.slice(i, i + 25).map((Item) => ({ PutRequest: { Item } }));
      await this.db.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  }

  public async iterator(StreamArn: string, more: Partial<GetShardIteratorCommandInput>): Promise<string> {
    const { StreamDescription } = await this.streams.send(new DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0].ShardId;
    const input = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const, ...more };
    const { ShardIterator } = await this.streams.send(new GetShardIteratorCommand(input));
    return ShardIterator as string;
  }

  public async records(ShardIterator: string, Limit?: number): Promise<_Record[]> {
    const { Records = [] } = await this.streams.send(new GetRecordsCommand({ ShardIterator, Limit }));
    return Records;
  }

  /** Returns all records of a stream when there are at least as many as expected. */
  public async allRecords(StreamArn: string, count: number): Promise<_Record[]> {
    return eventually(async () => {
      const records = await this.records(await this.iterator(StreamArn, {}));
      return records.length >= count ? records : undefined;
    });
  }
}

/** Polls until there is a result. Only the time limit of the test applies. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const result = await look();
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Returns the error with which a promise rejects.
 *
 * @throws Error if the promise resolves
 */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('It was expected to fail');
}
