/**
 * State of a reader of an append-only log. The reader delivers each entry once and in order, although frames may be lost, repeated or reordered.
 *
 * The functions of this module are pure. Requests and topics share them.
 */
export interface OrderedLog<Frame> {
  /** Identifies the log in which `offset` counts; undefined before the first ack. */
  readonly epoch: string | undefined;
  /** The next offset to deliver. It is undefined before the first ack, if the reader starts at the current end. */
  readonly offset: number | undefined;
  /** The log certainly has all entries below this offset. If it is greater than `offset`, entries are missing. */
  readonly tail: number;
  /** Frames that arrived before earlier entries, by their offsets. */
  readonly held: ReadonlyMap<number, Frame>;
  /** `offset` when the log was last requested. `recovered: false` in an answer refers to this offset. */
  readonly asked: number | undefined;
}

/** A new state, and the effects that the caller must carry out. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Fields of an ack that contains entries of a request's or a topic's log. */
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

/** Returns a step without an effect. */
export const stay = <State>(state: State): Step<State, never> => ({ state, effects: [] });

/** Continues a step with a second one, and joins the effects of both. */
export function then<State, Effect>(
  step: Step<State, Effect>,
  next: (state: State) => Step<State, Effect>,
): Step<State, Effect> {
  const { state, effects } = next(step.state);
  return { state, effects: [...step.effects, ...effects] };
}

/** Handles a frame of the log. A frame at the next offset is delivered, a later frame is held, and an earlier frame is dropped. */
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

/** Delivers held frames, as long as the next frame is one of them. */
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

/** Moves `offset` past a delivered frame. */
export function passed<State extends { readonly tail: number }>(
  state: State,
  frame: LogFrame,
): State & { readonly offset: number } {
  const offset = frame.offset + 1;
  return { ...state, offset, tail: Math.max(state.tail, offset) };
}

/** Whether entries are certainly missing. */
export const isBehind = ({
  offset = 0,
  tail,
}: {
  readonly offset: number | undefined;
  readonly tail: number;
}): boolean => tail > offset;

/** State after an ack was applied, before the entries of the ack are applied. */
export interface Rebased<State> {
  readonly state: State;
  /** Whether the ack belongs to another log than the one that was read so far. In that case, entries are lost or come again. */
  readonly isOther: boolean;
}

/**
 * Applies the epoch and the end of an ack. Afterwards, the caller applies each of the ack's entries with `takeFrame`.
 *
 * @param keeps returns whether a held frame belongs to the ack's log; called if the reader starts over
 */
export function rebase<Frame, State extends OrderedLog<Frame> & { readonly offset: number | undefined }>(
  state: State,
  ack: LogAck,
  keeps: (frame: Frame) => boolean,
): Rebased<State> {
  const isOther = state.offset !== undefined && startsOver(state, state.offset, ack);
  const base = state.offset === undefined || isOther ? restart(state, firstOffset(ack), keeps) : state;
  // `more` means that at least one more entry follows
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

/** Returns the offset of an ack's first entry. If the ack has no entries, returns the end of the log. */
export const firstOffset = ({ entries, offset }: LogAck): number => entries?.[0]?.offset ?? offset;

/**
 * Whether the reader must start over, because an ack belongs to another log than the one that `offset` counts in.
 *
 * Within an epoch, an offset always identifies the same entry. So the log counts as another one only if its first entries were removed, or if it ends
 * before the requested offset. If `offset` has grown beyond the end since the request, frames have overtaken the answer.
 */
export function startsOver(
  { epoch, asked }: { readonly epoch: string | undefined; readonly asked: number | undefined },
  offset: number,
  ack: LogAck,
): boolean {
  if (epoch !== undefined && ack.epoch !== epoch) return true;
  return ack.recovered === false && (offset < firstOffset(ack) || (offset > ack.offset && offset === asked));
}
