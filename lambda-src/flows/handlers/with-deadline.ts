import type { Platform } from '../ports';

export interface Deadline {
  /** Deadline in epoch milliseconds. */
  readonly at: number;
  /** Creates the reason with which the signal fires at the deadline. */
  readonly error: () => Error;
  /** Time in milliseconds that the work has to end after its signal has fired. @default 0 */
  readonly graceMs?: number;
}

/**
 * Runs work that must end at a deadline. At the deadline, the work's signal fires. If the work ignores the signal, it is abandoned.
 *
 * @param stop controller of the signal. The caller may fire it earlier, with a reason that replaces that of the deadline
 * @throws the signal's reason, if the work does not end within the grace time
 */
export async function withDeadline<T>(
  platform: Pick<Platform, 'now' | 'sleep'>,
  { at, error, graceMs = 0 }: Deadline,
  stop: AbortController,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const watch = async (): Promise<never> => {
    await platform.sleep(at - platform.now(), AbortSignal.any([over.signal, stop.signal]));
    if (!over.signal.aborted && !stop.signal.aborted) stop.abort(error());
    if (graceMs > 0) await platform.sleep(graceMs, over.signal);
    // If the work has already ended, nobody waits for this promise, so it must not reject.
    return over.signal.aborted ? new Promise<never>(() => undefined) : Promise.reject(stop.signal.reason);
  };
  try {
    return await Promise.race([work(), watch()]);
  } finally {
    over.abort();
  }
}
