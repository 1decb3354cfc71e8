import type { Clock, StreamReader, StreamRecord } from '../../types';
import { ShardProgress } from './shard-progress';
import type { StreamMappingSpec } from './specs';
import { type LaneOptions, StreamLane } from './stream-lane';
import { Signal, sleep } from './waiting';

/** Maximum number of records per GetRecords call. */
const READ_LIMIT = 1000;
const READ_RETRY_MS = 1000;

export interface ShardPollerOptions {
  readonly spec: StreamMappingSpec;
  readonly shardId: string;
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly matches: (record: StreamRecord) => boolean;
  readonly lane: Omit<LaneOptions, 'onDone'>;
  /** Sequence number of the last finished record. @default - reading begins at the start of the shard */
  readonly after?: string;
  readonly onReadError: (error: unknown) => void;
  /** Called with each new {@link ShardPoller.checkpoint}. */
  readonly onCheckpoint?: (sequenceNumber: string) => void;
}

/**
 * Reads one shard and discards records that no filter accepts. It passes the other records to its lanes according to
 * the item's key.
 */
export class ShardPoller {
  private readonly progress: ShardProgress;
  private readonly lanes: StreamLane[];
  private readonly hint = new Signal();
  private readonly drained = new Signal();
  private readonly capacity: number;
  private position: string | undefined;

  public constructor(private readonly options: ShardPollerOptions) {
    const { spec, lane, after } = options;
    this.progress = new ShardProgress(after);
    this.position = after;
    const count = spec.parallelizationFactor ?? 1;
    this.capacity = Math.max(READ_LIMIT, 2 * spec.batchSize * count);
    const onDone = (records: readonly StreamRecord[]) => this.finish(records);
    this.lanes = Array.from({ length: count }, () => new StreamLane({ ...lane, onDone }));
  }

  /**
   * Sequence number up to which all records are finished. After a restart, the poller continues with the next record.
   */
  public get checkpoint(): string | undefined {
    return this.progress.checkpoint;
  }

  /** Reads immediately, because there may be new records. */
  public wake(): void {
    this.hint.raise();
  }

  public async run(abort: AbortSignal): Promise<void> {
    await Promise.all([this.poll(abort), ...this.lanes.map((lane) => lane.run(abort))]);
  }

  private async poll(abort: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!abort.aborted) {
      if (this.progress.pending >= this.capacity) {
        await this.drained.wait(clock, abort);
        continue;
      }
      this.hint.clear();
      const records = await this.read(abort);
      if (abort.aborted) return;
      if (records.length === 0) await this.hint.wait(clock, abort);
      for (const record of records) this.accept(record);
    }
  }

  private async read(abort: AbortSignal): Promise<StreamRecord[]> {
    const { reader, shardId, clock, onReadError } = this.options;
    const position = this.position === undefined ? 'TRIM_HORIZON' : { after: this.position };
    try {
      return (await reader.read(shardId, position, READ_LIMIT)).records;
    } catch (error) {
      if (abort.aborted) return [];
      onReadError(error);
      await sleep(clock, READ_RETRY_MS, abort);
      this.hint.raise();
      return [];
    }
  }

  private accept(record: StreamRecord): void {
    this.position = record.dynamodb.SequenceNumber;
    this.progress.read(record);
    if (this.options.matches(record)) this.laneOf(record).add(record);
    else this.finish([record]);
  }

  private finish(records: readonly StreamRecord[]): void {
    const before = this.progress.checkpoint;
    this.progress.finish(records);
    const { checkpoint } = this.progress;
    if (checkpoint !== undefined && checkpoint !== before) this.options.onCheckpoint?.(checkpoint);
    this.drained.raise();
  }

  private laneOf(record: StreamRecord): StreamLane {
    return this.lanes.length === 1 ? this.lanes[0] : this.lanes[hashOf(record) % this.lanes.length];
  }
}

/** Returns a hash of the item's key (FNV-1a), which is the same for all records of an item. */
function hashOf({ dynamodb }: StreamRecord): number {
  const key = JSON.stringify(Object.entries(dynamodb.Keys).sort(([a], [b]) => (a < b ? -1 : 1)));
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
