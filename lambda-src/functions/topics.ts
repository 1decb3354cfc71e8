import { SQSClient } from '@aws-sdk/client-sqs';
import type { TopicRule } from '../core/topic-rules';
import type { AnswerTopic } from '../flows/route';
import { answerTopic, type Topics } from '../flows/topics';
import { PublishQueue } from '../gateway/publish-queue';
import { readEnv, readJson } from '../runtime/config';
import { REQUEST_HANDLER } from '../runtime/http';

/** The part of the router that serves topics. It is in the bundle of an API that has some, and in no other. */
export function createTopics(): AnswerTopic {
  // SQS may answer a repetition with the digest of the message that it repeats
  const client = new SQSClient({ requestHandler: REQUEST_HANDLER, md5: false });
  const topics: Topics = {
    rules: readJson<TopicRule[]>('topics'),
    publisher: new PublishQueue(client, readEnv(['publishQueue']).publishQueue),
  };
  return (deps, connection, message) => answerTopic(deps, topics, connection, message);
}
