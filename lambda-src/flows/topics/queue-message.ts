import { createHash } from 'node:crypto';
import { isName, type TopicMessage, type TopicPart, topicChannels } from '../../core';
import { validateMessage } from '../../protocol';

/** A message to send to the queue of topics. */
export interface QueuedMessage {
  readonly body: string;
  /** Message group id. It keeps the messages of one topic in order. */
  readonly groupId: string;
  /** Deduplication id. SQS drops a repetition within five minutes. The topic's log recognizes later repetitions. */
  readonly deduplicationId: string;
}

/** A message received from the queue of topics. */
export interface PublishRecord {
  readonly messageId: string;
  readonly body: string;
  /** Number of times that the message was received, from 1. */
  readonly receive: number;
  readonly receiptHandle: string;
}

export function toQueued({ tenant, topic, id, data }: TopicMessage): QueuedMessage {
  return {
    body: sendable(JSON.stringify({ tenant, topic, id, data })),
    groupId: digest(tenant, topic),
    deduplicationId: digest(tenant, topic, id),
  };
}

/**
 * Returns the message for one part of a fan-out. Its group is the part, so each part gets the topic's messages in order. The message contains no data:
 * the notifier sends only entries of the topic's log, even if another program has sent the message.
 */
export function toQueuedPart({ tenant, topic, id, part }: TopicPart): QueuedMessage {
  return {
    body: JSON.stringify({ tenant, topic, id, part }),
    groupId: digest(tenant, topic, 'part', String(part)),
    deduplicationId: digest(tenant, topic, id, 'part', String(part)),
  };
}

/** Parses a queued message. It checks the same rules as on a connection, because a program may have sent anything to the queue. */
export function fromQueued(body: string): TopicMessage | TopicPart | undefined {
  const fields = parse(body);
  if (!isName(fields?.tenant)) return undefined;
  const { tenant, topic, id, data, part } = fields;
  const validated = validateMessage({ type: 'publish', topic, id, data: part === undefined ? data : null }, 'client');
  if (!validated.ok || validated.message.type !== 'publish') return undefined;
  const message = { tenant: tenant as string, topic: validated.message.topic, id: validated.message.id };
  if (part === undefined) return { ...message, data: validated.message.data };
  return isPart(message.topic, part) ? { ...message, part } : undefined;
}

const isPart = (topic: string, part: unknown): part is number =>
  typeof part === 'number' && Object.hasOwn(topicChannels(topic), part);

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Digest of names. It is needed, because names may be longer than an id of SQS, and may contain any characters. */
const digest = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Escapes U+FFFE and U+FFFF, which SQS does not accept. They occur only inside JSON strings, in which they can be escaped. */
const sendable = (json: string): string => json.replace(/[\uFFFE\uFFFF]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
