import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { METRICS } from '../../src/contract';
import { createGateway } from '../aws/connections';
import { changeVisibilities } from '../aws/sqs-queues';
import { notify } from '../flows/topics/notify';
import type { PublishRecord } from '../flows/topics/queue-message';
import { createDeps, createLogger, createMetrics, logWith, REQUEST_HANDLER, readEnv } from '../runtime';

/** Milliseconds reserved for the last pages of subscribers: 400 posts, 32 at a time. They take 20 s if no connection answers. */
const LAST_PAGES_MS = 20_000;

const { callbackUrl, publishQueue } = readEnv(['callbackUrl', 'publishQueue']);
const log = logWith(createLogger('notifier'));
const metrics = createMetrics('notifier');
const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
const shared = createDeps(log, createGateway(callbackUrl, log));

/** Handles messages of the queue of topics. This function is the only one that writes the logs of topics. */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SQSBatchResponse> {
  const deadline = shared.platform.now() + context.getRemainingTimeInMillis() - LAST_PAGES_MS;
  const failed = await notify({ ...shared, deadline, hide }, event.Records.map(toRecord));
  metrics.add(METRICS.messagesPublished, event.Records.length - failed.length);
  metrics.publish();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function hide(records: readonly PublishRecord[], seconds: number): Promise<void> {
  return changeVisibilities(
    sqs,
    publishQueue,
    records.map(({ receiptHandle }) => receiptHandle),
    seconds,
  );
}

function toRecord({ messageId, body, receiptHandle, attributes }: SQSRecord): PublishRecord {
  return { messageId, body, receiptHandle, receive: Number(attributes.ApproximateReceiveCount) };
}
