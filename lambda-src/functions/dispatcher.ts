import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { asRequest } from '../core/request';
import { dispatch, type OutboxRecord } from '../flows/dispatch';
import { ManagementApi } from '../gateway/management-api';
import { type QueueUrls, SqsQueues } from '../gateway/sqs-queues';
import { readEnv, readJson } from '../runtime/config';
import { createDeps } from '../runtime/deps';
import { REQUEST_HANDLER } from '../runtime/http';
import { createLogger, logWith } from '../runtime/observability';

const log = logWith(createLogger('dispatcher'));
const deps = createDeps(log, new ManagementApi(readEnv(['callbackUrl']).callbackUrl, log));
const queues = new SqsQueues(
  new SQSClient({ requestHandler: REQUEST_HANDLER }),
  readJson<Record<string, QueueUrls>>('queues'),
);

/** Consumes the stream of the requests table. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failed = await dispatch({ ...deps, queues }, event.Records.flatMap(toRecord));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** The filter of the mapping lets only requests through; anything else here is no work. */
function toRecord({ dynamodb }: DynamoDBRecord): OutboxRecord[] {
  const { NewImage, SequenceNumber } = dynamodb ?? {};
  if (!NewImage || !SequenceNumber) return [];
  const request = asRequest(unmarshall(NewImage as Record<string, AttributeValue>));
  return request.status === undefined ? [] : [{ sequenceNumber: SequenceNumber, request }];
}
