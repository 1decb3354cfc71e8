import { EVENTS } from '../../src/contract';
import { headKey } from './log';
import { absent, decode, eq, type Item, or, type Put, type Shape, type Write } from './write';

/** A message to a running request, as it is in the inbox of the request's log. */
export interface InboxMessage {
  /** Position in the inbox, from 1. */
  readonly offset: number;
  /** Idempotency key, which the sender chose. */
  readonly messageId: string;
  readonly name: string;
  /** JSON string. */
  readonly data?: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** Partition of the events table that holds the messages to a request, separately from its log. */
export const inboxKey = (logKey: string): string => `${logKey}#inbox`;

/** Key of the item that records that the inbox has a message with that id. */
export const receivedKey = (logKey: string, messageId: string) => ({
  [EVENTS.partitionKey]: `${inboxKey(logKey)}#${messageId}`,
  [EVENTS.sortKey]: 0,
});

const MESSAGE: Shape<InboxMessage> = {
  offset: 'number',
  messageId: 'string',
  name: 'string',
  data: 'string?',
  sentAt: 'number',
};

/** @throws InvalidItem */
export const decodeMessage = (item: Item): InboxMessage => decode(item, 'message of an inbox', MESSAGE);

/**
 * Returns the writes that add a message to the inbox: the message at its position, its id, and the count on the head of the log. They belong in one
 * transaction. They apply only if no other message took the position, and if the inbox has no message with that id.
 */
export function addMessage(logKey: string, { offset, ...message }: InboxMessage, expiresAt: number): Write[] {
  const put: Put = {
    kind: 'put',
    table: 'events',
    key: { [EVENTS.partitionKey]: inboxKey(logKey), [EVENTS.sortKey]: offset },
    attributes: { ...message, expiresAt },
    when: absent(EVENTS.sortKey),
  };
  const received: Put = {
    kind: 'put',
    table: 'events',
    key: receivedKey(logKey, message.messageId),
    attributes: { expiresAt },
    when: absent(EVENTS.sortKey),
  };
  const isNext = offset === 1 ? or(absent('messages'), eq('messages', 0)) : eq('messages', offset - 1);
  return [
    put,
    received,
    {
      kind: 'update',
      table: 'events',
      key: headKey(logKey),
      set: { messages: offset, expiresAt },
      when: isNext,
    },
  ];
}

/** Offsets up to which the messages of each name were read when the slice began. */
export type ReadMessages = Readonly<Record<string, number>>;

export const parseRead = (text: string | undefined): ReadMessages =>
  text === undefined ? {} : (JSON.parse(text) as ReadMessages);
