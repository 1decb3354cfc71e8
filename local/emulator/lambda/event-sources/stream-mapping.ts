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
  /** Persistent storage of positions. @default - only in memory */
  readonly positions?: KeptPositions;
  /** Called with the description of each discarded batch, which is for the on-failure destination. */
  readonly onFailure?: (failure: StreamFailure) => void;
}

/** Persistent position of a mapping in each shard of its stream. */
export interface KeptPositions {
  /** Returns the position: undefined for an unknown shard, null for the start of a shard. */
  get(shardId: string): string | null | undefined;
  set(shardId: string, sequenceNumber: string | null): void;
}

/** Polls a table's stream and invokes a function. One batch is in flight per shard and lane. */
export class StreamMapping {
  private readonly clock: Clock;
  private readonly patterns: readonly ((event: unknown) => boolean)[];
  private readonly pollers = new Map<string, { readonly poller: ShardPoller; readonly ended: Promise<void> }>();
  /** Checkpoints by shard, which are kept when the mapping stops. A missing shard has no known checkpoint. */
  private readonly checkpoints = new Map<string, string | undefined>();
  private abort: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;
  private discovery: Promise<void> = Promise.resolve();
  private discoveryQueued = false;

  /** @throws FilterPatternError for an unsupported filter */
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
   * Starts polling. The promise resolves when the position in each shard is known. With `LATEST`, only records that are
   * written after this time are delivered. A stopped mapping continues after its checkpoint.
   */
  public async start(): Promise<void> {
    if (this.spec.enabled === false || this.abort) return;
    const abort = new AbortController();
    // removes the limit of listeners, because each wait of each lane adds one
    setMaxListeners(0, abort.signal);
    this.abort = abort;
    this.discovery = this.discover(this.spec.startingPosition);
    await this.discovery;
    if (abort.signal.aborted) return;
    this.unsubscribe = this.reader.onRecords(() => this.onHint());
    this.onHint();
  }

  /** Stops polling and waits for the batches in flight. Failed batches are not retried any more. */
  public async stop(): Promise<void> {
    this.abort?.abort();
    this.unsubscribe?.();
    await this.discovery;
    await Promise.all([...this.pollers.values()].map(({ ended }) => ended));
    for (const [shardId, { poller }] of this.pollers) this.checkpoints.set(shardId, poller.checkpoint);
    this.pollers.clear();
    this.abort = undefined;
  }

  /** Returns the sequence number of a shard up to which all records were processed, filtered out or discarded. */
  public checkpoint(shardId: string): string | undefined {
    return this.pollers.get(shardId)?.poller.checkpoint ?? this.checkpoints.get(shardId);
  }

  private onHint(): void {
    for (const { poller } of this.pollers.values()) poller.wake();
    // Shards that appear later are children of known shards, so they are read from their start.
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

  /** Returns the newest record. Reading starts after it. */
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
    this.report('error', `discarded ${segment.records.length} records (${condition})`);
    options.onFailure?.({ destinationArn: spec.onFailureArn, message });
  }

  private report(level: 'warn' | 'error', message: string, detail?: string): void {
    this.options.log({ source: `stream → ${this.spec.functionName}`, level, message, detail });
  }
}
