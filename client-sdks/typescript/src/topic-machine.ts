import type { RefusalFrame, SubscribeAckFrame, TopicMessageFrame } from './messages';
import type { RequestTimes } from './request-state';
import { stay, takeAck, takeMessage, then } from './topic-log';
import type { TopicInput, TopicState, TopicStep } from './topic-state';

/**
 * The whole behaviour of one subscription: a pure function of what is known and what happens.
 *
 * `protocol/PROTOCOL.md`, "Topics", is what it follows.
 */
export function advanceTopic(state: TopicState, input: TopicInput, times: RequestTimes): TopicStep {
  if (state.over) return stay(state);
  switch (input.type) {
    case 'open':
      return send({ ...state, connected: true, sends: 0, fresh: true }, times);
    case 'lost':
      return { state: { ...state, connected: false, awaiting: false }, effects: [{ type: 'timer', ms: undefined }] };
    case 'timer':
      return onTimer(state, times);
    case 'frame':
      return onFrame(state, input.frame, times);
  }
}

function send(state: TopicState, times: RequestTimes): TopicStep {
  if (!state.connected) return stay(state);
  const { offset, epoch } = state;
  return {
    state: { ...state, awaiting: true, sends: state.sends + 1 },
    effects: [
      { type: 'send', offset, epoch: offset === undefined ? undefined : epoch },
      { type: 'timer', ms: doubled(times.ackTimeoutMs, state.sends, times.watchMs) },
    ],
  };
}

const isBehind = ({ offset = 0, tail }: TopicState): boolean => tail > offset;

const doubled = (ms: number, times: number, max: number): number => Math.min(Math.max(ms, max), ms * 2 ** times);

function onTimer(state: TopicState, times: RequestTimes): TopicStep {
  // Twice no answer to the same message: it may be the connection.
  const isDead = state.awaiting && state.sends >= 2;
  const again = send(state, times);
  return isDead ? { state: again.state, effects: [...again.effects, { type: 'probe' }] } : again;
}

function onFrame(
  state: TopicState,
  frame: TopicMessageFrame | SubscribeAckFrame | RefusalFrame,
  times: RequestTimes,
): TopicStep {
  if (frame.type === 'error') return onRefusal(state, frame, times);
  return frame.type === 'ack' ? onAck(state, frame, times) : onMessage(state, frame, times);
}

function onMessage(state: TopicState, frame: TopicMessageFrame, times: RequestTimes): TopicStep {
  const isOther = state.offset !== undefined && state.epoch !== undefined && frame.epoch !== state.epoch;
  // The topic has begun anew: the server says from where.
  if (isOther) return state.awaiting ? stay(state) : send(state, times);
  return then(takeMessage({ ...state, quiet: 0 }, frame), (next) => {
    // A subscribe under way keeps its own time.
    if (next.awaiting) return stay(next);
    if (!isBehind(next)) return watch(next, times);
    return next.sends > 0 ? stay(next) : send(next, times);
  });
}

/** A frame may be lost without a later one to tell of it: look from time to time. */
function watch(state: TopicState, times: RequestTimes): TopicStep {
  const ms = doubled(times.watchMs, state.quiet, times.pingMs);
  return { state: { ...state, sends: 0, quiet: state.quiet + 1 }, effects: [{ type: 'timer', ms }] };
}

function onAck(state: TopicState, ack: SubscribeAckFrame, times: RequestTimes): TopicStep {
  // Nothing was asked, and it speaks of another log: an old answer. Let the server say which one counts.
  if (state.joined && ack.epoch !== state.epoch && !state.awaiting) return send(state, times);
  return then(takeAck(state, ack), (next) => {
    const known = { ...next, awaiting: false };
    const isNew = next.offset !== state.offset;
    if (!isBehind(known)) return watch(isNew ? { ...known, quiet: 0 } : known, times);
    if (isNew) return send({ ...known, sends: 0 }, times);
    // Asked in vain: again, but later.
    return { state: known, effects: [{ type: 'timer', ms: doubled(times.ackTimeoutMs, known.sends, times.watchMs) }] };
  });
}

function onRefusal(state: TopicState, { error }: RefusalFrame, times: RequestTimes): TopicStep {
  if (!state.awaiting) return stay(state);
  if (!error.retryable) {
    const effects = [{ type: 'timer', ms: undefined } as const, { type: 'refused', error } as const];
    return { state: { ...state, over: true, awaiting: false }, effects };
  }
  const asked = (error.retryAfter ?? 0) * 1000;
  const ms = asked > 0 ? Math.min(asked, times.pingMs) : doubled(times.ackTimeoutMs, state.sends, times.watchMs);
  return { state: { ...state, awaiting: false }, effects: [{ type: 'timer', ms }] };
}
