import type { NotifyDeps, PublishRecord } from './notify';

/** A message whose notifier died comes back after this time, and its topic goes on. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/** The messages of one invocation, hidden in their queue as long as it lives. */
export interface Hidden {
  /**
   * Lets messages come again after that many seconds.
   *
   * @returns their ids
   */
  giveBack(records: readonly PublishRecord[], seconds: number): Promise<string[]>;
  /** Hides nothing any more. Lambda deletes what is done. */
  close(): void;
}

/**
 * Brings the visibility of messages down from the queue's own, which must be six times the function's timeout, and renews it until
 * they are given back.
 *
 * All of it is a hint: a message that could not be hidden comes back with the time that it was hidden for last.
 */
export function keepHidden(
  { hide, world, log }: Pick<NotifyDeps, 'hide' | 'world' | 'log'>,
  all: readonly PublishRecord[],
): Hidden {
  const kept = new Set(all);
  const over = new AbortController();
  const tryToHide = async (records: readonly PublishRecord[], seconds: number) => {
    if (records.length === 0) return;
    await hide(records, seconds).catch((error) => log.warn('could not hide messages', { error }));
  };
  let renewing = Promise.resolve();
  const renew = async () => {
    while (!over.signal.aborted) {
      renewing = tryToHide([...kept], LEASE_SECONDS);
      await renewing;
      await world.sleep(RENEW_MS, over.signal);
    }
  };
  void renew();
  return {
    giveBack: async (records, seconds) => {
      for (const record of records) kept.delete(record);
      // a renewal that is under way must not be the last word
      await renewing;
      await tryToHide(records, seconds);
      return records.map(({ messageId }) => messageId);
    },
    close: () => over.abort(),
  };
}
