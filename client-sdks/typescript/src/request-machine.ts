import { type Step, settle, stay, takeAck, takeLogFrame, takeProgress, then } from './log-rules';
import type { AckFrame, RefusalFrame, RequestFrame } from './messages';
import { isTerminal } from './protocol';
import type { RequestInput, RequestState, RequestTimes } from './request-state';

/**
 * The whole behaviour of one request: a pure function of what is known and what happens.
 *
 * `protocol/PROTOCOL.md`, "What a client does", is what it follows. No socket, clock or callback is near it, so any
 * loss, repetition and order of frames can be tried in a test.
 */
export function advance(state: RequestState, input: RequestInput, times: RequestTimes): Step {
  if (state.settled) return stay(state);
  switch (input.type) {
    case 'open':
      return send({ ...state, connected: true, sends: 0 }, times);
    case 'lost':
      return {
        state: { ...state, connected: false, awaiting: undefined },
        effects: [{ type: 'timer', ms: undefined }],
      };
    case 'timer':
      return onTimer(state, times);
    case 'frame':
      return onFrame(state, input.frame, times);
  }
}

/** Says again what has no answer, or asks the log. */
function send(state: RequestState, times: RequestTimes): Step {
  if (!state.connected) return stay(state);
  const sends = state.sends + 1;
  const timer = { type: 'timer', ms: doubled(times.ackTimeoutMs, sends - 1, times.watchMs) } as const;
  if (!state.accepted) {
    return { state: { ...state, sends, awaiting: 'request' }, effects: [{ type: 'send-request' }, timer] };
  }
  const offset = attachOffset(state);
  return {
    state: { ...state, sends, awaiting: 'attach' },
    effects: [{ type: 'send-attach', offset, epoch: state.epoch }, timer],
  };
}

/** Of a request that has ended and whose log was read without finding the end, the last entry is read again. */
function attachOffset(state: RequestState): number {
  return lacksEnd(state) ? Math.max(0, state.offset - 1) : state.offset;
}

const isBehind = (state: RequestState): boolean => state.tail > state.offset;
const lacksEnd = (state: RequestState): boolean => isTerminal(state.status) && !isBehind(state);

const doubled = (ms: number, times: number, max: number): number => Math.min(Math.max(ms, max), ms * 2 ** times);

function onTimer(state: RequestState, times: RequestTimes): Step {
  // Twice no answer to the same message: it may be the connection.
  const isDead = state.awaiting !== undefined && state.sends >= 2;
  const again = send(state, times);
  return isDead ? { state: again.state, effects: [...again.effects, { type: 'probe' }] } : again;
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
      if (frame.offset === undefined) return onRefusal(state, frame, times);
      return then(takeLogFrame(named(state), frame), (next) => afterPost(next, times));
    default:
      return then(takeLogFrame(named(state), frame), (next) => afterPost(next, times));
  }
}

/** Any frame that names the request is its ack. */
function named(state: RequestState): RequestState {
  if (state.accepted && state.awaiting !== 'request') return state;
  return { ...state, accepted: true, awaiting: undefined, sends: 0 };
}

/** After a frame that came by itself. An attach under way keeps its own time. */
function afterPost(state: RequestState, times: RequestTimes): Step {
  if (state.settled || state.awaiting === 'attach') return stay(state);
  if (!isBehind(state)) return watch(state, times);
  // Asked in vain before: the timer decides, not each further frame.
  return state.sends > 0 ? stay(state) : send(state, times);
}

function watch(state: RequestState, times: RequestTimes): Step {
  return { state: { ...state, sends: 0 }, effects: [{ type: 'timer', ms: times.watchMs }] };
}

function onAck(state: RequestState, ack: AckFrame, times: RequestTimes): Step {
  // Nothing was asked, and it speaks of another log: an old answer. Let the server say which one counts.
  if (state.epoch !== undefined && ack.epoch !== state.epoch && state.awaiting === undefined) return send(state, times);
  return then(takeAck(named(state), ack), (next) => afterAck({ ...next, awaiting: undefined }, state, times));
}

function afterAck(state: RequestState, before: RequestState, times: RequestTimes): Step {
  if (state.settled) return stay(state);
  const isNew = state.offset !== before.offset || !before.accepted;
  if (isBehind(state) && isNew) return send({ ...state, sends: 0 }, times);
  // Asked in vain, or the end is not written yet: again, but later.
  if (isBehind(state) || lacksEnd(state)) return retry(state, times);
  return watch(state, times);
}

function retry(state: RequestState, times: RequestTimes): Step {
  // A remembered position behind the end: look one entry back at once, for there is nothing to wait for.
  if (!isBehind(state) && state.sends === 1 && state.offset > 0) return send(state, times);
  const ms = doubled(times.ackTimeoutMs, Math.max(0, state.sends - 1), times.watchMs);
  return { state: { ...state, awaiting: undefined }, effects: [{ type: 'timer', ms }] };
}

function onRefusal(state: RequestState, frame: RefusalFrame, times: RequestTimes): Step {
  const refused = frame.for ?? state.awaiting;
  if (refused === 'request' && !state.accepted) return settle(state, { ok: false, error: frame.error });
  if (refused !== 'attach' || state.awaiting !== 'attach') return stay(state);
  if (!frame.error.retryable) return settle(state, { ok: false, error: frame.error });
  const step = retry({ ...state, sends: Math.max(2, state.sends) }, times);
  const after = (frame.error.retryAfter ?? 0) * 1000;
  return after === 0 ? step : { state: step.state, effects: [{ type: 'timer', ms: Math.min(after, times.pingMs) }] };
}
