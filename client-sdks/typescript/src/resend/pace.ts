import type { Step } from '../log/ordered-log';
import type { RequestTimes } from '../request/request-state';
import { Alarm, type Clock, doubledMs } from '../util/clock';
import type { StreamerError } from '../wire/errors';
import { LIMITS } from '../wire/protocol';

/** Effect of a state machine on the timer of its message. */
export type PaceEffect =
  /** Replaces the timer; `undefined` stops it. */
  | { readonly type: 'timer'; readonly ms: number | undefined }
  /** Replaces the timer: waits the seconds that the server named, or a random time that grows with the number of consecutive delays. */
  | { readonly type: 'delay'; readonly delays: number; readonly seconds?: number }
  /** Probes the connection with a ping, because it may be dead. */
  | { readonly type: 'probe' };

export const STOP = { type: 'timer', ms: undefined } as const;

/** Sends the same message again after a random time. */
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

/** Probes the connection once more: the message was sent the maximum number of times, and no answer to a probe has come since. */
export const lastChance = <State>(state: State, { ackTimeoutMs, watchMs }: RequestTimes): Step<State, PaceEffect> => ({
  state,
  effects: [{ type: 'timer', ms: Math.max(ackTimeoutMs, watchMs) }, { type: 'probe' }],
});

/** Resets the state when the connection is lost: the message no longer waits for an answer. */
export const lost = <State>(state: State): Step<State, PaceEffect> => ({
  state: { ...state, connected: false, delayed: false },
  effects: [STOP],
});

/** Probes the connection after two sends of the same message without an answer, because it may be dead. */
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
  /** Random number from 0 up to 1. */
  random(): number;
  probe(): void;
  /** Number of answers to probes. */
  answers(): number;
}

/** A sent message, which the session looks up when it receives a frame that names no message. */
export interface Sender {
  /** Handles the report that one message of this connection was not delivered to the server. @returns whether it may have been this message */
  throttled(): boolean;
  /** Handles the end of the connection because of the frame sent last, which was this message's. */
  failIfUnanswered?(error: StreamerError): void;
}

/** The timer of a message that is sent again until it is answered. */
export class Pace {
  private readonly timer: Alarm;
  private answersAtProbe = Number.POSITIVE_INFINITY;

  /** @param ring called with whether the connection has answered since the last probe */
  constructor(
    private readonly options: PaceOptions,
    ring: (alive: boolean) => void,
  ) {
    this.timer = new Alarm(options.clock, () => ring(options.answers() > this.answersAtProbe));
  }

  /** @returns whether the effect applied to the timer */
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
