const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Exit code of a process that was ended by Ctrl-C. */
export const INTERRUPTED = 130;

/**
 * Time in milliseconds within which signals count as one Ctrl-C. The terminal sends a signal, and each tool that
 * started this process may send it again.
 */
const SAME_PRESS_MS = 300;

/** Notification that the user wants to end the process. */
export interface Shutdown {
  readonly signal: AbortSignal;
  /** Resolves at the first signal, to its name. */
  readonly wanted: Promise<string>;
  /** Stops listening, so that a signal ends the process again. */
  dispose(): void;
}

/**
 * Listens for Ctrl-C and similar signals. The first signal requests the end; the second one ends the process
 * immediately.
 *
 * @param now returns milliseconds since the epoch
 */
export function listenForShutdown(now: () => number, exit: (code: number) => void = process.exit): Shutdown {
  const controller = new AbortController();
  let want: (name: string) => void = () => undefined;
  const wanted = new Promise<string>((resolve) => {
    want = resolve;
  });
  let firstAt = 0;
  const onSignal = (name: string) => {
    if (!controller.signal.aborted) {
      firstAt = now();
      controller.abort();
      want(name);
    } else if (now() - firstAt >= SAME_PRESS_MS) {
      exit(INTERRUPTED);
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    wanted,
    dispose: () => {
      for (const name of SIGNALS) process.removeListener(name, onSignal);
    },
  };
}
