import type { Clock, Timer } from '../../emulator/types';

/** The timers of a run's faults. They end with the run, because a timer would keep the process alive. */
export class FaultTimers {
  /** Functions to call if the run ends before the timer. */
  private readonly waiting = new Map<Timer, () => void>();

  public constructor(private readonly clock: Clock) {}

  /** Calls a function after a time in milliseconds, unless the run ends before. */
  public later(ms: number, run: () => void): void {
    this.add(ms, run, () => undefined);
  }

  /** Resolves after a time in milliseconds, or at the end of the run. */
  public sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.add(ms, resolve, resolve));
  }

  /** Ends all timers. */
  public close(): void {
    for (const [timer, onClose] of this.waiting) {
      this.clock.clearTimeout(timer);
      onClose();
    }
    this.waiting.clear();
  }

  private add(ms: number, run: () => void, onClose: () => void): void {
    const timer = this.clock.setTimeout(() => {
      this.waiting.delete(timer);
      run();
    }, ms);
    this.waiting.set(timer, onClose);
  }
}
