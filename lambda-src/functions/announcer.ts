import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { ENV } from '../../src/contract';
import { EventBus } from '../aws/event-bus';
import { WebhookQueue } from '../aws/sqs-queues';
import { requestRecords } from '../aws/stream-records';
import { announce, type Sink } from '../flows/announcements/announce';
import { createLogger, logWith, platform, REQUEST_HANDLER, readEnv } from '../runtime';

const log = logWith(createLogger('announcer'));
const deps = { sinks: createSinks(), api: readEnv(['apiName']).apiName, platform, log };

/** Handles records of the stream of the requests table: announces the requests that have ended. */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const records = requestRecords(event, log).map(({ writtenAt, ...record }) => ({ ...record, endedAt: writtenAt }));
  const failed = await announce(deps, records);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Creates the sinks that the construct configured: a bus, a webhook, or both. */
function createSinks(): Sink[] {
  const { [ENV.eventBus]: bus, [ENV.webhookQueueUrl]: queueUrl } = process.env;
  const options = { requestHandler: REQUEST_HANDLER };
  return [
    ...(bus ? [new EventBus(new EventBridgeClient(options), bus)] : []),
    ...(queueUrl ? [new WebhookQueue(new SQSClient(options), queueUrl)] : []),
  ];
}
