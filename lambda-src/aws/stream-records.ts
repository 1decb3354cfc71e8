import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { decodeRequest, isRequest, type RequestItem } from '../core';
import type { Log } from '../flows/ports';

/** A request as a stream record contains it. The record may be older than the item in the table. */
export interface RequestRecord {
  readonly sequenceNumber: string;
  readonly request: RequestItem;
  /** Time of the write in epoch milliseconds, with a precision of one second. */
  readonly writtenAt: number;
}

/** Reads the requests from stream records. The filters of the event source mappings only pass records of requests. */
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
    // The record is dropped: it would be invalid in each retry, and the retries would block its shard.
    log.error('a record of the stream is not a request and was dropped', { sequenceNumber: SequenceNumber, error });
    return [];
  }
}
