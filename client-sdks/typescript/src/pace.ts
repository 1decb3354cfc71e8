import { Alarm, type Clock, doubledMs } from './clock';
import type { StreamerError } from './errors';
import type { RequestTimes } from './request-state';

/** What a state machine says of the one timer of its message. */
export type PaceEffect =
  /** Replaces the timer; `undefined` stops it. */
  | { readonly type: 'timer'; readonly ms: number | undefined }
  /** Replaces it by the seconds that the server named, or a random time that grows with the number of delays in a row. */
  | { readonly type: 'delay'; readonly delays: number; readonly seconds?: number }
  /** The connection may be dead: ask it. */
  | { readonly type: 'probe' };

export const STOP = { type: 'timer', ms: undefined } as const;

export interface PaceOptions {
  readonly clock: Clock;
  readonly times: RequestTimes;
  /** From 0 up to 1. */
  random(): number;
  probe(): void;
  /** Counts the answers to probes. */
  answers(): number;
}

/** What was sent, as it is found again when something is known of a message that names nothing. */
export interface Sender {
  /** One message of this connection was not handed to the server. @returns whether it may have been this one */
  throttled(): boolean;
  /** The connection ended because of the frame sent last, and that was this one's. */
  failIfUnanswered?(error: StreamerError): void;
}

/** The timer of a message that is sent again until it is answered. */
export class Pace {
  private readonly timer: Alarm;
  private answersAtProbe = Number.POSITIVE_INFINITY;

  /** @param ring is told whether the connection has answered since it was probed last */
  constructor(
    private readonly options: PaceOptions,
    ring: (alive: boolean) => void,
  ) {
    this.timer = new Alarm(options.clock, () => ring(options.answers() > this.answersAtProbe));
  }

  /** @returns whether the effect was one for the timer */
  takes(effect: PaceEffect | { readonly type: unknown }): effect is PaceEffect {
    const { type, ms, delays, seconds } = effect as { type: unknown; ms?: number; delays: number; seconds?: number };
    if (type === 'probe') this.probe();
    else if (type === 'delay') this.timer.set(this.delayMs(delays, seconds));
    else if (type !== 'timer') return false;
    else if (ms === undefined) this.timer.clear();
    else this.timer.set(ms);
    return true;
  }

  private probe(): void {
    this.answersAtProbe = this.options.answers();
    this.options.probe();
  }

  private delayMs(delays: number, seconds: number | undefined): number {
    const { times, random } = this.options;
    if (seconds) return Math.min(seconds * 1_000, times.pingMs);
    return doubledMs(1_000, delays, times.watchMs / 2) * (1 + random());
  }
}
