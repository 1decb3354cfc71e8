import type { InvokeResult, StreamRecord } from '../../types';
import type { StreamMappingSpec } from './specs';

/** Records of one lane that are delivered in one event. */
export interface Segment {
  readonly records: readonly StreamRecord[];
  /** Number of invocations whose batches contained these records. */
  readonly invokes: number;
  /** Number of retries that count for the mapping's maximum. */
  readonly retries: number;
  /** Result of the last invocation with these records. */
  readonly lastResult?: InvokeResult;
}

/** Outcome of a batch. `from` is the index of the first record to deliver again. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'partial'; readonly from: number }
  | { readonly kind: 'failed' };

export interface Decision {
  /** Number of finished records, counted from the first one. */
  readonly done: number;
  /** Records to deliver next, in this order. */
  readonly next: readonly Segment[];
  readonly discarded?: Segment;
  /** Whether to wait before the next delivery. */
  readonly wait: boolean;
}

export function verdictOf(result: InvokeResult, records: readonly StreamRecord[], report: boolean): Verdict {
  if (!result.ok) return { kind: 'failed' };
  return report ? verdictOfResponse(result.payload, records) : { kind: 'done' };
}

/**
 * Applies the rules of `ReportBatchItemFailures`. A missing or empty list means success. If there are several items,
 * the one with the lowest position counts. An item without an identifier, or with an unknown one, means that the whole
 * batch failed.
 */
function verdictOfResponse(payload: unknown, records: readonly StreamRecord[]): Verdict {
  const response = (payload ?? {}) as { batchItemFailures?: unknown };
  const failures = response.batchItemFailures ?? [];
  if (typeof payload !== 'object' || !Array.isArray(failures))
    return payload == null ? { kind: 'done' } : { kind: 'failed' };
  if (failures.length === 0) return { kind: 'done' };
  const indexes = failures.map((failure) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  return indexes.includes(-1) ? { kind: 'failed' } : { kind: 'partial', from: Math.min(...indexes) };
}

/** Returns the next step after a delivery of `segment`. The counts of the segment include this delivery. */
export function decide(segment: Segment, verdict: Verdict, spec: StreamMappingSpec): Decision {
  if (verdict.kind === 'done') return { done: segment.records.length, next: [], wait: false };
  if (verdict.kind === 'partial') return afterPartial(segment, verdict.from, spec);
  if (spec.bisect && segment.records.length > 1) return { done: 0, next: halves(segment), wait: false };
  return retry(segment, 0, spec);
}

/**
 * Returns the next step after a partial failure. With bisection, the batch is split at the reported record, and a split
 * does not count as a retry.
 */
function afterPartial(segment: Segment, from: number, spec: StreamMappingSpec): Decision {
  const rest = { ...segment, records: segment.records.slice(from) };
  if (spec.bisect && from > 0) return { done: from, next: [rest], wait: false };
  return retry(rest, from, spec);
}

function halves(segment: Segment): Segment[] {
  const middle = Math.ceil(segment.records.length / 2);
  const { records } = segment;
  return [
    { ...segment, records: records.slice(0, middle) },
    { ...segment, records: records.slice(middle) },
  ];
}

function retry(segment: Segment, done: number, { maximumRetryAttempts = -1 }: StreamMappingSpec): Decision {
  if (maximumRetryAttempts >= 0 && segment.retries >= maximumRetryAttempts) {
    return { done: done + segment.records.length, next: [], discarded: segment, wait: false };
  }
  return { done, next: [{ ...segment, retries: segment.retries + 1 }], wait: true };
}
