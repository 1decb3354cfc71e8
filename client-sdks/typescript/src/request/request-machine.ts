import { isBehind, stay, then } from '../log/ordered-log';
import { moveAfter } from '../resend/move';
import { delay, doubt, lastChance, lost } from '../resend/pace';
import { doubledMs } from '../util/clock';
import type { AckFrame, RefusalFrame, RequestFrame, WireError } from '../wire/messages';
import { isPassing, isTerminal, isUnknown, LIMITS, UNANSWERED } from '../wire/protocol';
import { type Step, settle, takeAck, takeLogFrame, takeProgress } from './request-log';
import type { RequestInput, RequestState, RequestTimes } from './request-state';

/**
 * The behaviour of one request, as a pure function of its state and an input.
 *
 * It implements "What a client does" of `protocol/PROTOCOL.md`. It uses no socket, clock or callback, so a test can try any loss, repetition and
 * order of frames.
 */
export function advance(state: RequestState, input: RequestInput, times: RequestTimes): Step {
  if (state.settled) return stay(state);
  switch (input.type) {
    case 'open':
      return send({ ...state, connected: true, sends: 0, move: undefined }, times);
    case 'move':
      // The answer comes over the previous connection. The request is not sent again, because a sync action would run twice.
      if (!input.renews && !state.accepted && state.awaiting === 'request') return stay({ ...state, move: 'waits' });
      return send({ ...state, sends: 0, move: state.accepted ? 'attaches' : undefined }, times);
    case 'overdue':
      return state.move === 'waits' ? send({ ...state, sends: 0, move: undefined }, times) : stay(state);
    case 'throttled':
      return delay(state, Math.max(0, state.sends - 1));
    case 'ended':
      return onEnded({ ...state, status: input.status }, times);
    case 'lost':
      return lost({ ...state, awaiting: undefined, move: undefined });
    case 'timer':
      return onTimer(state, input.alive, times);
    case 'frame':
      return onMovingFrame(state, input.frame, input.isPrevious ?? false, times);
  }
}

/** Handles a frame, and attaches over the current connection if the frame is the answer to a request that was sent over the previous one. */
function onMovingFrame(state: RequestState, frame: RequestFrame, isPrevious: boolean, times: RequestTimes): Step {
  const isAnswer = frame.type === 'ack' || (frame.type === 'error' && frame.offset === undefined);
  if (isPrevious && isAnswer && state.move !== 'waits') return stay(state);
  return then(onFrame(state, frame, times), (next) => {
    const move = moveAfter(state.move, next.accepted, isAnswer, isPrevious);
    const mustAttach = !next.settled && move !== state.move && move === 'attaches' && next.awaiting !== 'attach';
    return mustAttach ? send({ ...next, sends: 0, move }, times) : stay({ ...next, move });
  });
}

/** Sends the request again if it is unanswered. Otherwise attaches, to read the log. */
function send(before: RequestState, times: RequestTimes): Step {
  if (!before.connected) return stay(before);
  const state = { ...before, delayed: false };
  const sends = state.sends + 1;
  const timer = { type: 'timer', ms: doubledMs(times.ackTimeoutMs, sends - 1, times.watchMs) } as const;
  if (!state.accepted) {
    return {
      state: { ...state, sends, posts: state.posts + 1, awaiting: 'request' },
      effects: [{ type: 'send-request' }, timer],
    };
  }
  const offset = state.isLate ? undefined : attachOffset(state);
  return {
    state: { ...state, sends, asked: state.offset, awaiting: 'attach' },
    effects: [{ type: 'send-attach', offset, epoch: state.epoch }, timer],
  };
}

/** Attaches to read the end of the log. If an attach is under way already, its answer is checked for the end. */
function onEnded(state: RequestState, times: RequestTimes): Step {
  return state.awaiting === undefined ? send({ ...state, sends: 0 }, times) : stay(state);
}

/**
 * Returns the offset for an attach. If the request has ended but the client has read the log without finding the end, it reads the last entry again.
 */
function attachOffset(state: RequestState): number {
  return lacksEnd(state) ? Math.max(0, state.offset - 1) : state.offset;
}

const lacksEnd = (state: RequestState): boolean => isTerminal(state.status) && !isBehind(state);

