import { setMaxListeners } from 'node:events';
import { type Clock, type FunctionInvoker, type LogSink, type StreamReader, systemClock } from '../../types';
import { compilePattern } from './filter-pattern';
import { ShardPoller } from './shard-poller';
import type { FailureCondition, StreamFailure, StreamMappingSpec } from './specs';
import type { Segment } from './stream-decision';
import { failureMessage } from './stream-failure';

const READ_LIMIT = 1000;

export interface StreamMappingOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Storage of positions. @default - in memory only */
  readonly positions?: KeptPositions;
  /** Gets the description of each discarded batch, for the destination to be sent to. */
  readonly onFailure?: (failure: StreamFailure) => void;
}

/** Position of a mapping in each shard of its stream, persisted across runs. */
export interface KeptPositions {
  /** Undefined for an unknown shard, null for the beginning of a shard. */
  get(shardId: string): string | null | undefined;
  set(shardId: string, sequenceNumber: string | null): void;
}

/** A poller of a table's stream that invokes a function, one batch in flight per shard and lane. */
export class StreamMapping {
  private readonly clock: Clock;
  private readonly patterns: readonly ((event: unknown) => boolean)[];
  private readonly pollers = new Map<string, { readonly poller: ShardPoller; readonly ended: Promise<void> }>();
  /** Finished records by shard, kept over a stop. Absent: not known yet. */
  private readonly checkpoints = new Map<string, string | undefined>();
  private abort: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;
  private discovery: Promise<void> = Promise.resolve();
  private discoveryQueued = false;

  /** @throws FilterPatternError for a filter that cannot be applied */
  public constructor(
    private readonly spec: StreamMappingSpec,
    private readonly reader: StreamReader,
    private readonly invoker: FunctionInvoker,
    private readonly options: StreamMappingOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.patterns = (spec.filters ?? []).map(compilePattern);
  }

  /**
   * Begins to poll. Resolves when the position in each shard is known: with `LATEST`, records written after
   * that are delivered. A mapping that was stopped continues after its checkpoint.
   */
  public async start(): Promise<void> {
    if (this.spec.enabled === false || this.abort) return;
    const abort = new AbortController();
    // Each wait of each lane listens to it.
    setMaxListeners(0, abort.signal);
    this.abort = abort;
    this.discovery = this.discover(this.spec.startingPosition);
    await this.discovery;
    if (abort.signal.aborted) return;
    this.unsubscribe = this.reader.onRecords(() => this.onHint());
    this.onHint();
  }

  /** Ends polling when the batches in flight are answered. Nothing is retried after that. */
  public async stop(): Promise<void> {
    this.abort?.abort();
    this.unsubscribe?.();
    await this.discovery;
    await Promise.all([...this.pollers.values()].map(({ ended }) => ended));
    for (const [shardId, { poller }] of this.pollers) this.checkpoints.set(shardId, poller.checkpoint);
    this.pollers.clear();
    this.abort = undefined;
  }

  /** The last sequence number of a shard up to which every record is processed, filtered out or discarded. */
  public checkpoint(shardId: string): string | undefined {
    return this.pollers.get(shardId)?.poller.checkpoint ?? this.checkpoints.get(shardId);
  }

  private onHint(): void {
    for (const { poller } of this.pollers.values()) poller.wake();
    // Shards that appear later are children of known ones: nothing of them may be missed.
    if (this.discoveryQueued) return;
    this.discoveryQueued = true;
    this.discovery = this.discovery.then(() => {
      this.discoveryQueued = false;
      return this.discover('TRIM_HORIZON');
    });
  }

  private async discover(position: 'LATEST' | 'TRIM_HORIZON'): Promise<void> {
    try {
      for (const shardId of await this.reader.shards()) {
        if (this.pollers.has(shardId)) continue;
        if (!this.checkpoints.has(shardId)) this.checkpoints.set(shardId, await this.firstPosition(shardId, position));
        this.poll(shardId);
      }
    } catch (error) {
      if (!this.abort?.signal.aborted) this.report('error', 'the stream cannot be read', String(error));
    }
  }

  private async firstPosition(shardId: string, position: 'LATEST' | 'TRIM_HORIZON'): Promise<string | undefined> {
    const { positions } = this.options;
    const kept = positions?.get(shardId);
    if (kept !== undefined) return kept ?? undefined;
    const first = position === 'LATEST' ? await this.tailOf(shardId) : undefined;
    positions?.set(shardId, first ?? null);
    return first;
  }

  /** The newest existing record; reading starts after it. */
  private async tailOf(shardId: string): Promise<string | undefined> {
    let tail: string | undefined;
    for (;;) {
      const { records } = await this.reader.read(
        shardId,
        tail === undefined ? 'TRIM_HORIZON' : { after: tail },
        READ_LIMIT,
      );
      if (records.length === 0) return tail;
      tail = records[records.length - 1].dynamodb.SequenceNumber;
    }
  }

  private poll(shardId: string): void {
    const signal = this.abort?.signal;
    if (!signal || signal.aborted) return;
    const { spec, reader, clock } = this;
    const poller = new ShardPoller({
      spec,
      shardId,
      reader,
      clock,
      after: this.checkpoints.get(shardId),
      matches: (record) => this.patterns.length === 0 || this.patterns.some((matches) => matches(record)),
      lane: {
        spec,
        clock,
        invoke: (records) => this.invoker.invoke(spec.functionName, { Records: records }),
        onDiscard: (segment, condition) => this.discard(shardId, segment, condition),
        onTrouble: (segment, reason) => this.report('warn', `batch of ${segment.records.length} failed: ${reason}`),
      },
      onCheckpoint: (sequenceNumber) => this.options.positions?.set(shardId, sequenceNumber),
      onReadError: (error) => this.report('error', `shard ${shardId} cannot be read`, String(error)),
    });
    this.pollers.set(shardId, { poller, ended: poller.run(signal) });
  }

  private discard(shardId: string, segment: Segment, condition: FailureCondition): void {
    const { spec, options } = this;
    const message = failureMessage({
      spec,
      shardId,
      segment,
      condition,
      now: this.clock.now(),
      newId: options.newId,
    });
    this.report('error', `gave up on ${segment.records.length} records (${condition})`);
    options.onFailure?.({ destinationArn: spec.onFailureArn, message });
  }

  private report(level: 'warn' | 'error', message: string, detail?: string): void {
    this.options.log({ source: `stream → ${this.spec.functionName}`, level, message, detail });
  }
}
