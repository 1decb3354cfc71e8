import type { Clock, Timer } from '../../local/emulator/types';

interface FakeTimer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/**
 * A clock that only the test moves. It exists because idle limits, retry waits and leases last
 * minutes, and no test may wait for them. Timers run in the order of their time, then of their creation.
 */
export class FakeClock implements Clock {
  private readonly timers = new Set<FakeTimer>();
  private created = 0;

  public constructor(private time = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public setTimeout(fn: () => void, ms: number): Timer {
    const timer: FakeTimer = { at: this.time + Math.max(0, ms), order: this.created++, fn };
    this.timers.add(timer);
    return timer;
  }

  public clearTimeout(timer: Timer | undefined): void {
    this.timers.delete(timer as FakeTimer);
  }

  /** Advances the time and runs the timers that are due, including timers that these timers set. */
  public advance(ms: number): void {
    const until = this.time + ms;
    for (let next = this.nextDue(until); next; next = this.nextDue(until)) {
      this.timers.delete(next);
      this.time = next.at;
      next.fn();
    }
    this.time = until;
  }

  /** Number of timers that are set. Zero at the end of a test shows that no timer is left. */
  public get pending(): number {
    return this.timers.size;
  }

  private nextDue(until: number): FakeTimer | undefined {
    const due = [...this.timers].filter((timer) => timer.at <= until);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}
