import { invalidParameter, SqsError } from './errors';
import type { Queue } from './queue';
import type { QueueSpec } from './types';

const seconds = (ms: number) => String(Math.round(ms / 1000));

/** Returns the attributes of a queue as GetQueueAttributes does. The name `All` selects all of them. */
export function queueAttributes(queue: Queue, names: readonly string[]): Record<string, string> {
  const all = allAttributes(queue);
  if (names.includes('All')) return all;
  return Object.fromEntries(
    names.map((name) => [name, attribute(all, name)]).filter(([, value]) => value !== undefined),
  );
}

function attribute(all: Record<string, string>, name: string): string | undefined {
  if (!KNOWN.has(name)) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  return all[name];
}

function allAttributes(queue: Queue): Record<string, string> {
  const { spec } = queue;
  const depth = queue.depth();
  const attributes: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    VisibilityTimeout: seconds(spec.visibilityTimeoutMs),
    DelaySeconds: seconds(spec.delayMs),
    MessageRetentionPeriod: seconds(spec.retentionMs),
    ReceiveMessageWaitTimeSeconds: seconds(spec.receiveWaitMs ?? 0),
    MaximumMessageSize: String(spec.maximumMessageBytes ?? 1_048_576),
  };
  if (spec.redrive) {
    const { deadLetterQueueArn, maxReceiveCount } = spec.redrive;
    attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount });
  }
  if (spec.fifo) {
    attributes.FifoQueue = 'true';
    attributes.ContentBasedDeduplication = String(spec.contentBasedDeduplication ?? false);
    attributes.DeduplicationScope = spec.deduplicatesInGroups ? 'messageGroup' : 'queue';
  }
  return attributes;
}

type Setter = (spec: QueueSpec, value: string) => QueueSpec;

const inSeconds =
  (property: 'visibilityTimeoutMs' | 'delayMs' | 'retentionMs' | 'receiveWaitMs', min: number, max: number): Setter =>
  (spec, value) => ({ ...spec, [property]: integer(value, min, max) * 1000 });

const SETTERS = new Map<string, Setter>([
  ['VisibilityTimeout', inSeconds('visibilityTimeoutMs', 0, 43_200)],
  ['DelaySeconds', inSeconds('delayMs', 0, 900)],
  ['MessageRetentionPeriod', inSeconds('retentionMs', 60, 1_209_600)],
  ['ReceiveMessageWaitTimeSeconds', inSeconds('receiveWaitMs', 0, 20)],
  ['MaximumMessageSize', (spec, value) => ({ ...spec, maximumMessageBytes: integer(value, 1024, 1_048_576) })],
  ['ContentBasedDeduplication', (spec, value) => ({ ...spec, contentBasedDeduplication: value === 'true' })],
  ['RedrivePolicy', (spec, value) => ({ ...spec, redrive: parseRedrive(value) })],
]);

const KNOWN = new Set([
  ...SETTERS.keys(),
  ...['QueueArn', 'FifoQueue', 'CreatedTimestamp', 'LastModifiedTimestamp', 'Policy', 'RedriveAllowPolicy'],
  ...['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
  ...[
    'SqsManagedSseEnabled',
    'KmsMasterKeyId',
    'KmsDataKeyReusePeriodSeconds',
    'DeduplicationScope',
    'FifoThroughputLimit',
  ],
]);

/** Returns the specification with the changes of SetQueueAttributes. */
export function withAttributes(spec: QueueSpec, attributes: Readonly<Record<string, unknown>>): QueueSpec {
  let changed = spec;
  for (const [name, value] of Object.entries(attributes)) {
    const set = SETTERS.get(name);
    if (!set) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    changed = set(changed, String(value));
  }
  return changed;
}

function integer(value: string, min: number, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new SqsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter: ${value} is not between ${min} and ${max}.`,
  );
}

function parseRedrive(value: string): QueueSpec['redrive'] {
  if (value === '') return undefined;
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(value);
    if (typeof deadLetterTargetArn === 'string' && Number(maxReceiveCount) >= 1) {
      return { deadLetterQueueArn: deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
    }
  } catch {
    // The error below is thrown, as for any other invalid policy.
  }
  throw invalidParameter(
    `Value ${value} for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.`,
  );
}
