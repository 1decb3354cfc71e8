import type { Call } from '../../../../../local/emulator/dynamodb';
import { Engine, type EngineOptions } from '../../../../../local/emulator/dynamodb/engine/engine';
import type { Clock, Timer } from '../../../../../local/emulator/types';

/** A clock that only the test advances. It then runs the due timers in order. */
export class ManualClock implements Clock {
  private timers: { at: number; fn: () => void }[] = [];

  constructor(private time = Date.UTC(2030, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public setTimeout(fn: () => void, ms: number): Timer {
    const timer = { at: this.time + ms, fn };
    this.timers.push(timer);
    return timer;
  }

  public clearTimeout(timer: Timer | undefined): void {
    this.timers = this.timers.filter((one) => one !== timer);
  }

  public get pending(): number {
    return this.timers.length;
  }

  public advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.at <= end).sort((x, y) => x.at - y.at);
      if (!next) break;
      this.clearTimeout(next);
      this.time = next.at;
      next.fn();
    }
    this.time = end;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows the type of its output
type Output = any;

/** An engine without a server and with a manual clock. */
export class EngineUnderTest {
  public readonly clock = new ManualClock();
  public readonly calls: Call[] = [];
  public readonly engine: Engine;
  private ids = 0;

  constructor(options: Partial<EngineOptions> = {}) {
    this.engine = new Engine({
      region: 'eu-central-1',
      accountId: '123456789012',
      streamShards: 1,
      timeToLiveSweepMs: 1000,
      clock: this.clock,
      newId: () => `id-${++this.ids}`,
      onCall: (call) => this.calls.push(call),
      ...options,
    });
  }

  public run(target: string, input: Record<string, unknown>): Promise<Output> {
    return this.engine.execute(target.includes('.') ? target : `DynamoDB.${target}`, structuredClone(input));
  }

  /** Creates the table `items` with the key `pk`, the index `byGroup` and a stream. Returns the stream's ARN. */
  public async itemsTable(): Promise<string> {
    const { TableDescription } = await this.run('CreateTable', {
      TableName: 'items',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: ['pk', 'group'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byGroup',
          KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    return TableDescription.LatestStreamArn;
  }

  public put(Item: Record<string, unknown>): Promise<Output> {
    return this.run('PutItem', { TableName: 'items', Item });
  }

  public async iterator(StreamArn: string, more: Record<string, unknown> = {}): Promise<string> {
    const { StreamDescription } = await this.run('DynamoDBStreams.DescribeStream', { StreamArn });
    const ShardId = StreamDescription.Shards[0].ShardId;
    const input = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON', ...more };
    return (await this.run('DynamoDBStreams.GetShardIterator', input)).ShardIterator;
  }

  public async records(ShardIterator: string): Promise<Output[]> {
    return (await this.run('DynamoDBStreams.GetRecords', { ShardIterator })).Records;
  }
}
