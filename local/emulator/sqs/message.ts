import { md5, md5OfAttributes } from './digests';
import { receiptHandleIsInvalid } from './errors';
import type { ReceivedMessage, SendInput, SendResult, StoredMessage } from './types';

export interface Origin {
  readonly messageId: string;
  readonly deduplicationId?: string;
  readonly sequence: number;
  readonly sentAt: number;
  readonly senderId: string;
}

export function newMessage(input: SendInput, origin: Origin): StoredMessage {
  const attributes = input.attributes ?? {};
  return {
    ...origin,
    body: input.body,
    md5OfBody: md5(input.body),
    md5OfMessageAttributes: md5OfAttributes(attributes),
    attributes,
    groupId: input.groupId,
    traceHeader: input.traceHeader,
    state: 'delayed',
    order: 0,
    visibleAt: origin.sentAt,
    receivedAt: 0,
    receiveCount: 0,
    receivesHere: 0,
  };
}

export function sendResult(message: StoredMessage, fifo: boolean): SendResult {
  const { messageId, md5OfBody, md5OfMessageAttributes, sequence } = message;
  return { messageId, md5OfBody, md5OfMessageAttributes, sequenceNumber: fifo ? formatSequence(sequence) : undefined };
}

/** Returns the message in the format for consumers after this receive. */
export function receivedMessage(message: StoredMessage, fifo: boolean): ReceivedMessage {
  return {
    messageId: message.messageId,
    receiptHandle: encodeReceipt(message),
    body: message.body,
    md5OfBody: message.md5OfBody,
    attributes: systemAttributes(message, fifo),
    messageAttributes: message.attributes,
    md5OfMessageAttributes: message.md5OfMessageAttributes,
  };
}

function systemAttributes(message: StoredMessage, fifo: boolean): Record<string, string> {
  const attributes: Record<string, string | undefined> = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: fifo ? formatSequence(message.sequence) : undefined,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const present = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}

/** Formats a sequence number with twenty digits, so that the order of strings is the order of numbers. */
const formatSequence = (sequence: number) => String(18_850_000_000_000_000_000n + BigInt(sequence) * 256n);

const encodeReceipt = ({ messageId, receiveCount }: StoredMessage) =>
  Buffer.from(`${messageId}#${receiveCount}`).toString('base64url');

/**
 * Parses a receipt handle.
 *
 * @throws SqsError `ReceiptHandleIsInvalid` if it is invalid
 */
export function decodeReceipt(handle: string): { readonly messageId: string; readonly receive: number } {
  const match = /^(.+)#(\d+)$/.exec(Buffer.from(handle, 'base64url').toString());
  if (!match) throw receiptHandleIsInvalid(handle);
  return { messageId: match[1], receive: Number(match[2]) };
}
