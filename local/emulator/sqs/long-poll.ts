import type { Clock } from '../types';
import type { Queue } from './queue';
import type { ReceivedMessage } from './types';

/**
 * Receives messages. If there are none, it waits up to `waitMs` milliseconds. A client that has closed its connection
 * receives no message.
 */
export function receiveWaiting(
  queue: Queue,
  receive: () => ReceivedMessage[],
  { clock, waitMs, signal }: { readonly clock: Clock; readonly waitMs: number; readonly signal: AbortSignal },
): Promise<ReceivedMessage[]> {
  const first = receive();
  if (first.length > 0 || waitMs === 0) return Promise.resolve(first);
  return new Promise((resolve, reject) => {
    const finish = (messages: ReceivedMessage[]) => {
      clock.clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      resolve(messages);
    };
    const onAbort = () => finish([]);
    const tryAgain = () => {
      try {
        const messages = receive();
        if (messages.length > 0) finish(messages);
      } catch (error) {
        finish([]);
        reject(error);
      }
    };
    const timer = clock.setTimeout(() => finish([]), waitMs);
    const unsubscribe = queue.onAvailable(tryAgain);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
