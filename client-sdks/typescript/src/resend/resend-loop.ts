import { doubledMs } from '../util/clock';
import type { RefusalFrame } from '../wire/messages';
import { LIMITS } from '../wire/protocol';
import { Pace, type PaceOptions, type Sender, STOP } from './pace';

export interface ResendLoopOptions extends PaceOptions {
  send(text: string): void;
}

/** Sends a message again, unchanged, until the server answers it. */
export class ResendLoop implements Sender {
  private readonly pace: Pace;
  private isOpen = false;
  private isDelayed = false;
  private sends = 0;
  private delays = 0;

  /** @param unanswered called if the message was sent the maximum number of times and the connection still works */
  constructor(
    private readonly text: string,
    private readonly options: ResendLoopOptions,
    private readonly unanswered: () => void,
  ) {
    this.pace = new Pace(options, (alive) => this.onTimer(alive));
  }

  /** Starts to send the message over a new connection. @param isHeld whether the message waits for `release`, but no longer than the ack timeout */
  opened(isHeld = false): void {
    this.isOpen = true;
    this.sends = 0;
    if (isHeld) this.wait(0);
    else this.send();
  }

  /** Sends a held message now, because the answer for which it waited has come. */
  release(): void {
    if (this.sends === 0) this.send();
  }

  lost(): void {
    this.isOpen = false;
    this.pace.takes(STOP);
  }

  /** Sends the message again later, after a retryable refusal. */
  later({ error }: RefusalFrame): void {
    this.sends = 0;
    if (this.isOpen) this.delay(error.retryAfter);
  }

  throttled(): boolean {
    if (!this.isOpen || this.isDelayed) return false;
    this.sends -= 1;
    this.delay();
    return true;
  }

  private delay(seconds?: number): void {
    this.isDelayed = true;
    this.pace.takes({ type: 'delay', delays: this.delays++, seconds });
  }

  private onTimer(alive: boolean): void {
    if (this.isDelayed || this.sends < LIMITS.sends) this.send();
    else if (alive) this.unanswered();
    else this.wait(this.sends);
  }

  private send(): void {
    this.isDelayed = false;
    this.options.send(this.text);
    this.wait(this.sends++);
  }

  private wait(repetitions: number): void {
    const { ackTimeoutMs, watchMs } = this.options.times;
    this.pace.takes({ type: 'timer', ms: doubledMs(ackTimeoutMs, repetitions, watchMs) });
    // Two messages without an answer mean that the connection may be dead.
    if (repetitions > 1) this.pace.takes({ type: 'probe' });
  }
}
