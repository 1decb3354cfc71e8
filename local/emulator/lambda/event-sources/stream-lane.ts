import type { Clock, InvokeResult, StreamRecord } from '../../types';
import type { FailureCondition, StreamMappingSpec } from './specs';
import { decide, type Segment, type Verdict, verdictOf } from './stream-decision';
import { createdAt } from './stream-failure';
import { backoffMs, Signal, sleep } from './waiting';

/** Maximum size of an event in bytes. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Time in milliseconds for which a stream keeps its records. */
const RETENTION_MS = 24 * 3_600_000;

export interface LaneOptions {
  readonly spec: StreamMappingSpec;
  readonly clock: Clock;
  /** Invokes the function. The promise rejects if the batch did not reach the function. */
  readonly invoke: (records: readonly StreamRecord[]) => Promise<InvokeResult>;
  readonly onDone: (records: readonly StreamRecord[]) => void;
  readonly onDiscard: (segment: Segment, condition: FailureCondition) => void;
  readonly onTrouble: (segment: Segment, reason: string) => void;
}

/**
 * Delivers records of a shard in order. Each lane gets the records of certain keys. Only one batch of a lane is in
 * flight at a time.
 */
export class StreamLane {
  private readonly buffer: { readonly record: StreamRecord; readonly since: number; readonly bytes: number }[] = [];
  private readonly changed = new Signal();

  public constructor(private readonly options: LaneOptions) {}

  public add(record: StreamRecord): void {
    const bytes = Buffer.byteLength(JSON.stringify(record));
    this.buffer.push({ record, since: this.options.clock.now(), bytes });
    this.changed.raise();
  }

  public async run(abort: AbortSignal): Promise<void> {
    while (!abort.aborted) {
      const records = await this.nextBatch(abort);
      if (records.length > 0 && !abort.aborted) await this.deliver({ records, invokes: 0, retries: 0 }, abort);
    }
  }

  /** Waits for the first record. Then it waits until the batch is full or the batching window ends. */
  private async nextBatch(abort: AbortSignal): Promise<StreamRecord[]> {
    const { clock, spec } = this.options;
    while (this.buffer.length === 0 && !abort.aborted) await this.changed.wait(clock, abort);
    while (!abort.aborted && !this.isFull()) {
      const left = this.buffer[0].since + (spec.maximumBatchingWindowMs ?? 0) - clock.now();
      if (left <= 0) break;
      await this.changed.wait(clock, abort, left);
    }
    return this.buffer.splice(0, this.batchLength()).map(({ record }) => record);
  }

  private isFull(): boolean {
    const length = this.batchLength();
    return length >= this.options.spec.batchSize || length < this.buffer.length;
  }

  /** Returns the number of waiting records that fit into one event. It is at least one. */
  private batchLength(): number {
    let bytes = 0;
    let length = 0;
    for (const entry of this.buffer) {
      bytes += entry.bytes;
      if (length === this.options.spec.batchSize || (length > 0 && bytes > MAX_PAYLOAD_BYTES)) break;
      length++;
    }
    return length;
  }

  /**
   * Delivers records until each is processed or discarded. After an abort, the unfinished records will be read again.
   */
  private async deliver(first: Segment, abort: AbortSignal): Promise<void> {
    const open: Segment[] = [first];
    let failures = 0;
    while (open.length > 0 && !abort.aborted) {
      const segment = this.dropExpired(open.shift() as Segment);
      if (segment.records.length === 0) continue;
      const result = await this.tryInvoke(segment);
      if (result) {
        const wait = this.settle({ ...segment, invokes: segment.invokes + 1, lastResult: result }, result, open);
        failures = wait ? failures + 1 : 0;
      } else {
        open.unshift(segment);
        failures++;
      }
      if (failures > 0) await sleep(this.options.clock, backoffMs(failures), abort);
    }
  }

  /**
   * Invokes the function once. If the call was throttled or failed, it did not reach the function. It is then repeated
   * and does not count as an attempt.
   */
  private async tryInvoke(segment: Segment): Promise<InvokeResult | undefined> {
    try {
      return await this.options.invoke(segment.records);
    } catch (error) {
      this.options.onTrouble(segment, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      return undefined;
    }
  }

  /**
   * Applies the result of an invocation.
   *
   * @returns whether to wait before the next delivery
   */
  private settle(segment: Segment, result: InvokeResult, open: Segment[]): boolean {
    const { spec, onDone, onDiscard, onTrouble } = this.options;
    const verdict = verdictOf(result, segment.records, spec.reportBatchItemFailures ?? false);
    const decision = decide(segment, verdict, spec);
    if (verdict.kind !== 'done') onTrouble(segment, describe(result, verdict));
    if (decision.discarded) onDiscard(decision.discarded, 'RetryAttemptsExhausted');
    onDone(segment.records.slice(0, decision.done));
    open.unshift(...decision.next);
    return decision.wait;
  }

  /** Discards records that are too old. The newer records are still delivered. */
  private dropExpired(segment: Segment): Segment {
    const { spec, clock, onDiscard, onDone } = this.options;
    const { maximumRecordAgeMs = -1 } = spec;
    const limit = maximumRecordAgeMs < 0 ? RETENTION_MS : maximumRecordAgeMs;
    const young = segment.records.findIndex((record) => clock.now() - createdAt(record) <= limit);
    const count = young < 0 ? segment.records.length : young;
    if (count === 0) return segment;
    const expired = segment.records.slice(0, count);
    onDiscard({ ...segment, records: expired }, 'RecordAgeExceeded');
    onDone(expired);
    return { ...segment, records: segment.records.slice(count) };
  }
}

function describe(result: InvokeResult, verdict: Verdict): string {
  if (!result.ok) return result.error.errorType;
  return verdict.kind === 'partial' ? 'it reported failed records' : 'its response is not a valid report';
}
