/** Maximum number of entries per call of SQS and EventBridge. */
const BATCH = 10;

/**
 * Sends items in batches, all concurrently. If a batch throws, its items count as not accepted. The error is thrown only if all batches throw. So one
 * failed batch does not make the caller send items again that other batches delivered.
 *
 * @param send sends one batch, and returns the indexes within the batch of the items that were not accepted
 * @returns indexes of the items that were not accepted
 */
export async function inBatches<T>(
  items: readonly T[],
  send: (batch: readonly T[]) => Promise<number[]>,
): Promise<number[]> {
  const starts = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => i * BATCH);
  const settled = await Promise.allSettled(starts.map((start) => send(items.slice(start, start + BATCH))));
  const rejected = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (rejected && settled.every(({ status }) => status === 'rejected')) throw rejected.reason;
  return settled.flatMap((result, i) => {
    const start = starts[i] as number;
    const indexes = result.status === 'fulfilled' ? result.value : items.slice(start, start + BATCH).map((_, n) => n);
    return indexes.map((index) => start + index);
  });
}
