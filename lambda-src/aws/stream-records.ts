import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { asRequest, type RequestItem } from '../core';

/** A request as a record of its table's stream shows it: it may be older than the table. */
export interface RequestRecord {
  readonly sequenceNumber: string;
  readonly request: RequestItem;
  /** When it was written, epoch milliseconds, to the second. */
  readonly writtenAt: number;
}

/** The filters of the mappings let only requests through; anything else is no record of one. */
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
