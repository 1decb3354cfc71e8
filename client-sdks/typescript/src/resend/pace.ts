import type { Step } from '../log/ordered-log';
import type { RequestTimes } from '../request/request-state';
import { Alarm, type Clock, doubledMs } from '../util/clock';
import type { StreamerError } from '../wire/errors';
import { LIMITS } from '../wire/protocol';

/** Effect of a state machine on the timer of its message. */
export type PaceEffect =
  /** Sets the timer to the given time; `undefined` stops it. */
  | { readonly type: 'timer'; readonly ms: number | undefined }
  /**
   * Sets the timer to the number of seconds in the server's answer. If the answer contains none, the time is random and grows with the number of
   * consecutive delays.
   */
  | { readonly type: 'delay'; readonly delays: number; readonly seconds?: number }
  /** Sends a ping, because the connection may be dead. */
  | { readonly type: 'probe' };

export const STOP = { type: 'timer', ms: undefined } as const;

/** Returns a step that sends the same message again after a delay. */
export function delay<State extends { readonly delays: number }>(
  state: State,
  sends: number,
  seconds?: number,
): Step<State, PaceEffect> {
  const { delays } = state;
  return {
    state: { ...state, sends, delayed: true, delays: delays + 1 },
    effects: [{ type: 'delay', delays, seconds }],
  };
}

/** Probes the connection once more. The message was sent the maximum number of times, and the connection has not answered the last probe. */
export const lastChance = <State>(state: State, { ackTimeoutMs, watchMs }: RequestTimes): Step<State, PaceEffect> => ({
  state,
  effects: [{ type: 'timer', ms: Math.max(ackTimeoutMs, watchMs) }, { type: 'probe' }],
});

/** Resets the state after the connection is lost: no message waits for an answer. */
export const lost = <State>(state: State): Step<State, PaceEffect> => ({
  state: { ...state, connected: false, delayed: false },
  effects: [STOP],
});

/** If the same message was sent twice without an answer, probes the connection, because it may be dead. */
export function doubt<State extends { readonly sends: number }, Effect>(
  isUnanswered: boolean,
  { state, effects }: Step<State, Effect | PaceEffect>,
): Step<State, Effect | PaceEffect> {
  const isDead = isUnanswered && state.sends >= LIMITS.sends;
  return { state, effects: isDead ? [...effects, { type: 'probe' }] : effects };
}

export interface PaceOptions {
  readonly clock: Clock;
  readonly times: RequestTimes;
  /** Returns a random number from 0 up to 1. */
  random(): number;
  probe(): void;
  /** Returns the number of answers to probes. */
  answers(): number;
}

/** A message that was sent. If a frame arrives that names no message, the session searches the senders for the one that the frame concerns. */
export interface Sender {
  /** Handles the report that the server did not receive one message of this connection. @returns whether it may have been this message */
  throttled(): boolean;
  /** Called if this message was the last frame that was sent, and this frame ended the connection. */
  failIfUnanswered?(error: StreamerError): void;
}

/** The timer of a message that is sent again until the server answers it. */
export class Pace {
  private readonly timer: Alarm;
  private answersAtProbe = Number.POSITIVE_INFINITY;

  /** @param ring called when the time is over; its argument specifies whether the connection has answered since the last probe */
  constructor(
    private readonly options: PaceOptions,
    ring: (alive: boolean) => void,
  ) {
    this.timer = new Alarm(options.clock, () => ring(options.answers() > this.answersAtProbe));
  }

  /** Carries out an effect, if it concerns the timer. @returns whether the effect concerns the timer */
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
