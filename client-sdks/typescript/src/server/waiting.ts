import { Alarm, type Clock } from '../util/clock';
import { checkNumber } from '../util/numbers';
import { type AbortSignalLike, Stop } from '../util/stop';
import { StreamerError } from '../wire/errors';

export interface WaitLimits {
  readonly signal?: AbortSignalLike;
  readonly timeoutMs?: number;
}

/** Limits a wait. `guard` rejects as soon as the signal fires or the time has run out. */
export class Patience {
  private over: StreamerError | undefined;
  private readonly stop = new Stop();
  private readonly listeners = new Set<(error: StreamerError) => void>();
  private readonly timer: Alarm;
  private readonly onAbort = (): void => this.end(abortError(this.limits.signal));

  constructor(
    private readonly clock: Clock,
    private readonly limits: WaitLimits,
  ) {
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = limits;
    checkNumber('timeoutMs', timeoutMs);
    if (signal?.aborted) this.over = abortError(signal);
    signal?.addEventListener('abort', this.onAbort);
    this.timer = new Alarm(clock, () => this.end(timeoutError(timeoutMs)));
    if (timeoutMs < Number.POSITIVE_INFINITY) this.timer.set(timeoutMs);
  }

  /** Removes the timer and the listener. The owner must call it. */
  close(): void {
    this.limits.signal?.removeEventListener('abort', this.onAbort);
    this.timer.clear();
  }

  /** Runs work within the limit. @throws StreamerError `ABORTED` or `TIMEOUT` */
  guard<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.over) return reject(this.over);
      this.listeners.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.listeners.delete(reject));
    });
  }

  /** Waits for the given time, or rejects earlier if the limit is reached. */
  sleep(ms: number): Promise<void> {
    let timer: unknown;
    return this.guard(
      () =>
        new Promise<void>((resolve) => {
          timer = this.clock.setTimeout(resolve, ms);
        }),
    ).catch((error) => {
      this.clock.clearTimeout(timer);
      throw error;
    });
  }

  /** Fires when the limit is reached. */
  get signal(): AbortSignalLike {
    return this.stop;
  }

  private end(error: StreamerError): void {
    this.over ??= error;
    this.stop.abort();
    for (const listener of this.listeners) listener(this.over);
  }
}

function abortError(signal: AbortSignalLike | undefined): StreamerError {
  return new StreamerError('ABORTED', 'The abort signal fired. A request that was submitted continues.', {
    cause: signal?.reason,
  });
}

function timeoutError(timeoutMs: number): StreamerError {
  return new StreamerError(
    'TIMEOUT',
    `There was no outcome within ${timeoutMs} ms. The request continues; wait for it again.`,
    { details: { timeoutMs } },
  );
}
