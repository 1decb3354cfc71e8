import type { ReceivedMessage } from '../../sqs';
import type { QueueMappingSpec } from './specs';

/** Maximum number of concurrent batches for a standard queue, if its mapping does not set a maximum. */
export const MAX_POLLERS = 1250;
/**
 * Maximum size of a batch's bodies in bytes. The limit of an event is 6 MB; half of it is for other fields of the
 * records and for escapes in JSON.
 */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * Checks the settings of a mapping.
 *
 * @throws RangeError for settings that CreateEventSourceMapping would refuse
 */
export function checkQueueSpec(spec: QueueMappingSpec, fifo: boolean): void {
  const { batchSize, maximumBatchingWindowMs = 0, maximumConcurrency } = spec;
  const largest = fifo ? 10 : 10_000;
  if (batchSize < 1 || batchSize > largest) {
    throw new RangeError(`\`batchSize\` must be 1-${largest} for this queue, got: ${batchSize}`);
  }
  if (batchSize > 10 && maximumBatchingWindowMs < 1000) {
    throw new RangeError(`\`maximumBatchingWindow\` must be at least 1 s for a batch size of ${batchSize}`);
  }
  if (fifo && maximumBatchingWindowMs > 0) throw new RangeError('`maximumBatchingWindow` is not for FIFO queues');
  if (maximumConcurrency !== undefined && (maximumConcurrency < 2 || maximumConcurrency > 1000)) {
    throw new RangeError(`\`maximumConcurrency\` must be 2-1000, got: ${maximumConcurrency}`);
  }
}

/** Splits a batch whose event would be too large. The parts are delivered one after the other. */
export function payloadChunks(batch: readonly ReceivedMessage[]): ReceivedMessage[][] {
  const chunks: ReceivedMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of batch) {
    const size = Buffer.byteLength(message.body);
    if (bytes + size > MAX_BODY_BYTES) {
      chunks.push([]);
      bytes = 0;
    }
    chunks[chunks.length - 1].push(message);
    bytes += size;
  }
  return chunks;
}
