import { createHash } from 'node:crypto';
import { isName, type TopicMessage } from '../../core';
import { validateMessage } from '../../protocol';

/** A message as the queue of topics carries it. */
export interface QueuedMessage {
  readonly body: string;
  /** What is published to one topic stays in order. */
  readonly groupId: string;
  /** SQS drops a repetition within five minutes; the topic's log knows of older ones. */
  readonly deduplicationId: string;
}

/** A message of the queue of topics. */
export interface PublishRecord {
  readonly messageId: string;
  readonly body: string;
  /** Which receive of it this is, from 1. */
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

/** Whoever may send to the queue may have sent anything: the same rules hold as on a connection. */
export function fromQueued(body: string): TopicMessage | undefined {
  const fields = parse(body);
  if (!isName(fields?.tenant)) return undefined;
  const { tenant, topic, id, data } = fields;
  const validated = validateMessage({ type: 'publish', topic, id, data }, 'client');
  if (!validated.ok || validated.message.type !== 'publish') return undefined;
  return {
    tenant: tenant as string,
    topic: validated.message.topic,
    id: validated.message.id,
    data: validated.message.data,
  };
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Names may be longer than an id of SQS, and of any characters. */
const digest = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** SQS takes no U+FFFE and U+FFFF, JSON does: inside of texts, where they can be escaped. */
const sendable = (json: string): string => json.replace(/[\uFFFE\uFFFF]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
