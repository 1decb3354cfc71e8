const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Exit code of a process that was ended by Ctrl-C. */
export const INTERRUPTED = 130;

/** One Ctrl-C may arrive several times: from the terminal, and from each tool around this one that passes it on. */
const SAME_PRESS_MS = 300;

/** The user's wish to end. */
export interface Shutdown {
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly wanted: Promise<void>;
  /** Leaves signals to others again. */
  dispose(): void;
}

/**
 * Listens for Ctrl-C and its like: the first asks to end, a second ends the process at once.
 *
 * @param now milliseconds since the epoch
 */
export function listenForShutdown(now: () => number, exit: (code: number) => void = process.exit): Shutdown {
  const controller = new AbortController();
  const wanted = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = now();
      controller.abort();
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
