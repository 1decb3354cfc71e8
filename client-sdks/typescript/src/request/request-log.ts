import {
  type Step as LogStep,
  passed as passedFrame,
  rebase,
  stay,
  takeFrame,
  takeHeld,
  then,
} from '../log/ordered-log';
import { STOP } from '../resend/pace';
import type { AckFrame, EventFrame, LogFrame, ProgressFrame, SnapshotField } from '../wire/messages';
import { ATTEMPT_EVENT, isCancellation, isTerminal } from '../wire/protocol';
import type { Outcome, RequestEffect, RequestState } from './request-state';

/** A state of a request, and the effects that the caller must carry out. */
export type Step = LogStep<RequestState, RequestEffect>;

const also = (step: Step, ...effects: RequestEffect[]): Step => ({
  state: step.state,
  effects: [...step.effects, ...effects],
});

/** Handles a frame of the log. A terminal entry ends the request even if its offset is below `offset`. */
export function takeLogFrame(state: RequestState, frame: LogFrame): Step {
  if (state.settled) return stay(state);
  if (state.isLate) return stay({ ...state, held: new Map(state.held).set(frame.offset, frame) });
  // If a client has stored a position after the end, it reads the terminal entry again. The entry's offset is then below `offset`.
  if (frame.offset < state.offset && frame.type !== 'event') return takeTerminal(state, frame);
  return takeFrame(state, frame, deliver);
}

function deliver(state: RequestState, frame: LogFrame): Step {
  if (frame.type !== 'event') return takeTerminal(state, frame);
  const next = passed({ ...begin(state, frame), status: 'RUNNING' }, frame);
  return also(stay(next), ...eventEffects(frame));
}

function eventEffects({ name, data, offset }: EventFrame): RequestEffect[] {
  return name === ATTEMPT_EVENT ? [] : [{ type: 'event', event: { name, data, offset } }];
}

/** Handles the terminal entry of a run. The terminal entry of an earlier run is treated like any other entry. */
function takeTerminal(state: RequestState, frame: Exclude<LogFrame, EventFrame>): Step {
  if (frame.run < state.run) return stay(frame.offset === state.offset ? passed(state, frame) : state);
  // `offset` remains at the terminal entry. A client that resumes from this position then reads the outcome again.
  const ended = { ...state, run: frame.run, offset: frame.offset };
  return settle(ended, outcomeOf(frame));
}

function outcomeOf(frame: Exclude<LogFrame, EventFrame>): Outcome {
  if (frame.type === 'result') return { ok: true, result: frame.result };
  const { error, partial, partialAt, resultAt } = frame;
  if (resultAt) return { ok: true, at: resultAt };
  return {
    ok: false,
    error,
    ...(partial === undefined ? {} : { partial }),
    ...(partialAt && { at: partialAt }),
  };
}

/** Ends the request and stops its timer. */
export function settle(state: RequestState, outcome: Outcome): Step {
  const status = outcome.ok ? 'COMPLETED' : isCancellation(outcome.error) ? 'CANCELLED' : 'FAILED';
  const percentage = outcome.ok ? 100 : state.percentage;
  return {
    state: { ...state, status, percentage, settled: true, awaiting: undefined, held: new Map() },
    effects: [STOP, { type: 'settle', outcome }],
  };
}

function passed(state: RequestState, frame: LogFrame): RequestState {
  return { ...passedFrame(state, frame), run: Math.max(state.run, frame.run) };
}

/**
 * Resets the state of the attempt if a later attempt begins. The percentage is kept in two cases: at the first attempt that the client sees, because
 * the percentage may come from a snapshot that the application stored, and at the next slice, because it continues the work.
 */
function begin(
  state: RequestState,
  { attempt, fence, slice }: EventFrame | ProgressFrame | SnapshotField,
): RequestState {
  if (fence <= state.fence) return state;
  const keeps = state.fence === 0 || (slice ?? 1) > (state.slice ?? 1);
  return { ...state, attempt, fence, slice, seq: -1, percentage: keeps ? state.percentage : 0 };
}

