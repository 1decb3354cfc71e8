import { SQSClient } from '@aws-sdk/client-sqs';
import { PublishQueue } from '../aws/sqs-queues';
import type { AnswerTopic } from '../flows/requests/route';
import { answerTopic, type Publisher, type Topics } from '../flows/topics/topics';
import { REQUEST_HANDLER, readEnv, readJson } from '../runtime';

/** The part of the router that serves topics. Only bundles of APIs with topics contain it. */
export function createTopics(): AnswerTopic {
  const rules = readJson('topics');
  const topics: Topics = { rules, publisher: rules.some(({ publish }) => publish) ? createPublisher() : noPublisher };
  return (deps, connection, message) => answerTopic(deps, topics, connection, message);
}

function createPublisher(): Publisher {
  // SQS may answer a retry with the digest of the first message, so the client must not compare digests.
  const client = new SQSClient({ requestHandler: REQUEST_HANDLER, md5: false });
  return new PublishQueue(client, readEnv(['publishQueue']).publishQueue);
}

/**
 * Publisher of an API whose users may not publish to any topic. The function has no permission to publish, and the rules refuse each message before
 * it gets here.
 */
const noPublisher: Publisher = {
  publish: () => Promise.reject(new Error('this function has no right to publish')),
};
