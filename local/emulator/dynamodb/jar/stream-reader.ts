import type { StreamReader, StreamRecord } from '../../types';
import type { Execute } from '../create-table';

type Position = 'LATEST' | 'TRIM_HORIZON' | { readonly after: string };

interface ApiRecord extends Omit<StreamRecord, 'userIdentity' | 'eventSourceARN'> {
  readonly userIdentity?: { readonly PrincipalId: string; readonly Type: string };
}

interface RecordsPage {
  readonly Records: ApiRecord[];
  readonly NextShardIterator?: string;
}

/** Reads a stream through the Streams API. It returns records in the format of Lambda events. */
export class ApiStreamReader implements StreamReader {
  /**
   * Position of `LATEST` by shard: the end of the shard when the reader was created. Each later read without records moves
   * the position forward.
   */
  private readonly latest: Promise<Map<string, string | undefined>>;
  /** Iterator by shard that continues after the last record that was read. */
  private readonly next = new Map<string, { after: string; iterator: string }>();

  constructor(
    private readonly arn: string,
    private readonly execute: Execute,
    public readonly onRecords: (listener: () => void) => () => void,
  ) {
    this.latest = this.pinLatest();
    this.latest.catch(() => undefined); // shards() and read() report the error
  }

  public async shards(): Promise<string[]> {
    const { StreamDescription } = (await this.execute('DynamoDBStreams.DescribeStream', { StreamArn: this.arn })) as {
      StreamDescription: { Shards: { ShardId: string }[] };
    };
    return StreamDescription.Shards.map((shard) => shard.ShardId);
  }

  public async read(shardId: string, position: Position, limit: number): Promise<{ records: StreamRecord[] }> {
    const iterator = await this.iterator(shardId, position);
    if (iterator === undefined) return { records: [] };
    const input = { ShardIterator: iterator, Limit: Math.min(limit, 1000) };
    const page = (await this.execute('DynamoDBStreams.GetRecords', input)) as RecordsPage;
    if (position === 'LATEST' && page.Records.length === 0) (await this.latest).set(shardId, page.NextShardIterator);
    this.remember(shardId, page);
    return { records: page.Records.map((record) => this.toEventRecord(record)) };
  }

  private async iterator(shardId: string, position: Position): Promise<string | undefined> {
    if (position === 'TRIM_HORIZON') return this.newIterator(shardId, 'TRIM_HORIZON');
    if (position === 'LATEST') {
      const latest = await this.latest;
      // a shard that is unknown was created after the reader, so it is read from its start
      return latest.has(shardId) ? latest.get(shardId) : this.newIterator(shardId, 'TRIM_HORIZON');
    }
    const next = this.next.get(shardId);
    if (next?.after === position.after) return next.iterator;
    return this.newIterator(shardId, 'AFTER_SEQUENCE_NUMBER', position.after);
  }

  private async newIterator(ShardId: string, ShardIteratorType: string, SequenceNumber?: string): Promise<string> {
    const input = { StreamArn: this.arn, ShardId, ShardIteratorType, SequenceNumber };
    const { ShardIterator } = (await this.execute('DynamoDBStreams.GetShardIterator', input)) as {
      ShardIterator: string;
    };
    return ShardIterator;
  }

  private async pinLatest(): Promise<Map<string, string | undefined>> {
    const shards = await this.shards();
    return new Map(await Promise.all(shards.map(async (id) => [id, await this.newIterator(id, 'LATEST')] as const)));
  }

  private remember(shardId: string, page: RecordsPage): void {
    const last = page.Records.at(-1)?.dynamodb.SequenceNumber;
    const after = last ?? this.next.get(shardId)?.after;
    if (after !== undefined && page.NextShardIterator)
      this.next.set(shardId, { after, iterator: page.NextShardIterator });
  }

  private toEventRecord({ userIdentity, ...record }: ApiRecord): StreamRecord {
    const identity = userIdentity && { principalId: userIdentity.PrincipalId, type: userIdentity.Type };
    return { ...record, ...(identity && { userIdentity: identity }), eventSourceARN: this.arn };
  }
}
