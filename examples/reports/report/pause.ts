/** The members of an `AbortSignal` that the report uses. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Stoppable {
  signal?: StopSignal;
  /** Milliseconds to wait. With 0, the function waits for one iteration of the event loop. @default 0 */
  pace?: number;
}

/**
 * Waits between two steps, so that timers, sockets and progress reports can run. After an abort of the signal, it
 * rejects with the signal's reason.
 */
export function pause({ signal, pace = 0 }: Stoppable): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason ?? new Error('stopped'));
    };
    if (signal?.aborted) {
      reject(signal.reason ?? new Error('stopped'));
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, pace);
    signal?.addEventListener('abort', stop);
  });
}
