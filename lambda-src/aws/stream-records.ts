import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { decodeRequest, isRequest, type RequestItem } from '../core';
import type { Log } from '../flows/ports';

/** A request as a record of its table's stream shows it, which may be older than the table. */
export interface RequestRecord {
  readonly sequenceNumber: string;
  readonly request: RequestItem;
  /** Time of the write in epoch milliseconds, with a precision of one second. */
  readonly writtenAt: number;
}

/** Reads the requests of stream records. The filters of the mappings pass only records of requests. */
export function requestRecords(event: DynamoDBStreamEvent, log: Log): RequestRecord[] {
  return event.Records.flatMap((record) => toRecord(record, log));
}

function toRecord({ dynamodb }: DynamoDBRecord, log: Log): RequestRecord[] {
  const { NewImage, SequenceNumber, ApproximateCreationDateTime = 0 } = dynamodb ?? {};
  if (!NewImage || !SequenceNumber) return [];
  const item = unmarshall(NewImage as Record<string, AttributeValue>);
  if (!isRequest(item)) return [];
  try {
    const writtenAt = Math.floor(ApproximateCreationDateTime) * 1000;
    return [{ sequenceNumber: SequenceNumber, request: decodeRequest(item), writtenAt }];
  } catch (error) {
    // no retry would make it a request, and it would hold up its shard
    log.error('a record of the stream is not a request, it is dropped', { sequenceNumber: SequenceNumber, error });
    return [];
  }
}
