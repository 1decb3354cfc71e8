/** Time as an argument, so that tests can own it. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** One timer that is set again and again. */
export class Alarm {
  private timer: unknown;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Replaces the time set before. */
  set(ms: number): void {
    this.clear();
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      this.ring();
    }, ms);
  }

  get isSet(): boolean {
    return this.timer !== undefined;
  }

  clear(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }
}

/** Full jitter: a random time below a bound that doubles with each failure. `random` is in [0, 1). */
export function backoffMs(failures: number, baseMs: number, maxMs: number, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** failures);
}
