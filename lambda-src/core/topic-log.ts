import { EVENTS } from '../../src/contract';
import type { Json, TopicMessageFrame } from '../protocol';
import { publishedKey, topicLogKey } from './keys';
import { headKey } from './log';
import { absent, and, decode, eq, type Item, type Key, lt, or, type Put, type Shape } from './write';

/**
 * The head of a topic: its log and the next offset. Unlike a request's head it stores the next offset, because entries are deleted when
 * their retention is over.
 */
export interface TopicHead {
  readonly epoch: string;
  /** The next offset. */
  readonly next: number;
}

/** A message as stored in the log. */
export interface TopicEntry {
  readonly offset: number;
  /** JSON string. */
  readonly data: string;
}

/** A message that is not in the log yet. */
export interface TopicMessage {
  readonly tenant: string;
  readonly topic: string;
  /** The same id on the same topic is the same message. */
  readonly id: string;
  readonly data: Json;
}

/** Offset of a message that was published before. */
export interface Published {
  readonly epoch: string;
  readonly at: number;
  /** JSON string of the fan-out's position, one `Lane` for each of the topic's channels. Absent if no page was full. */
  readonly lanes?: string;
}

/** Position of a fan-out in one channel of a topic. */
export interface Lane {
  /** Connection id of the last subscriber that was posted to. */
  readonly after?: string;
  readonly done?: boolean;
}

export const lanesOf = ({ lanes }: Published): Lane[] => (lanes === undefined ? [] : (JSON.parse(lanes) as Lane[]));

/** Stores the position of a message's fan-out, unless another message has its id by now. */
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

const HEAD: Shape<TopicHead> = { epoch: 'string', next: 'number' };
const ENTRY: Shape<TopicEntry> = { offset: 'number', data: 'string' };
const PUBLISHED: Shape<Published> = { epoch: 'string', at: 'number', lanes: 'string?' };

/** @throws InvalidItem */
export const decodeTopicHead = (item: Item): TopicHead => decode(item, 'head of a topic', HEAD);
/** @throws InvalidItem */
export const decodeTopicEntry = (item: Item): TopicEntry => decode(item, 'message of a topic', ENTRY);
/** @throws InvalidItem */
export const decodePublished = (item: Item): Published => decode(item, 'published message', PUBLISHED);

/** Creates a topic with an empty log. */
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
 * Appends a message, all or nothing: only at the tail that was read with the head, and only if its id has not been published. A notifier
 * that is late finds another head, and writes nothing.
 */
export function appendMessage(
  topic: string,
  head: TopicHead,
  { id, data }: Pick<TopicMessage, 'id' | 'data'>,
  { now, expiresAt }: { readonly now: number; readonly expiresAt: number },
): Put[] {
  const { epoch, next } = head;
  const put = (key: Key, attributes: Item, when: Put['when']): Put => ({
    kind: 'put',
    table: 'events',
    key,
    attributes: { ...attributes, expiresAt },
    when,
  });
  const isNew = or(absent('epoch'), lt('expiresAt', Math.floor(now / 1000)));
  return [
    put(topicHeadKey(topic), { epoch, next: next + 1 }, and(eq('epoch', epoch), eq('next', next))),
    put(entryKey(topic, epoch, next), { data: JSON.stringify(data) }, absent(EVENTS.sortKey)),
    put(publishedItemKey(topic, id), { epoch, at: next }, isNew),
  ];
}

const entryKey = (topic: string, epoch: string, offset: number): Key => ({
  [EVENTS.partitionKey]: topicLogKey(topic, epoch),
  [EVENTS.sortKey]: offset,
});

/** The entry as a frame for the subscribers. */
export function topicFrame(topic: string, epoch: string, { offset, data }: TopicEntry): TopicMessageFrame {
  return { type: 'message', topic, offset, epoch, data: JSON.parse(data) as Json };
}
