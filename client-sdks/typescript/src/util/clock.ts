import { MAX_TIMER_MS } from './numbers';

/** Clock and timers. They are passed as an argument, so that tests can control them. */
export interface Clock {
  /** Milliseconds since an arbitrary but fixed time. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** One timer that can be set repeatedly. */
export class Alarm {
  private timer: unknown;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Sets the timer. If it was set before, the new time replaces the old one. */
  set(ms: number): void {
    this.clear();
    // A timer of the platform fires at once if its time exceeds the maximum, so long times are split.
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

/** Doubles a time the given number of times, up to a maximum. */
export const doubledMs = (ms: number, times: number, maxMs: number): number =>
  Math.min(Math.max(ms, maxMs), ms * 2 ** times);

/** Returns a random time below a bound that doubles with each failure (full jitter). `random` returns a number in [0, 1). */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** failures);
}
