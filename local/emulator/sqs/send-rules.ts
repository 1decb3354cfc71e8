import { messageBytes } from './digests';
import { invalidParameter, missingParameter, SqsError } from './errors';
import type { MessageAttribute, QueueSpec, SendInput } from './types';

export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_DELAY_MS = 900_000;
const MAX_ATTRIBUTES = 10;

const ID = /^[\x21-\x7e]{1,128}$/;
const ATTRIBUTE_NAME = /^[\w.-]{1,256}$/;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;
// Like XML 1.0, SQS allows no control characters except tab, line feed and carriage return.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Checks that a queue of this kind accepts a message.
 *
 * @throws SqsError as SendMessage does
 */
export function checkSend(spec: QueueSpec, input: SendInput): void {
  if (input.body === '') throw missingParameter('MessageBody');
  checkSize(spec, input);
  if (FORBIDDEN.test(input.body)) {
    throw new SqsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    );
  }
  checkDelay(spec, input.delayMs);
  checkIds(spec, input);
  checkAttributes(input.attributes ?? {});
}

function checkSize(spec: QueueSpec, input: SendInput): void {
  const limit = spec.maximumMessageBytes ?? MAX_MESSAGE_BYTES;
  if (messageBytes(input.body, input.attributes ?? {}) > limit) {
    throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  }
}

function checkDelay(spec: QueueSpec, delayMs: number | undefined): void {
  if (delayMs === undefined) return;
  if (!Number.isInteger(delayMs) || delayMs < 0 || delayMs > MAX_DELAY_MS) {
    throw invalidParameter(
      `Value ${delayMs / 1000} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  if (spec.fifo && delayMs > 0) {
    throw invalidParameter(
      `Value ${delayMs / 1000} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
}

function checkIds(spec: QueueSpec, input: SendInput): void {
  checkId('MessageGroupId', input.groupId);
  checkId('MessageDeduplicationId', input.deduplicationId);
  if (!spec.fifo) {
    if (input.deduplicationId === undefined) return;
    throw invalidParameter(
      `Value ${input.deduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  if (input.groupId === undefined) throw missingParameter('MessageGroupId');
  if (input.deduplicationId === undefined && !spec.contentBasedDeduplication) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

function checkId(name: string, value: string | undefined): void {
  if (value !== undefined && !ID.test(value)) {
    throw invalidParameter(
      `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
}

function checkAttributes(attributes: Readonly<Record<string, MessageAttribute>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  if (!ATTRIBUTE_NAME.test(name)) throw invalidParameter(`The message attribute name '${name}' is invalid.`);
  if (typeof DataType !== 'string' || !DATA_TYPE.test(DataType)) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
  if (value === undefined || value === '') {
    throw invalidParameter(
      `The message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
    );
  }
}
