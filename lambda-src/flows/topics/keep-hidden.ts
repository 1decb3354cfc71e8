import type { Deps } from '../ports';
import type { PublishRecord } from './queue-message';

export interface HidingDeps extends Pick<Deps, 'platform' | 'log'> {
  /** Hides messages of the queue for the given time from now. */
  hide(records: readonly PublishRecord[], seconds: number): Promise<void>;
}

/** Visibility timeout in seconds. If a notifier dies, its messages are received again after this time, and their topics continue. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/** The messages of one invocation. They stay hidden in their queue until the invocation ends. */
export interface Hidden {
  /**
   * Makes messages visible again after the given number of seconds.
   *
   * @returns the ids of these messages
   */
  giveBack(records: readonly PublishRecord[], seconds: number): Promise<string[]>;
  /** Stops the renewal. Lambda deletes processed messages. */
  close(): void;
}

/**
 * Shortens the visibility timeout of messages, and renews it until they are released. The queue's own visibility timeout is longer: it is at least
 * the function's timeout.
 *
 * Failures are ignored. A message whose visibility timeout could not be changed becomes visible when its previous visibility timeout ends.
 */
export function keepHidden({ hide, platform, log }: HidingDeps, all: readonly PublishRecord[]): Hidden {
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
      await platform.sleep(RENEW_MS, over.signal);
    }
  };
  void renew();
  return {
    giveBack: async (records, seconds) => {
      for (const record of records) kept.delete(record);
      // Waits for a renewal in progress, which must not override the release.
      await renewing;
      await tryToHide(records, seconds);
      return records.map(({ messageId }) => messageId);
    },
    close: () => over.abort(),
  };
}
