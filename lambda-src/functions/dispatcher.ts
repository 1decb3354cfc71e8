import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { dispatch } from '../flows/dispatch';
import { ManagementApi } from '../gateway/management-api';
import { type QueueUrls, SqsQueues } from '../gateway/sqs-queues';
import { readEnv, readJson } from '../runtime/config';
import { createDeps } from '../runtime/deps';
import { REQUEST_HANDLER } from '../runtime/http';
import { createLogger, logWith } from '../runtime/observability';
import { requestRecords } from '../runtime/stream-records';

const log = logWith(createLogger('dispatcher'));
const deps = createDeps(log, new ManagementApi(readEnv(['callbackUrl']).callbackUrl, log));
const queues = new SqsQueues(
  new SQSClient({ requestHandler: REQUEST_HANDLER }),
  readJson<Record<string, QueueUrls>>('queues'),
);

/** Consumes the stream of the requests table. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const failed = await dispatch({ ...deps, queues }, requestRecords(event));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
