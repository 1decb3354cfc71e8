/**
 * Reader of an append-only log: delivers each entry once and in order, although frames are lost, repeated and reordered.
 *
 * Pure functions on a state, shared by requests and topics.
 */
export interface OrderedLog<Frame> {
  /** Identifies the log to which `offset` refers; unknown before the first ack. */
  readonly epoch: string | undefined;
  /** The next offset to deliver; unknown before the first ack of a reader that starts at the current end. */
  readonly offset: number | undefined;
  /** The log is known to have entries below this offset; if it exceeds `offset`, entries are missing. */
  readonly tail: number;
  /** Frames above `offset`, by offset. */
  readonly held: ReadonlyMap<number, Frame>;
  /** `offset` at the time of the last read request; `recovered: false` in an answer refers to it. */
  readonly asked: number | undefined;
}

/** A new state and the effects that the caller must carry out. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Fields of an ack with entries of the log of a request or a topic. */
interface LogAck {
  readonly epoch: string;
  readonly offset: number;
  readonly recovered?: boolean;
  readonly more?: boolean;
  readonly entries?: readonly { readonly offset: number }[];
}

interface LogFrame {
  readonly offset: number;
}

type Deliver<State, Frame, Effect> = (state: State, frame: Frame) => Step<State, Effect>;

/** Step without an effect. */
export const stay = <State>(state: State): Step<State, never> => ({ state, effects: [] });

/** Appends the effects of a second step to those of the first. */
export function then<State, Effect>(
  step: Step<State, Effect>,
  next: (state: State) => Step<State, Effect>,
): Step<State, Effect> {
  const { state, effects } = next(step.state);
  return { state, effects: [...step.effects, ...effects] };
}

/** Takes a frame: calls `deliver` at its offset, holds a later frame, and drops an earlier one. */
export function takeFrame<Frame extends LogFrame, State extends OrderedLog<Frame>, Effect>(
  state: State,
  frame: Frame,
  deliver: Deliver<State, Frame, Effect>,
): Step<State, Effect> {
  const { offset } = state;
  if (offset === undefined || frame.offset > offset) return stay(hold(state, frame));
  if (frame.offset < offset) return stay(state);
  return then(deliver(state, frame), (next) => takeHeld(next, deliver));
}

function hold<Frame extends LogFrame, State extends OrderedLog<Frame>>(state: State, frame: Frame): State {
  const held = new Map(state.held).set(frame.offset, frame);
  const tail = state.offset === undefined ? state.tail : Math.max(state.tail, frame.offset + 1);
  return { ...state, held, tail };
}

/** Delivers the held frames that are next. */
export function takeHeld<Frame extends LogFrame, State extends OrderedLog<Frame>, Effect>(
  state: State,
  deliver: Deliver<State, Frame, Effect>,
): Step<State, Effect> {
  const frame = state.held.get(state.offset ?? -1);
  if (!frame) return stay(state);
  const held = new Map(state.held);
  held.delete(frame.offset);
  return takeFrame({ ...state, held }, frame, deliver);
}

/** Moves the state behind a delivered frame. */
export function passed<State extends { readonly tail: number }>(
  state: State,
  frame: LogFrame,
): State & { readonly offset: number } {
  const offset = frame.offset + 1;
  return { ...state, offset, tail: Math.max(state.tail, offset) };
}

/** Whether entries are known to be missing. */
export const isBehind = ({
  offset = 0,
  tail,
}: {
  readonly offset: number | undefined;
  readonly tail: number;
}): boolean => tail > offset;

/** A state that an ack was applied to, before its entries. */
export interface Rebased<State> {
  readonly state: State;
  /** Whether the ack is about another log than the one read so far: entries are lost, or come again. */
  readonly isOther: boolean;
}

/**
 * Applies the epoch and the end of an ack; its entries are taken afterwards, each by `takeFrame`.
 *
 * @param keeps whether a held frame belongs to the log of the ack; called when the state starts over
 */
export function rebase<Frame, State extends OrderedLog<Frame> & { readonly offset: number | undefined }>(
  state: State,
  ack: LogAck,
  keeps: (frame: Frame) => boolean,
): Rebased<State> {
  const isOther = state.offset !== undefined && startsOver(state, state.offset, ack);
  const base = state.offset === undefined || isOther ? restart(state, firstOffset(ack), keeps) : state;
  // `more` promises at least one more entry
  const tail = Math.max(base.tail, ack.more ? ack.offset + 1 : ack.offset);
  return { state: { ...base, epoch: ack.epoch, tail }, isOther };
}

function restart<Frame, State extends OrderedLog<Frame>>(
  state: State,
  offset: number,
  keeps: (frame: Frame) => boolean,
): State {
  const held = new Map([...state.held].filter(([at, frame]) => at >= offset && keeps(frame)));
  return { ...state, held, offset, tail: Math.max(0, ...[...held.keys()].map((at) => at + 1)) };
}

/** Offset of the first entry of an ack, or the end of the log where the ack has no entries. */
export const firstOffset = ({ entries, offset }: LogAck): number => entries?.[0]?.offset ?? offset;

/**
 * Whether an ack is about another log than the one that `offset` counts in.
 *
 * Within an epoch an offset always names the same entry, so the log differs only if its front was removed or if it ends before the offset
 * that was asked for. An `offset` above the end that has grown since the read request means that frames overtook the answer.
 */
export function startsOver(
  { epoch, asked }: { readonly epoch: string | undefined; readonly asked: number | undefined },
  offset: number,
  ack: LogAck,
): boolean {
  if (epoch !== undefined && ack.epoch !== epoch) return true;
  return ack.recovered === false && (offset < firstOffset(ack) || (offset > ack.offset && offset === asked));
}
