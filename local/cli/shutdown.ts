const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a process that was ended by Ctrl-C exits with. */
export const INTERRUPTED = 130;

/** The user's wish to end. */
export interface Shutdown {
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly wanted: Promise<void>;
  /** Leaves signals to others again. */
  dispose(): void;
}

/** Listens for Ctrl-C and its like: the first asks to end, the second ends the process at once. */
export function listenForShutdown(exit: (code: number) => void = process.exit): Shutdown {
  const controller = new AbortController();
  const wanted = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const onSignal = () => {
    if (controller.signal.aborted) exit(INTERRUPTED);
    else controller.abort();
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
