import { randomUUID } from 'node:crypto';
import type { InvokeResult, StreamRecord } from '../../types';
import type { FailureCondition, StreamFailureMessage, StreamMappingSpec } from './specs';
import type { Segment } from './stream-decision';

export interface Discard {
  readonly spec: StreamMappingSpec;
  readonly shardId: string;
  readonly segment: Segment;
  readonly condition: FailureCondition;
  readonly now: number;
  readonly newId?: () => string;
}

/**
 * Creates the message for an on-failure destination. It contains the position of the records in the stream, not the
 * records.
 */
export function failureMessage({
  spec,
  shardId,
  segment,
  condition,
  now,
  newId = randomUUID,
}: Discard): StreamFailureMessage {
  const first = segment.records[0];
  const last = segment.records[segment.records.length - 1];
  return {
    requestContext: {
      requestId: newId(),
      functionArn: spec.functionArn ?? spec.functionName,
      condition,
      approximateInvokeCount: segment.invokes,
    },
    ...(segment.lastResult && { responseContext: responseContext(segment.lastResult) }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: segment.records.length,
      streamArn: spec.streamArn,
    },
  };
}

function responseContext(result: InvokeResult): StreamFailureMessage['responseContext'] {
  return { statusCode: 200, executedVersion: '$LATEST', functionError: result.ok ? null : 'Unhandled' };
}

export const createdAt = (record: StreamRecord): number => record.dynamodb.ApproximateCreationDateTime * 1000;

/** Returns the time at which a record arrived. As in streams, it has whole seconds. */
const arrival = (record: StreamRecord) => `${new Date(createdAt(record)).toISOString().slice(0, 19)}Z`;
