import { Alarm, type Clock } from '../util/clock';
import type { Timing } from '../wire/protocol';

/** Delay in milliseconds above which a timer is late. */
const LATE_MS = 1_000;

export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly timing: Timing;
  /** Sends a ping over the connection. */
  ping(): void;
  /** Called if the machine slept while a ping waited for its answer. */
  onAwake(): void;
  /** Called if no frame followed a ping. `isWoken`: the ping was sent after an event of the device. */
  onDead(isWoken: boolean): void;
}

/** Sends pings over an idle connection, and notices if no frame follows a ping. */
export class KeepAlive {
  private lastSentAt = 0;
  private pongDueAt = 0;
  private isWoken = false;
  private readonly idle: Alarm;
  private readonly silence: Alarm;

  constructor(private readonly options: KeepAliveOptions) {
    const { clock } = options;
    this.idle = new Alarm(clock, () => this.onIdle());
    this.silence = new Alarm(clock, () => this.onSilence());
  }

  /** Starts the keep-alive of a connection that was just opened. */
  start(): void {
    this.sent();
    this.heard();
    this.idle.set(this.options.timing.pingMs);
  }

  stop(): void {
    this.idle.clear();
    this.silence.clear();
  }

  /** Called when a message was sent. */
  sent(): void {
    this.lastSentAt = this.options.clock.now();
  }

  /** Called when a frame has arrived. */
  heard(): void {
    this.silence.clear();
  }

  /** Sends a ping, unless another ping waits for its answer. */
  probe(): void {
    if (!this.silence.isSet) this.ask(this.options.timing.pongTimeoutMs, false);
  }

  /**
   * Sends a ping after an event of the device. If another ping waits for its answer, the answer may have arrived but was not read yet, so the time
   * for the answer starts again.
   */
  wake(): void {
    this.ask(this.options.timing.wakeTimeoutMs, true);
  }

  private ask(timeoutMs: number, isWoken: boolean): void {
    this.pongDueAt = this.options.clock.now() + timeoutMs;
    this.isWoken = isWoken;
    this.options.ping();
    this.silence.set(timeoutMs);
  }

  private onIdle(): void {
    const { clock, timing } = this.options;
    const left = this.lastSentAt + timing.pingMs - clock.now();
    // If the clock was set back, the time since the last message is unknown.
    const isDue = left <= 0 || left > timing.pingMs;
    if (isDue) this.probe();
    this.idle.set(isDue ? timing.pingMs : left);
  }

  private onSilence(): void {
    const isLate = this.options.clock.now() - this.pongDueAt > LATE_MS;
    if (isLate && !this.isWoken) this.options.onAwake();
    else this.options.onDead(this.isWoken);
  }
}
