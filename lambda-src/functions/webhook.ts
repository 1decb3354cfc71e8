import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { postJson } from '../aws/http-post';
import { SecretKeys } from '../aws/secret-keys';
import { changeVisibility } from '../aws/sqs-queues';
import { deliver } from '../flows/announcements/webhook';
import { createLogger, logWith, platform, REQUEST_HANDLER, readJson } from '../runtime';

const config = readJson('webhook');
const log = logWith(createLogger('webhook'));
const sqs = new SQSClient({ requestHandler: REQUEST_HANDLER });
const secrets = new SecretsManagerClient({ requestHandler: REQUEST_HANDLER });
const keys = new SecretKeys(secrets, config.secretArn, platform.now);

const shared = {
  policy: config,
  platform,
  log,
  keys: () => keys.get(),
  post: (headers: Record<string, string>, body: string) =>
    postJson(config.url, headers, body, { timeoutMs: config.timeoutMs, now: platform.now }),
  deadLetter: async (body: string) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: config.deadLetterQueueUrl, MessageBody: body }));
  },
};

/** Handles messages of the webhook's queue: posts each of them to the receiver. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const done = await Promise.all(event.Records.map(deliverRecord));
  const failed = event.Records.filter((_, index) => !done[index]);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function deliverRecord({ messageId, body, receiptHandle, attributes }: SQSRecord): Promise<boolean> {
  return deliver(
    { ...shared, hide: (_, seconds) => changeVisibility(sqs, config.queueUrl, receiptHandle, seconds) },
    { messageId, body, attempt: Number(attributes.ApproximateReceiveCount) },
  );
}
