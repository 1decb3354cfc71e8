import type { Outcome, RequestEffect, RequestState } from '../request/request-state';
import { STOP } from '../resend/pace';
import type { AckFrame, EventFrame, LogFrame, ProgressFrame } from '../wire/messages';
import { ATTEMPT_EVENT, isTerminal } from '../wire/protocol';
import { firstOffset, startsOver } from './recovery';

/** A state and what is to be done about it. */
export interface Step {
  readonly state: RequestState;
  readonly effects: readonly RequestEffect[];
}

export const stay = (state: RequestState): Step => ({ state, effects: [] });

const also = (step: Step, ...effects: RequestEffect[]): Step => ({
  state: step.state,
  effects: [...step.effects, ...effects],
});

/** One step after another. */
export function then(step: Step, next: (state: RequestState) => Step): Step {
  const { state, effects } = next(step.state);
  return { state, effects: [...step.effects, ...effects] };
}

/** Takes a log frame: delivers it in its turn, holds it back before, drops it after. */
export function takeLogFrame(state: RequestState, frame: LogFrame): Step {
  if (state.settled) return stay(state);
  if (frame.offset > state.offset) return stay(hold(state, frame));
  // The end is looked for below `offset` by a client that remembers a position behind it.
  if (frame.offset < state.offset) return frame.type === 'event' ? stay(state) : takeTerminal(state, frame);
  return then(deliver(state, frame), takeHeld);
}

function hold(state: RequestState, frame: LogFrame): RequestState {
  const held = new Map(state.held).set(frame.offset, frame);
  return { ...state, held, tail: Math.max(state.tail, frame.offset + 1) };
}

function takeHeld(state: RequestState): Step {
  const frame = state.held.get(state.offset);
  if (!frame || state.settled) return stay(state);
  const held = new Map(state.held);
  held.delete(frame.offset);
  return takeLogFrame({ ...state, held }, frame);
}

function deliver(state: RequestState, frame: LogFrame): Step {
  if (frame.type !== 'event') return takeTerminal(state, frame);
  const next = passed({ ...begin(state, frame), status: 'RUNNING' }, frame);
  return also(stay(next), ...eventEffects(frame));
}

function eventEffects({ name, data, offset }: EventFrame): RequestEffect[] {
  return name === ATTEMPT_EVENT ? [] : [{ type: 'event', event: { name, data, offset } }];
}

/** The end of a run; of an earlier one it is only an entry among others. */
function takeTerminal(state: RequestState, frame: Exclude<LogFrame, EventFrame>): Step {
  if (frame.run < state.run) return stay(frame.offset === state.offset ? passed(state, frame) : state);
  // `offset` stays at the end, so that whoever remembers it finds the outcome again.
  const ended = { ...state, run: frame.run, offset: frame.offset };
  return settle(ended, outcomeOf(frame));
}

function outcomeOf(frame: Exclude<LogFrame, EventFrame>): Outcome {
  return frame.type === 'result' ? { ok: true, result: frame.result } : { ok: false, error: frame.error };
}

/** Ends the request; its timer stops. */
export function settle(state: RequestState, outcome: Outcome): Step {
  const status = outcome.ok ? 'COMPLETED' : outcome.error.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
  const percentage = outcome.ok ? 100 : state.percentage;
  return {
    state: { ...state, status, percentage, settled: true, awaiting: undefined, held: new Map() },
    effects: [STOP, { type: 'settle', outcome }],
  };
}

function passed(state: RequestState, frame: LogFrame): RequestState {
  const offset = frame.offset + 1;
  return { ...state, offset, tail: Math.max(state.tail, offset), run: Math.max(state.run, frame.run) };
}

/** A higher attempt than any seen starts over. The first one seen may be the one that a remembered percentage is of. */
function begin(state: RequestState, { attempt }: { readonly attempt: number }): RequestState {
  if (attempt <= state.attempt) return state;
  return { ...state, attempt, seq: -1, percentage: state.attempt === 0 ? state.percentage : 0 };
}

/** Takes a progress report: the latest wins, and within an attempt the percentage never falls. */
export function takeProgress(state: RequestState, frame: ProgressFrame): Step {
  const current = begin(state, frame);
  if (state.settled || frame.attempt < current.attempt || frame.seq <= current.seq) return stay(state);
  const percentage = Math.max(current.percentage, frame.percentage ?? 0);
  const tail = Math.max(current.tail, frame.afterOffset);
  const next: RequestState = { ...current, status: 'RUNNING', percentage, tail, seq: frame.seq };
  const { attempt, message, metadata } = frame;
  const progress = {
    percentage,
    ...(message === undefined ? {} : { message }),
    ...(metadata === undefined ? {} : { metadata }),
    attempt,
  };
  return also(stay(next), { type: 'progress', progress });
}

/** Applies an ack: its entries in order and then its progress; a terminal entry at the end follows the progress. */
export function takeAck(state: RequestState, ack: AckFrame): Step {
  const base = startsOver(state, state.offset, ack) ? startOver(state, ack) : stay(state);
  const based = base.state;
  // An ack that was overtaken knows less than the frames that overtook it.
  const isStale = ack.offset < based.offset && !isTerminal(ack.status);
  const known: RequestState = {
    ...based,
    epoch: ack.epoch,
    ref: ack.ref,
    run: Math.max(based.run, ack.run),
    status: isStale ? based.status : ack.status,
    // "The log goes on" means one entry more at least.
    tail: Math.max(based.tail, ack.more ? ack.offset + 1 : ack.offset),
  };
  const begun: Step = { state: known, effects: base.effects };
  const step = framesOf(ack).reduce(
    (taken, frame) => then(taken, (s) => (frame.type === 'progress' ? takeProgress(s, frame) : takeLogFrame(s, frame))),
    begun,
  );
  return step.state.settled ? step : { state: { ...step.state, status: known.status }, effects: step.effects };
}

/** Frames of an ack in the order of delivery: nothing may follow the end of a request. */
function framesOf({ entries = [], progress }: AckFrame): readonly (LogFrame | ProgressFrame)[] {
  if (!progress) return entries;
  const isEnd = entries.length > 0 && entries[entries.length - 1]?.type !== 'event';
  const before = isEnd ? entries.slice(0, -1) : entries;
  return [...before, progress, ...entries.slice(before.length)];
}

function startOver(state: RequestState, ack: AckFrame): Step {
  const offset = firstOffset(ack);
  return {
    state: {
      ...state,
      offset,
      tail: ack.offset,
      held: new Map(),
      run: 0,
      attempt: 0,
      seq: -1,
      percentage: 0,
    },
    effects: state.offset > 0 ? [{ type: 'reset' }] : [],
  };
}