function onTimer(state: RequestState, alive: boolean | undefined, times: RequestTimes): Step {
  const isUnanswered = state.awaiting !== undefined && !state.delayed;
  if (isUnanswered && !state.accepted && state.sends >= LIMITS.sends) {
    if (alive) return settle(state, { ok: false, error: UNANSWERED });
    return lastChance(state, times);
  }
  return doubt(state.awaiting !== undefined, send(state, times));
}

function onFrame(state: RequestState, frame: RequestFrame, times: RequestTimes): Step {
  switch (frame.type) {
    case 'response':
      return settle(state, { ok: true, result: frame.result });
    case 'ack':
      return onAck(state, frame, times);
    case 'progress':
      return then(takeProgress(named(state), frame), (next) => afterPost(next, times));
    case 'error':
      if (frame.offset === undefined) return onRefusal(state, frame);
      return then(takeLogFrame(named(state), frame), (next) => afterPost(next, times));
    default:
      return then(takeLogFrame(named(state), frame), (next) => afterPost(next, times));
  }
}

/** Marks the request as accepted. Any frame that names the request counts as its ack. */
function named(state: RequestState): RequestState {
  if (state.accepted && state.awaiting !== 'request') return state;
  return { ...state, accepted: true, awaiting: undefined, sends: 0, delayed: false, delays: 0 };
}

/** Continues after a frame that did not answer an attach. If an attach waits for its answer, its timer continues. */
function afterPost(state: RequestState, times: RequestTimes): Step {
  if (state.settled || state.awaiting === 'attach') return stay(state);
  if (!isBehind(state)) return watch(state, times);
  // An earlier attach has brought nothing new. The timer decides when to attach again, not each further frame.
  return state.sends > 0 ? stay(state) : send(state, times);
}

function watch(state: RequestState, times: RequestTimes): Step {
  return { state: { ...state, sends: 0 }, effects: [{ type: 'timer', ms: times.watchMs }] };
}

function onAck(state: RequestState, ack: AckFrame, times: RequestTimes): Step {
  // The ack is not expected, and it belongs to another log, so it is an old answer. The client attaches, so that the server's answer decides.
  if (state.epoch !== undefined && ack.epoch !== state.epoch && state.awaiting === undefined) return send(state, times);
  return then(takeAck(named(state), ack), (next) =>
    afterAck({ ...next, awaiting: undefined, delayed: false, delays: 0 }, state, times),
  );
}

function afterAck(state: RequestState, before: RequestState, times: RequestTimes): Step {
  if (state.settled) return stay(state);
  const isNew = state.offset !== before.offset || !before.accepted;
  if (isBehind(state) && isNew) return send({ ...state, sends: 0 }, times);
  // The answer brought nothing new, or the end is not written yet. The client attaches again later.
  if (isBehind(state) || lacksEnd(state)) return retry(state, times);
  return watch(state, times);
}

function retry(state: RequestState, times: RequestTimes): Step {
  // The stored position is after the end. The client reads the previous entry at once, because no later entry will come.
  if (!isBehind(state) && state.sends === 1 && state.offset > 0) return send(state, times);
  const ms = doubledMs(times.ackTimeoutMs, Math.max(0, state.sends - 1), times.watchMs);
  return { state: { ...state, awaiting: undefined }, effects: [{ type: 'timer', ms }] };
}

function onRefusal(state: RequestState, { for: refused = 'request', ran, error }: RefusalFrame): Step {
  // The action ran. So the error ends the request, regardless of its code.
  if (ran) return settle(state, { ok: false, error });
  const isAwaited = refused === state.awaiting;
  if (refused === 'request') {
    if (state.accepted) return stay(state);
    const isSent = state.posts > 1;
    if (!isUnknown(error) && !(isSent && error.retryable)) {
      return settle(state, { ok: false, error: isSent ? repeated(error) : error });
    }
  } else if (isAwaited && !isPassing(error)) return settle(state, { ok: false, error });
  return isAwaited ? delay({ ...state, awaiting: undefined }, 0, error.retryAfter) : stay(state);
}

/**
 * Extends the message of a refusal if the request was sent several times. A refusal of one message does not mean that the server refused the others.
 */
const repeated = (error: WireError): WireError => ({
  ...error,
  message: `${error.message} A request that was sent earlier may run.`,
});
