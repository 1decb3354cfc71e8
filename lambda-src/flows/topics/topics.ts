import type { TopicRule } from '../../../src/contract';
import {
  allows,
  decodeTopicEntry,
  decodeTopicHead,
  eq,
  expiry,
  membershipKey,
  openTopic,
  type TopicEntry,
  type TopicHead,
  type TopicMessage,
  topicFrame,
  topicHeadKey,
  topicKey,
  topicLogKey,
} from '../../core';
import {
  CONSTANTS,
  exceedsBytes,
  type PublishAckFrame,
  type PublishMessage,
  StreamerError,
  type SubscribeAckFrame,
  type SubscribeMessage,
  type TopicMessageFrame,
  type UnsubscribeAckFrame,
  type UnsubscribeMessage,
} from '../../protocol';
import { type Connection, join } from '../connect/connection';
import { type ReadableLog, readPage } from '../log/read-log';
import { type Deps, writeTimeOf } from '../ports';

/** Publishes messages. Once the publisher has accepted a message, the message will be stored. */
export interface Publisher {
  publish(message: TopicMessage): Promise<void>;
}

/** Settings with which the router serves topics. */
export interface Topics {
  readonly rules: readonly TopicRule[];
  readonly publisher: Publisher;
}

export type TopicClientMessage = SubscribeMessage | UnsubscribeMessage | PublishMessage;

/** Answers a message about a topic. */
export async function answerTopic(deps: Deps, topics: Topics, connection: Connection, message: TopicClientMessage) {
  if (message.type === 'unsubscribe') return unsubscribe(deps, connection, message);
  const { type, topic } = message;
  if (!allows(topics.rules, connection.user, topic, type)) {
    throw new StreamerError('FORBIDDEN', `This user may not ${type} to the topic.`);
  }
  return message.type === 'publish' ? publish(topics, connection, message) : subscribe(deps, connection, message);
}

async function publish(
  { publisher }: Topics,
  { tenant }: Connection,
  { topic, id, data }: PublishMessage,
): Promise<PublishAckFrame> {
  // Measures the serialized data, because parsing can change its length: 1e20 becomes longer. A message that is acknowledged must fit into the
  // subscribers' frames.
  if (exceedsBytes(JSON.stringify({ type: 'publish', topic, id, data }), CONSTANTS.limits.clientFrameBytes)) {
    throw new StreamerError('MESSAGE_TOO_LARGE', 'The data takes too many bytes when it is serialized. Send less.');
  }
  await publisher.publish({ tenant, topic, id, data });
  return { type: 'ack', for: 'publish', id, topic };
}

async function unsubscribe(
  { store }: Deps,
  { tenant, connectionId, connectedAt }: Connection,
  { topic }: UnsubscribeMessage,
): Promise<UnsubscribeAckFrame> {
  const key = membershipKey(topicKey(tenant, topic), connectionId);
  await store.write({ kind: 'delete', table: 'subscriptions', key, when: eq('connectedAt', connectedAt) });
  return { type: 'ack', for: 'unsubscribe', topic };
}

/** Adds the member before it reads the log. Messages that are appended in between are read and also sent, and the client drops the duplicates. */
async function subscribe(deps: Deps, connection: Connection, message: SubscribeMessage): Promise<SubscribeAckFrame> {
  const { topic, offset, epoch } = message;
  const key = topicKey(connection.tenant, topic);
  await join(deps, connection, { key: membershipKey(key, connection.connectionId) });
  const head = await headOf(deps, key);
  const ack = { type: 'ack', for: 'subscribe', topic, epoch: head.epoch } as const;
  if (offset === undefined) return { ...ack, offset: head.next };
  const isSameLog = epoch === undefined || epoch === head.epoch;
  const page = await readPage(logOf(deps, topic, key, head), isSameLog ? offset : 0);
  return {
    ...ack,
    offset: page.next,
    entries: page.entries,
    recovered: isSameLog && page.recovered,
    ...(page.more && { more: true }),
  };
}

/**
 * Returns the topic's head. If there is no head, creates the topic, so that its first message already has the epoch that subscribers have received.
 */
export async function headOf(deps: Deps, topic: string): Promise<TopicHead> {
  const found = await deps.store.get('events', topicHeadKey(topic));
  if (found) return decodeTopicHead(found);
  const epoch = deps.platform.newId();
  const { applied, item } = await deps.store.write(openTopic(topic, epoch, expiry(writeTimeOf(deps))));
  return applied || !item ? { epoch, next: 0 } : decodeTopicHead(item);
}

const logOf = (
  { store }: Deps,
  topic: string,
  key: string,
  head: TopicHead,
): ReadableLog<TopicEntry, TopicMessageFrame> => ({
  read: async (from, limit) => {
    const items = await store.query({ table: 'events', partition: topicLogKey(key, head.epoch), from, limit });
    return items.map(decodeTopicEntry);
  },
  nextOffset: () => head.next,
  frameOf: (entry) => topicFrame(topic, head.epoch, entry),
});
