import type { Clock } from '../../../../client-sdks/typescript/src/util/clock';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** Waits until everything has finished that waits only for other promises. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

/**
 * A clock that only the test moves, because keep-alive and watch times last minutes. It lets promises finish between two timers, as the scenarios'
 * README requires; the other fake clock does not. Timers fire in the order of their times, then of their creation.
 */
export class VirtualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const timer = { at: this.time + ms, fn };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as Timer);
  }

  /** Number of timers that are set. Zero at the end of a test shows that no timer is left. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves the time without firing timers, as if the machine slept. The timers that are due fire at the next `advance`. */
  sleep(ms: number): void {
    this.time += ms;
  }

  async advance(ms: number): Promise<void> {
    await settled();
    const until = this.time + ms;
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.fn();
      await settled();
    }
    this.time = until;
  }

  private next(until: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.at <= until);
    return due.reduce<Timer | undefined>((first, timer) => (first && first.at <= timer.at ? first : timer), undefined);
  }
}
