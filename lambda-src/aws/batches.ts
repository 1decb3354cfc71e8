/** Entries that SQS and EventBridge take at a time. */
const BATCH = 10;

/**
 * Sends items in batches, all at once. A batch that throws counts as not sent; what it threw is thrown only if no batch went
 * through, so that one failure does not repeat what others delivered.
 *
 * @param send gives the indexes within its batch of what was not taken
 * @returns indexes of the items that were not taken
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
