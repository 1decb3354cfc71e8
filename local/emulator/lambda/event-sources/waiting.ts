import type { Clock, Timer } from '../../types';

/** Wakes a loop that has work. If no loop is waiting, the next wait ends at once. */
export class Signal {
  private raised = false;
  private waiter: (() => void) | undefined;

  public raise(): void {
    this.raised = true;
    this.waiter?.();
  }

  public clear(): void {
    this.raised = false;
  }

  /**
   * Waits until the signal is raised, the wait is aborted, or `ms` milliseconds have passed. Only one loop may wait at
   * a time.
   */
  public async wait(clock: Clock, abort: AbortSignal, ms?: number): Promise<void> {
    if (!this.raised && !abort.aborted) {
      await new Promise<void>((resolve) => {
        let timer: Timer | undefined;
        const done = () => {
          this.waiter = undefined;
          abort.removeEventListener('abort', done);
          clock.clearTimeout(timer);
          resolve();
        };
        this.waiter = done;
        abort.addEventListener('abort', done);
        if (ms !== undefined) timer = clock.setTimeout(done, ms);
      });
    }
    this.raised = false;
  }
}

/** Waits until the time has passed or the wait is aborted. */
export const sleep = (clock: Clock, ms: number, abort: AbortSignal): Promise<void> =>
  new Signal().wait(clock, abort, ms);

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;

/** Delay between retries of a mapping: it doubles from 200 ms up to 30 s. AWS does not publish the delays. */
export const backoffMs = (failures: number): number =>
  Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, Math.min(failures - 1, 16)));
