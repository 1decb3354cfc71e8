import { Alarm, type Clock } from '../util/clock';

/** Interval of the checks in milliseconds. */
const CHECK_MS = 10_000;

/** Delay in milliseconds above which a timer shows that the machine slept. Browsers delay the timers of hidden pages by up to a minute. */
const LATE_MS = 65_000;

/**
 * Notices that the machine slept, because a timer then fires much later than planned. Platforms that have no page events give no other sign of a
 * sleep.
 */
export class SleepWatch {
  private dueAt = 0;
  private readonly alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly onSlept: () => void,
  ) {
    this.alarm = new Alarm(clock, () => this.check());
  }

  start(): void {
    this.dueAt = this.clock.now() + CHECK_MS;
    this.alarm.set(CHECK_MS);
  }

  stop(): void {
    this.alarm.clear();
  }

  private check(): void {
    const slept = this.clock.now() - this.dueAt > LATE_MS;
    this.start();
    if (slept) this.onSlept();
  }
}
