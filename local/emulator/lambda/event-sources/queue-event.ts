import type { MessageAttribute, ReceivedMessage } from '../../sqs';
import type { InvokeResult } from '../../types';

/** Converts a message to a record of the function's event. */
export function queueRecord(message: ReceivedMessage, queueArn: string): Record<string, unknown> {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, attribute]) => [name, eventAttribute(attribute)]),
    ),
    md5OfBody: message.md5OfBody,
    ...(message.md5OfMessageAttributes && { md5OfMessageAttributes: message.md5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3],
  };
}

function eventAttribute({ DataType, StringValue, BinaryValue }: MessageAttribute): Record<string, unknown> {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

/**
 * Returns the record in the form that filters test. If the body of the record is JSON, the form contains the parsed
 * body.
 */
export function filterView(record: Record<string, unknown>): Record<string, unknown> {
  try {
    return { ...record, body: JSON.parse(record.body as string) };
  } catch {
    return record;
  }
}

/**
 * Returns the ids of the messages that stay in the queue. With `ReportBatchItemFailures`, a missing or empty list means
 * success. If the response is not a valid report, or if it contains an id that is not in the batch, the whole batch has
 * failed.
 */
export function failedIds(result: InvokeResult, ids: readonly string[], report: boolean): ReadonlySet<string> {
  const all = new Set(ids);
  if (!result.ok) return all;
  if (!report || result.payload === null || result.payload === undefined) return new Set();
  if (typeof result.payload !== 'object') return all;
  const failures = (result.payload as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const named = failures.map((failure) => failure?.itemIdentifier);
  return named.every((id) => typeof id === 'string' && all.has(id)) ? new Set(named) : all;
}
