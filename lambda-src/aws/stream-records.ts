import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { asRequest, type RequestItem } from '../core';

/** A request as a record of its table's stream shows it, which may be older than the table. */
export interface RequestRecord {
  readonly sequenceNumber: string;
  readonly request: RequestItem;
  /** Time of the write in epoch milliseconds, with a precision of one second. */
  readonly writtenAt: number;
}

/** Reads the requests of stream records. The filters of the mappings pass only records of requests. */
export function requestRecords(event: DynamoDBStreamEvent): RequestRecord[] {
  return event.Records.flatMap(toRecord);
}

function toRecord({ dynamodb }: DynamoDBRecord): RequestRecord[] {
  const { NewImage, SequenceNumber, ApproximateCreationDateTime = 0 } = dynamodb ?? {};
  if (!NewImage || !SequenceNumber) return [];
  const request = asRequest(unmarshall(NewImage as Record<string, AttributeValue>));
  if (request.status === undefined) return [];
  return [{ sequenceNumber: SequenceNumber, request, writtenAt: Math.floor(ApproximateCreationDateTime) * 1000 }];
}
