import { Alarm, type Clock } from './clock';
import type { RefusalFrame } from './messages';
import type { RequestTimes } from './request-state';

export interface RepeatedOptions {
  readonly clock: Clock;
  readonly times: RequestTimes;
  send(text: string): void;
  probe(): void;
}

/** A message that is sent again until it is answered, with the same text. */
export class Repeated {
  private readonly timer: Alarm;
  private isOpen = false;
  private sends = 0;

  constructor(
    private readonly text: string,
    private readonly options: RepeatedOptions,
  ) {
    this.timer = new Alarm(options.clock, () => this.send());
  }

  opened(): void {
    this.isOpen = true;
    this.sends = 0;
    this.send();
  }

  lost(): void {
    this.isOpen = false;
    this.timer.clear();
  }

  /** It was refused, and may be taken later. */
  later({ error }: RefusalFrame): void {
    if (this.isOpen && error.retryAfter) this.timer.set(Math.min(error.retryAfter * 1000, this.options.times.pingMs));
  }

  stop(): void {
    this.lost();
  }

  private send(): void {
    if (!this.isOpen) return;
    const { times, probe } = this.options;
    this.options.send(this.text);
    this.timer.set(Math.min(times.ackTimeoutMs * 2 ** this.sends, Math.max(times.ackTimeoutMs, times.watchMs)));
    this.sends += 1;
    // Twice no answer to the same message: it may be the connection.
    if (this.sends > 2) probe();
  }
}
