import type { Clock, Timer } from '../types';
import type { Schedule } from './schedule';

/** Maximum duration of one timer. Timers support at most 2^31 - 1 ms, so a longer wait needs several timers. */
const LONGEST_WAIT_MS = 86_400_000;

/** Timers of named schedules. If the machine sleeps, the first missed run starts after the sleep. The other missed runs are skipped. */
export class Timetable {
  private readonly timers = new Map<string, Timer>();

  public constructor(private readonly clock: Clock) {}

  /** Calls `run` with each time of a schedule from now on. The schedule replaces an earlier one with the same name. */
  public set(name: string, schedule: Schedule, run: (time: number) => void): void {
    this.cancel(name);
    this.arm(name, schedule, schedule.next(this.clock.now()), run);
  }

  public cancel(name: string): void {
    this.clock.clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  public close(): void {
    for (const name of [...this.timers.keys()]) this.cancel(name);
  }

  private arm(name: string, schedule: Schedule, due: number | undefined, run: (time: number) => void): void {
    this.timers.delete(name);
    if (due === undefined) return;
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, due - this.clock.now()));
    const timer = this.clock.setTimeout(() => {
      const now = this.clock.now();
      if (now < due) return this.arm(name, schedule, due, run);
      this.arm(name, schedule, schedule.next(now), run);
      run(due);
    }, wait);
    this.timers.set(name, timer);
  }
}
