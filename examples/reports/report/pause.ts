/** The members of an `AbortSignal` that the report uses. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Stoppable {
  signal?: StopSignal;
  /** Milliseconds to wait; with 0, the default, only the event loop gets an iteration. */
  pace?: number;
}

/** Lets timers, sockets and progress run between two steps. Rejects with the signal's reason once the signal is aborted. */
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
