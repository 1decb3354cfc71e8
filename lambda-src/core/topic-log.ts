import { EVENTS } from '../../src/contract';
import type { Json, TopicMessageFrame } from '../protocol';
import { partKey, publishedKey, topicLogKey } from './keys';
import { headKey } from './log';
import { absent, and, decode, eq, type Item, type Key, lt, or, type Put, type Shape, type Update } from './write';

/**
 * The head of a topic. It names the topic's log and the next offset. The head of a request does not store the next offset. The head of a topic must
 * store it, because the entries are deleted after their retention.
 */
export interface TopicHead {
  readonly epoch: string;
  /** Offset of the next entry. */
  readonly next: number;
  /** Whether the topic has had so many subscribers that the fan-out of each message is distributed over several invocations. */
  readonly large?: boolean;
}

/** A message as stored in the log. */
export interface TopicEntry {
  readonly offset: number;
  /** Data as a JSON string. */
  readonly data: string;
}

/** A message that is not in the log yet. */
export interface TopicMessage {
  readonly tenant: string;
  readonly topic: string;
  /** Two messages with the same id on the same topic are the same message. */
  readonly id: string;
  readonly data: Json;
}

/** Record of a message that was published before, with its offset. */
export interface Published {
  readonly epoch: string;
  readonly at: number;
  /** JSON string of the fan-out's position: an array with one `Lane` per channel of the topic. It is absent if no page was full. */
  readonly lanes?: string;
}

/** Position of a fan-out in one channel of a topic. */
export interface Lane {
  /** Connection id of the last subscriber that the message was posted to. */
  readonly after?: string;
  readonly done?: boolean;
}

export const lanesOf = ({ lanes }: Published): Lane[] => (lanes === undefined ? [] : (JSON.parse(lanes) as Lane[]));

/** One part of a message's fan-out: the subscribers of one of the topic's channels. */
export interface TopicPart extends Pick<TopicMessage, 'tenant' | 'topic' | 'id'> {
  /** Index of the channel. */
  readonly part: number;
}

/** Creates the write that records that a topic is large. */
export function markLarge(topic: string, { epoch }: TopicHead): Update {
  return {
    kind: 'update',
    table: 'events',
    key: topicHeadKey(topic),
    set: { large: true },
    when: eq('epoch', epoch),
  };
}

export const partItemKey = (topic: string, { id, part }: TopicPart): Key => headKey(partKey(topic, id, part));

/** Creates the write that stores the position of a message's fan-out in one part of a large topic. */
export function savePart(topic: string, part: TopicPart, { epoch, at }: Published, lane: Lane, expiresAt: number): Put {
  return {
    kind: 'put',
    table: 'events',
    key: partItemKey(topic, part),
    attributes: { epoch, at, lanes: JSON.stringify([lane]), expiresAt },
  };
}

/** Creates the write that stores the position of a message's fan-out. The write has no effect if another message has taken the id in the meantime. */
export function saveLanes(
  topic: string,
  id: string,
  { epoch, at }: Published,
  lanes: readonly Lane[],
  expiresAt: number,
): Put {
  return {
    kind: 'put',
    table: 'events',
    key: publishedItemKey(topic, id),
    attributes: { epoch, at, lanes: JSON.stringify(lanes), expiresAt },
    when: and(eq('epoch', epoch), eq('at', at)),
  };
}

export const topicHeadKey = (topic: string): Key => headKey(topic);
export const publishedItemKey = (topic: string, id: string): Key => headKey(publishedKey(topic, id));

const HEAD: Shape<TopicHead> = { epoch: 'string', next: 'number', large: 'boolean?' };
const ENTRY: Shape<TopicEntry> = { offset: 'number', data: 'string' };
const PUBLISHED: Shape<Published> = { epoch: 'string', at: 'number', lanes: 'string?' };

/** @throws InvalidItem if the item is not a topic's head */
export const decodeTopicHead = (item: Item): TopicHead => decode(item, 'head of a topic', HEAD);
/** @throws InvalidItem if the item is not a topic's message */
export const decodeTopicEntry = (item: Item): TopicEntry => decode(item, 'message of a topic', ENTRY);
/** @throws InvalidItem if the item is not the record of a published message */
export const decodePublished = (item: Item): Published => decode(item, 'published message', PUBLISHED);

/** Creates the write that opens a topic with an empty log. */
export function openTopic(topic: string, epoch: string, expiresAt: number): Put {
  return {
    kind: 'put',
    table: 'events',
    key: topicHeadKey(topic),
    attributes: { epoch, next: 0, expiresAt },
    when: absent('epoch'),
  };
}

/**
 * Creates the transaction that appends a message. It applies only if the log still ends where the head was read, and only if the message's id has not
 * been published. If another notifier has moved the head, nothing is written.
 */
export function appendMessage(
  topic: string,
  head: TopicHead,
  { id, data }: Pick<TopicMessage, 'id' | 'data'>,
  { now, expiresAt }: { readonly now: number; readonly expiresAt: number },
): Put[] {
  const { epoch, next, large } = head;
  const put = (key: Key, attributes: Item, when: Put['when']): Put => ({
    kind: 'put',
    table: 'events',
    key,
    attributes: { ...attributes, expiresAt },
    when,
  });
  const isNew = or(absent('epoch'), lt('expiresAt', Math.floor(now / 1000)));
  return [
    put(
      topicHeadKey(topic),
      { epoch, next: next + 1, ...(large && { large }) },
      and(eq('epoch', epoch), eq('next', next)),
    ),
    put(topicEntryKey(topic, epoch, next), { data: JSON.stringify(data) }, absent(EVENTS.sortKey)),
    put(publishedItemKey(topic, id), { epoch, at: next }, isNew),
  ];
}

export const topicEntryKey = (topic: string, epoch: string, offset: number): Key => ({
  [EVENTS.partitionKey]: topicLogKey(topic, epoch),
  [EVENTS.sortKey]: offset,
});

/** Converts an entry to a frame for the subscribers. */
export function topicFrame(topic: string, epoch: string, { offset, data }: TopicEntry): TopicMessageFrame {
  return { type: 'message', topic, offset, epoch, data: JSON.parse(data) as Json };
}
