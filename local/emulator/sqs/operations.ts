import { batchEntries, runBatch } from './batches';
import { messageBytes } from './digests';
import { batchErrors, SqsError } from './errors';
import type { Queue } from './queue';
import { queueAttributes, withAttributes } from './queue-attributes';
import { type Fields, optionalInteger, optionalText, record, requiredText, texts } from './request-fields';
import { MAX_MESSAGE_BYTES } from './send-rules';
import type { MessageAttribute, MessageAttributes, ReceivedMessage, SendInput } from './types';

const MAX_VISIBILITY_SECONDS = 43_200;

/** The parts of the service that an operation may use. */
export interface OperationContext {
  readonly fields: Fields;
  /** Signal that is aborted when the client closes its connection. */
  readonly signal: AbortSignal;
  /** Returns the queue of the parameter `QueueUrl`. */
  queue(): Queue;
  queueNamed(name: string): Queue;
  queues(): Queue[];
  urlOf(queue: Queue): string;
  receive(queue: Queue, max: number, waitMs: number, visibilityMs?: number): Promise<ReceivedMessage[]>;
}

type Operation = (context: OperationContext) => unknown;

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['SendMessage', ({ fields, queue }) => send(queue(), fields)],
  ['SendMessageBatch', ({ fields, queue }) => sendBatch(queue(), fields)],
  ['ReceiveMessage', receive],
  ['DeleteMessage', ({ fields, queue }) => remove(queue(), fields)],
  ['DeleteMessageBatch', ({ fields, queue }) => runBatch(batchEntries(fields), (entry) => remove(queue(), entry))],
  ['ChangeMessageVisibility', ({ fields, queue }) => changeVisibility(queue(), fields)],
  [
    'ChangeMessageVisibilityBatch',
    ({ fields, queue }) => runBatch(batchEntries(fields), (entry) => changeVisibility(queue(), entry)),
  ],
  [
    'GetQueueUrl',
    ({ fields, queueNamed, urlOf }) => ({ QueueUrl: urlOf(queueNamed(requiredText(fields, 'QueueName'))) }),
  ],
  [
    'GetQueueAttributes',
    ({ fields, queue }) => ({ Attributes: queueAttributes(queue(), texts(fields, 'AttributeNames')) }),
  ],
  ['SetQueueAttributes', setAttributes],
  ['PurgeQueue', ({ queue }) => queue().purge()],
  ['ListQueues', listQueues],
]);

function sendInput(fields: Fields): SendInput {
  const delay = optionalInteger(fields, 'DelaySeconds', 0, 900);
  const trace = record(fields, 'MessageSystemAttributes').AWSTraceHeader as MessageAttribute | undefined;
  return {
    body: requiredText(fields, 'MessageBody'),
    groupId: optionalText(fields, 'MessageGroupId'),
    deduplicationId: optionalText(fields, 'MessageDeduplicationId'),
    delayMs: delay === undefined ? undefined : delay * 1000,
    attributes: record(fields, 'MessageAttributes') as MessageAttributes,
    traceHeader: trace?.StringValue,
  };
}

function send(queue: Queue, fields: Fields): Fields {
  const { messageId, md5OfBody, md5OfMessageAttributes, sequenceNumber } = queue.send(sendInput(fields));
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5OfBody,
    MD5OfMessageAttributes: md5OfMessageAttributes,
    SequenceNumber: sequenceNumber,
  };
}

/** Sends a batch. The size limit of one message is also the limit of the whole batch. */
function sendBatch(queue: Queue, fields: Fields): unknown {
  const entries = batchEntries(fields);
  const bytesOf = (entry: Fields) =>
    messageBytes(optionalText(entry, 'MessageBody') ?? '', record(entry, 'MessageAttributes') as MessageAttributes);
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes > MAX_MESSAGE_BYTES) throw batchErrors.tooLong(MAX_MESSAGE_BYTES, bytes);
  return runBatch(entries, (entry) => send(queue, entry));
}

async function receive(context: OperationContext): Promise<unknown> {
  const { fields } = context;
  const queue = context.queue();
  const max = optionalInteger(fields, 'MaxNumberOfMessages', 1, 10) ?? 1;
  const wait = optionalInteger(fields, 'WaitTimeSeconds', 0, 20);
  const visibility = optionalInteger(fields, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
  const waitMs = wait === undefined ? (queue.spec.receiveWaitMs ?? 0) : wait * 1000;
  const messages = await context.receive(queue, max, waitMs, visibility === undefined ? undefined : visibility * 1000);
  if (messages.length === 0) return {};
  const system = [...texts(fields, 'AttributeNames'), ...texts(fields, 'MessageSystemAttributeNames')];
  const custom = texts(fields, 'MessageAttributeNames');
  return { Messages: messages.map((message) => toWire(message, system, custom)) };
}

function toWire(message: ReceivedMessage, system: readonly string[], custom: readonly string[]): Fields {
  const attributes = pick(message.attributes, (name) => system.includes('All') || system.includes(name));
  const messageAttributes = pick(message.messageAttributes, (name) => custom.some((wanted) => matches(wanted, name)));
  const complete = Object.keys(messageAttributes ?? {}).length === Object.keys(message.messageAttributes).length;
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.md5OfBody,
    Attributes: attributes,
    MessageAttributes: messageAttributes,
    MD5OfMessageAttributes: messageAttributes && complete ? message.md5OfMessageAttributes : undefined,
  };
}

/** Whether a name matches `All`, `.*`, a name, or a prefix such as `foo.*`. */
function matches(wanted: string, name: string): boolean {
  if (wanted === 'All' || wanted === '.*') return true;
  return wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -2)) : wanted === name;
}

function pick<T>(all: Readonly<Record<string, T>>, wanted: (name: string) => boolean): Record<string, T> | undefined {
  const entries = Object.entries(all).filter(([name]) => wanted(name));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function remove(queue: Queue, fields: Fields): Fields {
  queue.delete(requiredText(fields, 'ReceiptHandle'));
  return {};
}

function changeVisibility(queue: Queue, fields: Fields): Fields {
  const handle = requiredText(fields, 'ReceiptHandle');
  const seconds = optionalInteger(fields, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined)
    throw new SqsError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
  queue.changeVisibility(handle, seconds * 1000);
  return {};
}

function setAttributes({ fields, queue }: OperationContext): void {
  const target = queue();
  target.spec = withAttributes(target.spec, record(fields, 'Attributes'));
}

function listQueues({ fields, queues, urlOf }: OperationContext): Fields {
  const prefix = optionalText(fields, 'QueueNamePrefix') ?? '';
  return {
    QueueUrls: queues()
      .filter((queue) => queue.name.startsWith(prefix))
      .map(urlOf),
  };
}
