import { LEASE_MS } from '../../lambda-src/core';
import { type Renewal, renewClaim } from '../../lambda-src/flows/attempt/claim';
import type { Heartbeat } from '../../lambda-src/flows/attempt/process';
import type { Deps } from '../../lambda-src/flows/ports';
import { CONSTANTS } from '../../lambda-src/protocol';
import { type Queue, SqsError } from '../../local/emulator/sqs';

/** Interval of the heartbeat, and time for which it hides a message. */
const HEARTBEAT_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;
const HIDDEN_MS = LEASE_MS + 2_000;
const quiet = () => undefined;

/** Hides a message for a time. A message that another receiver has deleted, or that is visible, needs nothing. */
export function hide(queue: Queue, receiptHandle: string, ms = HIDDEN_MS): void {
  try {
    queue.changeVisibility(receiptHandle, ms);
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
  }
}

/** Returns the heartbeat of an attempt, which renews the lease and hides the message until its end. */
export function heartbeatOn(
  queue: Queue,
  receiptHandle: string,
  { store, platform }: Pick<Deps, 'store' | 'platform'>,
): Heartbeat {
  const stop = new AbortController();
  return {
    start: async (claim, listener) => {
      hide(queue, receiptHandle);
      const beat = async () => {
        for (;;) {
          await platform.sleep(HEARTBEAT_MS, stop.signal);
          if (stop.signal.aborted) return;
          // If a renewal fails, the next one follows after the same time, before the lease ends.
          const renewed = renewClaim(store, claim, platform.now());
          const { held, cancelled }: Renewal = await renewed.catch(() => ({ held: true }));
          if (!held) return listener.onLost();
          if (cancelled) listener.onCancelled(cancelled);
          hide(queue, receiptHandle);
        }
      };
      void beat();
    },
    handlerEnded: quiet,
    sawHead: quiet,
    stop: () => stop.abort(),
  };
}
