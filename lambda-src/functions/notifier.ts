import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { BOUNDS, METRICS } from '../../src/contract';
import { createGateway } from '../aws/connections';
import { changeVisibilities, PublishQueue } from '../aws/sqs-queues';
import { notify } from '../flows/topics/notify';
import { Pace } from '../flows/topics/pace';
import type { PublishRecord, QueuedMessage } from '../flows/topics/queue-message';
import { createDeps, createLogger, createMetrics, logWith, REQUEST_HANDLER, readEnv } from '../runtime';

/** Milliseconds reserved for the last pages of subscribers: 400 posts, 32 at a time. They take 20 s if no connection answers. */
const LAST_PAGES_MS = 20_000;
/**
 * Number of subscribers from which on several invocations send each message of a topic. One vCPU sends a few thousand frames per second at most, so the
 * next message would otherwise wait for a noticeable time.
 */
const LARGE_FROM = 1_000;

const { callbackUrl, publishQueue, topicRate } = readEnv(['callbackUrl', 'publishQueue', 'topicRate']);
const log = logWith(createLogger('notifier'));
const metrics = createMetrics('notifier');
const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
const queue = new PublishQueue(sqs, publishQueue);
const shared = createDeps(log, createGateway(callbackUrl, log));

/** Limits the frames of all invocations of this process. */
const pace = new Pace(shared, { framesPerSecond: Number(topicRate), processes: BOUNDS.notifiers });

/** Handles messages of the queue of topics. This function is the only one that writes the logs of topics. */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<SQSBatchResponse> {
  const deadline = shared.platform.now() + context.getRemainingTimeInMillis() - LAST_PAGES_MS;
  let published = 0;
  const onPublished = () => void published++;
  const deps = { ...shared, pace, deadline, hide, send, largeFrom: LARGE_FROM, onPublished };
  const failed = await notify(deps, event.Records.map(toRecord));
  metrics.add(METRICS.messagesPublished, published);
  metrics.publish();
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

const send = (messages: readonly QueuedMessage[]): Promise<void> => queue.send(messages);

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
