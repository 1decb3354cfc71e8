import type { Clock, Timer } from '../../types';

/**
 * Interval in milliseconds of the regular notifications. These notifications are needed because removals by time to
 * live do not pass through the proxy.
 */
const IDLE_POLL_MS = 1000;

/**
 * Notifies readers that there may be new records: after each successful write, and regularly while there are listeners.
 */
export class RecordHints {
  private readonly listeners = new Set<() => void>();
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  public readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.arm();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  };

  public notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  public stop(): void {
    this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private arm(): void {
    this.timer ??= this.clock.setTimeout(() => {
      this.timer = undefined;
      if (this.listeners.size > 0) this.arm();
      this.notify();
    }, IDLE_POLL_MS);
  }
}
