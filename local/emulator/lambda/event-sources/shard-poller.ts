import type { Clock, StreamReader, StreamRecord } from '../../types';
import { ShardProgress } from './shard-progress';
import type { StreamMappingSpec } from './specs';
import { type LaneOptions, StreamLane } from './stream-lane';
import { Signal, sleep } from './waiting';

/** GetRecords returns at most this many records. */
const READ_LIMIT = 1000;
const READ_RETRY_MS = 1000;

export interface ShardPollerOptions {
  readonly spec: StreamMappingSpec;
  readonly shardId: string;
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly matches: (record: StreamRecord) => boolean;
  readonly lane: Omit<LaneOptions, 'onDone'>;
  /** The last record that is finished already; none starts at the shard's beginning. */
  readonly after?: string;
  readonly onReadError: (error: unknown) => void;
  /** Called with each new {@link ShardPoller.checkpoint}. */
  readonly onCheckpoint?: (sequenceNumber: string) => void;
}

/** Reads one shard, drops the records that no filter accepts, and passes the others to its lanes by item key. */
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

  /** Sequence number up to which all records are finished; after a restart, the poller continues with the next record. */
  public get checkpoint(): string | undefined {
    return this.progress.checkpoint;
  }

  /** Continues to read at once, because there may be new records. */
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

/** The same item always has the same number (FNV-1a over its key). */
function hashOf({ dynamodb }: StreamRecord): number {
  const key = JSON.stringify(Object.entries(dynamodb.Keys).sort(([a], [b]) => (a < b ? -1 : 1)));
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