/** Handles a progress report. Only the latest report counts, and within an attempt the percentage never falls. */
export function takeProgress(state: RequestState, frame: ProgressFrame): Step {
  const current = begin(state, frame);
  if (state.settled || frame.fence < current.fence || frame.seq <= current.seq) return stay(state);
  const percentage = Math.max(current.percentage, frame.percentage ?? 0);
  const tail = Math.max(current.tail, frame.afterOffset);
  const next: RequestState = { ...current, status: 'RUNNING', percentage, tail, seq: frame.seq };
  const { run, attempt, slice, message, metadata } = frame;
  const progress = {
    percentage,
    ...(message === undefined ? {} : { message }),
    ...(metadata === undefined ? {} : { metadata }),
    run,
    attempt,
    ...(slice === undefined ? {} : { slice }),
  };
  return also(stay(next), { type: 'progress', progress });
}

/** Starts at the snapshot of an ack. Without a snapshot, starts at the beginning of the log. Frames that came before the ack follow it. */
function startLate(state: RequestState, ack: AckFrame): Step {
  if (!state.isLate) return stay(state);
  const { snapshot } = ack;
  const tail = Math.max(state.tail, ...[...state.held.keys()].map((at) => at + 1));
  // An epoch that the application passed has no effect, because the client has not read any entry of that log.
  const begun = { ...state, isLate: false, epoch: ack.epoch, tail };
  if (!snapshot) return stay(begun);
  const { offset, run, attempt, data } = snapshot;
  const started = { ...begin(begun, snapshot), offset, tail: Math.max(tail, offset) };
  return also(stay(started), { type: 'snapshot', snapshot: { data, offset, skipped: offset, run, attempt } });
}

/** Applies an ack. A snapshot comes first, then the entries in order, then the progress. If the last entry is a terminal entry, it comes after the progress. */
export function takeAck(before: RequestState, ack: AckFrame): Step {
  const step = then(startLate(before, ack), (state) => takeEntries(state, ack));
  return before.isLate ? then(step, takeFramesSoFar) : step;
}

/** Delivers the frames that came before the first ack, as far as no entry is missing before them. */
function takeFramesSoFar(state: RequestState): Step {
  if (state.settled) return stay(state);
  const held = new Map([...state.held].filter(([at]) => at >= state.offset));
  return takeHeld({ ...state, held }, deliver);
}

function takeEntries(state: RequestState, ack: AckFrame): Step {
  // Held frames have no epoch. So it is unknown whether they belong to the new log.
  const { state: rebased, isOther } = rebase(state, ack, () => false);
  const based = isOther
    ? { ...rebased, run: 0, attempt: 0, fence: 0, slice: undefined, seq: -1, percentage: 0 }
    : rebased;
  // Frames that overtook the ack are newer than the ack.
  const isStale = ack.offset < based.offset && !isTerminal(ack.status);
  const known: RequestState = {
    ...based,
    ref: ack.ref,
    run: Math.max(based.run, ack.run),
    status: isStale ? based.status : ack.status,
  };
  const begun: Step = { state: known, effects: isOther && state.offset > 0 ? [{ type: 'reset' }] : [] };
  const step = framesOf(ack).reduce(
    (taken, frame) => then(taken, (s) => (frame.type === 'progress' ? takeProgress(s, frame) : takeLogFrame(s, frame))),
    begun,
  );
  return step.state.settled ? step : { state: { ...step.state, status: known.status }, effects: step.effects };
}

/** Returns the frames of an ack in the order of delivery. No frame may follow the end of a request. */
function framesOf({ entries = [], progress }: AckFrame): readonly (LogFrame | ProgressFrame)[] {
  if (!progress) return entries;
  const isEnd = entries.length > 0 && entries[entries.length - 1]?.type !== 'event';
  const before = isEnd ? entries.slice(0, -1) : entries;
  return [...before, progress, ...entries.slice(before.length)];
}
