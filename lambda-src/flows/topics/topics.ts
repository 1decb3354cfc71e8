import type { TopicRule } from '../../../src/contract';
import {
  allows,
  asTopicEntry,
  asTopicHead,
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
  withoutHoles,
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
import { type Connection, connectionExpiry, stillConnected } from '../connect/connection';
import { type Deps, momentOf } from '../ports';

/** Where messages go that are published; what it has taken is stored. */
export interface Publisher {
  publish(message: TopicMessage): Promise<void>;
}

/** What the router needs to serve topics. */
export interface Topics {
  readonly rules: readonly TopicRule[];
  readonly publisher: Publisher;
}

export type TopicClientMessage = SubscribeMessage | UnsubscribeMessage | PublishMessage;

/** Entries read for one answer; a page also ends before it outgrows a message. */
const PAGE_ENTRIES = 100;
/** Bytes of entries in one answer: a message's limit less the rest of the frame. One entry always goes, however large. */
const PAGE_BYTES = 96 * 1024;

/** Answers a message that is about a topic. */
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
  // 1e20 is longer once it was read: what is acknowledged must fit the subscribers' frames
  if (exceedsBytes(JSON.stringify({ type: 'publish', topic, id, data }), CONSTANTS.limits.clientFrameBytes)) {
    throw new StreamerError('MESSAGE_TOO_LARGE', 'The data takes too many bytes once it is written out. Send less.');
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

/** First a member, then a reader: what is appended in between is both read and sent, and the client drops one. */
async function subscribe(deps: Deps, connection: Connection, message: SubscribeMessage): Promise<SubscribeAckFrame> {
  const { topic, offset, epoch } = message;
  const key = topicKey(connection.tenant, topic);
  await becomeMember(deps, connection, key);
  const head = await headOf(deps, key);
  const ack = { type: 'ack', for: 'subscribe', topic, epoch: head.epoch } as const;
  if (offset === undefined) return { ...ack, offset: head.next };
  const isSameLog = epoch === undefined || epoch === head.epoch;
  const page = await readLog(deps, topic, key, head, isSameLog ? offset : 0);
  return {
    ...ack,
    offset: page.next,
    entries: page.entries,
    recovered: isSameLog && page.recovered,
    ...(page.more && { more: true }),
  };
}

async function becomeMember({ store }: Deps, connection: Connection, topic: string): Promise<void> {
  const { connectionId, connectedAt, user } = connection;
  const joined = await store.transact([
    stillConnected(connection),
    {
      kind: 'put',
      table: 'subscriptions',
      key: membershipKey(topic, connectionId),
      attributes: { connectedAt, user, expiresAt: connectionExpiry(connectedAt) },
    },
  ]);
  if (!joined) throw new StreamerError('UNAVAILABLE', 'The connection ended; connect again.');
}

/** The topic's head. A topic that has none begins here, so that its first message counts in the epoch that subscribers know. */
export async function headOf(deps: Deps, topic: string): Promise<TopicHead> {
  const found = await deps.store.get('events', topicHeadKey(topic));
  if (found) return asTopicHead(found);
  const epoch = deps.world.newId();
  const { applied, item } = await deps.store.write(openTopic(topic, epoch, expiry(momentOf(deps))));
  return applied || !item ? { epoch, next: 0 } : asTopicHead(item);
}

interface Page {
  readonly entries: TopicMessageFrame[];
  readonly next: number;
  readonly more: boolean;
  readonly recovered: boolean;
}

async function readLog(deps: Deps, topic: string, key: string, head: TopicHead, from: number): Promise<Page> {
  const { epoch, next } = head;
  const partition = topicLogKey(key, epoch);
  const items = await deps.store.query({ table: 'events', partition, from, limit: PAGE_ENTRIES });
  // a client that is ahead of the log has seen another one
  if (items.length === 0 && from > next) return { ...(await readLog(deps, topic, key, head, 0)), recovered: false };
  if (items.length === 0) return { entries: [], next, more: false, recovered: from === next };
  const { entries, isFull } = takePage(topic, epoch, withoutHoles(items.map(asTopicEntry)));
  const first = entries[0] as TopicMessageFrame;
  return {
    entries,
    next: first.offset + entries.length,
    more: isFull || items.length === PAGE_ENTRIES,
    recovered: first.offset === from,
  };
}

function takePage(topic: string, epoch: string, found: readonly TopicEntry[]) {
  const entries: TopicMessageFrame[] = [];
  let text = '';
  for (const entry of found) {
    const frame = topicFrame(topic, epoch, entry);
    text += JSON.stringify(frame);
    if (entries.length > 0 && exceedsBytes(text, PAGE_BYTES)) return { entries, isFull: true };
    entries.push(frame);
  }
  return { entries, isFull: false };
}
