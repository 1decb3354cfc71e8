import { MAX_TIMER_MS } from './numbers';

/** Source of time, as an argument, so that tests can control it. */
export interface Clock {
  /** Milliseconds since any fixed time. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** One timer that can be set again. */
export class Alarm {
  private timer: unknown;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Sets the timer; an earlier time is replaced. */
  set(ms: number): void {
    this.clear();
    // a platform's timer fires at once if the time exceeds its maximum
    const part = Math.min(ms, MAX_TIMER_MS);
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      if (ms > part) this.set(ms - part);
      else this.ring();
    }, part);
  }

  get isSet(): boolean {
    return this.timer !== undefined;
  }

  clear(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** A time that is doubled the given number of times, up to a maximum. */
export const doubledMs = (ms: number, times: number, maxMs: number): number =>
  Math.min(Math.max(ms, maxMs), ms * 2 ** times);

/** Full jitter: a random time below a bound that doubles with each failure. `random` is in [0, 1). */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** failures);
}
