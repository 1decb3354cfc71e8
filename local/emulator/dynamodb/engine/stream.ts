import type { Clock, StreamRecord } from '../../types';
import { trimmedData } from './errors';
import type { Change, Item, StreamViewType, TableDescription, WriteCause } from './model';
import { sameItem } from './same-value';
import { itemBytes } from './sizes';

/**
 * Time in milliseconds after which records are removed (developer guide, "Change data capture for DynamoDB Streams").
 */
const RETENTION_MS = 24 * 60 * 60 * 1000;

const SERVICE_IDENTITY = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };

/** First sequence number. As on AWS, sequence numbers have at least 21 digits and increase across all shards. */
const FIRST_SEQUENCE = 10n ** 20n;

export interface StreamOptions {
  readonly table: TableDescription;
  readonly viewType: StreamViewType;
  readonly arn: string;
  readonly label: string;
  readonly region: string;
  /** Number of shards that exist at the same time. All records of an item are in the same shard. */
  readonly shards: number;
  /** Creation time in milliseconds since the epoch. @default - now */
  readonly createdAt?: number;
  readonly clock: Clock;
  readonly newId: () => string;
}

interface Entry {
  readonly at: number;
  readonly record: StreamRecord;
}

/**
 * A shard with the records of some of the table's items, in the order of the writes. Positions count from the start of
 * the stream.
 */
class Shard {
  private entries: Entry[] = [];
  private trimmed = 0;
  private lastTrimmed = 0n;

  constructor(
    public readonly id: string,
    private readonly clock: Clock,
  ) {}

  public append(record: StreamRecord, at: number): void {
    this.trim();
    this.entries.push({ at, record });
  }

  /** Sets the sequence number up to which an earlier run has removed records. */
  public resumeAfter(sequenceNumber: string): void {
    this.lastTrimmed = BigInt(sequenceNumber);
  }

  /**
   * Returns the records after a sequence number, or all records if it is undefined. In the result, `trimmed` is the
   * sequence number up to which there are no records.
   */
  public after(sequenceNumber: string | undefined): { readonly trimmed: string; readonly entries: readonly Entry[] } {
    this.trim();
    const done = sequenceNumber === undefined ? this.lastTrimmed : BigInt(sequenceNumber);
    const trimmed = done > this.lastTrimmed ? done : this.lastTrimmed;
    const entries = this.entries.filter(({ record }) => BigInt(record.dynamodb.SequenceNumber) > trimmed);
    return { trimmed: String(trimmed), entries };
  }

  public get start(): number {
    this.trim();
    return this.trimmed;
  }

  public get end(): number {
    return this.trimmed + this.entries.length;
  }

  public slice(position: number, limit: number): StreamRecord[] {
    return this.entriesFrom(position, limit).map(({ record }) => record);
  }

  /** Returns the same records as {@link slice}, with the time of each write. */
  public entriesFrom(position: number, limit: number): Entry[] {
    const from = Math.max(0, position - this.start);
    return this.entries.slice(from, from + limit);
  }

  /**
   * Returns the position of the first record at or after a sequence number.
   *
   * @throws TrimmedDataAccessException if that record was removed
   */
  public positionOf(sequenceNumber: string): number {
    this.trim();
    const wanted = BigInt(sequenceNumber);
    if (wanted <= this.lastTrimmed) throw trimmedData();
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BigInt(this.entries[middle].record.dynamodb.SequenceNumber) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.trimmed + low;
  }

  private trim(): void {
    const oldest = this.clock.now() - RETENTION_MS;
    let count = 0;
    while (count < this.entries.length && this.entries[count].at <= oldest) count++;
    if (count === 0) return;
    this.lastTrimmed = BigInt(this.entries[count - 1].record.dynamodb.SequenceNumber);
    this.entries = this.entries.slice(count);
    this.trimmed += count;
  }
}

/** Stream of a table's changes. */
export class TableStream {
  public readonly createdAt: number;
  /** Whether the stream has ended, so that no more records are added. */
  public closed = false;
  public readonly shards: ReadonlyMap<string, Shard>;
  /** The shards in the order of their numbers. */
  public readonly ordered: readonly Shard[];
  private readonly listeners = new Set<() => void>();
  private sequence = FIRST_SEQUENCE;

  constructor(public readonly options: StreamOptions) {
    this.createdAt = options.createdAt ?? options.clock.now();
    this.ordered = Array.from(
      { length: options.shards },
      (_, i) => new Shard(shardId(i, this.createdAt), options.clock),
    );
    this.shards = new Map(this.ordered.map((shard) => [shard.id, shard]));
  }

  /** Minimum sequence number of the stream's records. */
  public get firstSequenceNumber(): string {
    return String(FIRST_SEQUENCE);
  }

  public get lastSequenceNumber(): string {
    return String(this.sequence);
  }

  /**
   * Adds records of changes.
   *
   * @param at time of the write, in milliseconds since the epoch
   */
  public append(changes: readonly Change[], cause: WriteCause, at = this.options.clock.now()): void {
    let added = false;
    for (const change of changes) {
      if (isNoOp(change)) continue;
      this.shardOf(change.key).append(this.record(change, cause, at), at);
      added = true;
    }
    if (added) queueMicrotask(() => this.notify());
  }

  /** Continues at the position of an earlier run. */
  public resume(sequenceNumber: string, trimmed: readonly string[]): void {
    this.sequence = BigInt(sequenceNumber);
    for (const [i, number] of trimmed.entries()) this.ordered[i]?.resumeAfter(number);
  }

  /** Adds a record of an earlier run. */
  public put(shard: number, at: number, record: StreamRecord): void {
    this.ordered[shard]?.append(record, at);
  }

  public onRecords(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /**
   * Returns the shard of a key. Dynalite begins each key with a hash of its partition. The shard depends on this hash,
   * so items of one partition are in the same shard.
   */
  private shardOf(key: string): Shard {
    return this.ordered[Number.parseInt(key.slice(0, 6), 16) % this.ordered.length];
  }

  private record({ before, after }: Change, cause: WriteCause, at: number): StreamRecord {
    const { viewType, region, arn, newId } = this.options;
    const Keys = this.keysOf((after ?? before) as Item);
    const NewImage = viewType.startsWith('NEW') ? after : undefined;
    const OldImage = viewType.endsWith('OLD_IMAGE') || viewType.endsWith('OLD_IMAGES') ? before : undefined;
    const SizeBytes = [Keys, NewImage, OldImage].reduce((sum, image) => sum + (image ? itemBytes(image) : 0), 0);
    return {
      eventID: newId(),
      eventName: !before ? 'INSERT' : !after ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(at / 1000),
        Keys,
        ...(NewImage && { NewImage }),
        ...(OldImage && { OldImage }),
        SequenceNumber: String(++this.sequence),
        SizeBytes,
        StreamViewType: viewType,
      },
      ...(cause === 'time-to-live' && { userIdentity: SERVICE_IDENTITY }),
      eventSourceARN: arn,
    };
  }

  private keysOf(item: Item): Item {
    return Object.fromEntries(
      this.options.table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
    );
  }
}

function isNoOp({ before, after }: Change): boolean {
  return before && after ? sameItem(before, after) : !before && !after;
}

function shardId(index: number, createdAt: number): string {
  const hex = (index + 1).toString(16).padStart(8, '0');
  return `shardId-${String(createdAt).padStart(20, '0')}-${hex}`;
}
