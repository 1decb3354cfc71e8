import { type Step, stay } from '../log/ordered-log';
import { backoffMs } from '../util/clock';
import type { Timing } from '../wire/protocol';
import { windowMs } from './retry';

/**
 * State of the replacement of a connection by its successor. API Gateway closes every connection after two hours, so the client opens a new one
 * earlier, while the old one still works.
 */
export interface Succession {
  /**
   * `idle`: there is no connection, or no successor is wanted. `waiting`: until `dueAt`. `opening`: the handshake of the successor is under way.
   * `moving`: the successor is the current connection, and the previous one is open until all viewers have moved.
   */
  readonly stage: 'idle' | 'waiting' | 'opening' | 'moving';
  /** Time at which the handshake of the next successor begins. */
  readonly dueAt: number;
  /** Number of consecutive handshakes of this successor that failed. */
  readonly failures: number;
  /** Whether the successor is needed because the token has expired. The current connection then cannot send any more. */
  readonly renews: boolean;
}

export type SuccessionInput =
  /** A connection was opened that is not a successor. */
  | { readonly type: 'opened' }
  /** The current connection has ended. */
  | { readonly type: 'lost' }
  /** The timer fired. */
  | { readonly type: 'timer' }
  /** The machine may have slept, so the timer may be late. */
  | { readonly type: 'awake' }
  /** The token has expired. `failures`: number of tokens in a row that had expired. */
  | { readonly type: 'renew'; readonly failures: number }
  /** The handshake of the successor succeeded, or failed. `isFinal`: another handshake would fail in the same way. */
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly isFinal: boolean }
  /** All viewers have moved, or the previous connection has ended. */
  | { readonly type: 'moved' };

export type SuccessionEffect =
  /** Sets the timer; `undefined` stops it. */
  | { readonly type: 'timer'; readonly ms: number | undefined }
  /** Begins the handshake of the successor. */
  | { readonly type: 'open' }
  /** Makes the successor the current connection. `renews`: the previous connection refused messages, because its token has expired. */
  | { readonly type: 'move'; readonly renews: boolean }
  /** Messages that the previous connection has not answered are sent again over the current one. */
  | { readonly type: 'overdue' }
  /** Closes the previous connection, if it is still open. */
  | { readonly type: 'end-previous' }
  /** Ends the current connection, because its token cannot be replaced in the background. */
  | { readonly type: 'drop' };

/** Values that the state machine gets from outside. */
export interface Surroundings {
  /** Current time. */
  readonly now: number;
  /** Random number from 0 up to 1. */
  readonly random: number;
  readonly timing: Timing;
}

type SuccessionStep = Step<Succession, SuccessionEffect>;

export const IDLE: Succession = { stage: 'idle', dueAt: 0, failures: 0, renews: false };
const NO_TIMER = { type: 'timer', ms: undefined } as const;

/** The replacement of connections, as a pure function of the state, an input, and the current time and random number. */
export function advanceSuccession(state: Succession, input: SuccessionInput, around: Surroundings): SuccessionStep {
  switch (input.type) {
    case 'opened':
      return wait(IDLE, dueAt(around), around);
    case 'lost':
      return { state: IDLE, effects: [NO_TIMER] };
    case 'timer':
      return onTimer(state);
    case 'awake':
      if (state.stage !== 'waiting') return stay(state);
      return state.dueAt <= around.now ? onTimer(state) : wait(state, state.dueAt, around);
    case 'renew':
      return renew(state, input.failures, around);
    case 'accepted':
      return {
        state: { ...IDLE, stage: 'moving', dueAt: dueAt(around) },
        effects: [
          { type: 'timer', ms: around.timing.connectTimeoutMs },
          { type: 'move', renews: state.renews },
        ],
      };
    case 'refused':
      return onRefused(state, input.isFinal, around);
    case 'moved':
      return state.stage === 'moving' ? end(wait(state, state.dueAt, around)) : stay(state);
  }
}

/** Returns a random time within the window, so that clients that connected together do not open their successors together. */
const dueAt = ({ now, random, timing }: Surroundings): number =>
  now + timing.moveAfterMs + random * timing.moveSpreadMs;

function wait(state: Succession, at: number, { now }: Surroundings): SuccessionStep {
  return { state: { ...state, stage: 'waiting', dueAt: at }, effects: [{ type: 'timer', ms: Math.max(0, at - now) }] };
}

const end = ({ state, effects }: SuccessionStep): SuccessionStep => ({
  state,
  effects: [...effects, { type: 'end-previous' }],
});

function onTimer(state: Succession): SuccessionStep {
  if (state.stage === 'moving') return { state, effects: [{ type: 'overdue' }] };
  return state.stage === 'waiting'
    ? { state: { ...state, stage: 'opening' }, effects: [NO_TIMER, { type: 'open' }] }
    : stay(state);
}

function renew(state: Succession, failures: number, around: Surroundings): SuccessionStep {
  if (state.stage === 'opening') return stay({ ...state, renews: true });
  const { reconnectBaseMs, reconnectMaxMs } = around.timing;
  const delay = backoffMs(failures, reconnectBaseMs, reconnectMaxMs, () => around.random);
  const step = wait({ ...state, failures: 0, renews: true }, around.now + delay, around);
  // The client keeps two connections at most.
  return state.stage === 'moving' ? end(step) : step;
}

/**
 * Handles a failed handshake of the successor. The current connection still works, so there is time for another attempt, unless the token has
 * expired.
 */
function onRefused(state: Succession, isFinal: boolean, around: Surroundings): SuccessionStep {
  if (state.renews) return { state: IDLE, effects: [{ type: 'drop' }] };
  if (isFinal) return { state: IDLE, effects: [] };
  const delay = around.random * windowMs(state.failures, around.timing);
  return wait({ ...state, failures: state.failures + 1 }, around.now + delay, around);
}
