import { isBehind, stay, then } from '../log/ordered-log';
import type { RequestTimes } from '../request/request-state';
import { moveAfter } from '../resend/move';
import { delay, doubt, lastChance, lost, STOP } from '../resend/pace';
import { doubledMs } from '../util/clock';
import type { RefusalFrame, SubscribeAckFrame, TopicMessageFrame, WireError } from '../wire/messages';
import { isPassing, LIMITS, UNANSWERED } from '../wire/protocol';
import { takeAck, takeMessage } from './topic-log';
import type { TopicInput, TopicState, TopicStep } from './topic-state';

type TopicFrame = TopicMessageFrame | SubscribeAckFrame | RefusalFrame;

/**
 * The behaviour of one subscription, as a pure function of its state and an input.
 *
 * It implements "Topics" of `protocol/PROTOCOL.md`.
 */
export function advanceTopic(state: TopicState, input: TopicInput, times: RequestTimes): TopicStep {
  if (state.over) return stay(state);
  switch (input.type) {
    case 'open':
      return send({ ...state, connected: true, sends: 0, fresh: true, move: undefined }, times);
    case 'move':
      // The first subscribe determines where the subscription starts, so its answer is awaited.
      if (!input.renews && !state.joined && state.awaiting) return stay({ ...state, move: 'waits' });
      return send({ ...state, sends: 0, move: state.joined ? 'attaches' : undefined }, times);
    case 'overdue':
      return state.move === 'waits' ? send({ ...state, sends: 0, move: undefined }, times) : stay(state);
    case 'throttled':
      return delay(state, Math.max(0, state.sends - 1));
    case 'lost':
      return lost({ ...state, awaiting: false, move: undefined });
    case 'timer':
      return onTimer(state, input.alive, times);
    case 'frame':
      return onMovingFrame(state, input.frame, input.isPrevious ?? false, times);
  }
}

/** Handles a frame, and subscribes over the current connection if the frame is the answer to a subscribe that was sent over the previous one. */
function onMovingFrame(state: TopicState, frame: TopicFrame, isPrevious: boolean, times: RequestTimes): TopicStep {
  const isAnswer = frame.type !== 'message';
  if (isPrevious && isAnswer && state.move !== 'waits') return stay(state);
  return then(onFrame(state, frame, times), (next) => {
    const move = moveAfter(state.move, next.joined, frame.type === 'ack', isPrevious);
    const mustAttach = !next.over && move !== state.move && move === 'attaches' && !next.awaiting;
    return mustAttach ? send({ ...next, sends: 0, move }, times) : stay({ ...next, move });
  });
}

function send(state: TopicState, times: RequestTimes): TopicStep {
  if (!state.connected) return stay(state);
  return {
    state: { ...state, awaiting: true, delayed: false, sends: state.sends + 1, asked: state.offset },
    effects: [
      { type: 'send', ...positionOf(state) },
      { type: 'timer', ms: doubledMs(times.ackTimeoutMs, state.sends, times.watchMs) },
    ],
  };
}

/**
 * Returns the position from which to subscribe. If the ack of the first subscribe was lost, it is the position of the earliest message that has come
 * since then.
 */
function positionOf({ offset, epoch, held }: TopicState): { offset: number | undefined; epoch: string | undefined } {
  if (offset !== undefined) return { offset, epoch };
  const first = held.get(Math.min(...held.keys()));
  return { offset: first?.offset, epoch: first?.epoch };
}

function refuse(state: TopicState, error: WireError): TopicStep {
  const effects = [STOP, { type: 'refused', error } as const];
  return { state: { ...state, over: true, awaiting: false }, effects };
}

function onTimer(state: TopicState, alive: boolean | undefined, times: RequestTimes): TopicStep {
  const isUnanswered = state.awaiting && !state.delayed;
  // The limit does not apply to a topic that was joined before. The client subscribes to it again any number of times.
  if (isUnanswered && !state.joined && state.sends >= LIMITS.sends) {
    if (alive) return refuse(state, UNANSWERED);
    return lastChance(state, times);
  }
  return doubt(state.awaiting, send(state, times));
}

function onFrame(state: TopicState, frame: TopicFrame, times: RequestTimes): TopicStep {
  if (frame.type === 'error') return onRefusal(state, frame);
  return frame.type === 'ack' ? onAck(state, frame, times) : onMessage(state, frame, times);
}

function onMessage(state: TopicState, frame: TopicMessageFrame, times: RequestTimes): TopicStep {
  const isOther = state.offset !== undefined && state.epoch !== undefined && frame.epoch !== state.epoch;
  // The topic has a new log. The server's answer will show the new position.
  if (isOther) return state.awaiting ? stay(state) : send(state, times);
  return then(takeMessage({ ...state, quiet: 0 }, frame), (next) => {
    // If a subscribe waits for its answer, its timer continues.
    if (next.awaiting) return stay(next);
    if (!isBehind(next)) return watch(next, times);
    return next.sends > 0 ? stay(next) : send(next, times);
  });
}

/** Subscribes again from time to time. This is needed, because a frame may be lost, and perhaps no later frame reveals the gap. */
function watch(state: TopicState, times: RequestTimes): TopicStep {
  const ms = doubledMs(times.watchMs, state.quiet, times.pingMs);
  return { state: { ...state, sends: 0, quiet: state.quiet + 1 }, effects: [{ type: 'timer', ms }] };
}

function onAck(state: TopicState, ack: SubscribeAckFrame, times: RequestTimes): TopicStep {
  // The client expects no ack, and this one belongs to another log. The client subscribes again, and the answer shows which log is the current one.
  if (state.joined && ack.epoch !== state.epoch && !state.awaiting) return send(state, times);
  return then(takeAck(state, ack), (next) => {
    const known = { ...next, awaiting: false, delayed: false, delays: 0 };
    const isNew = next.offset !== state.offset;
    if (!isBehind(known)) return watch(isNew ? { ...known, quiet: 0 } : known, times);
    if (isNew) return send({ ...known, sends: 0 }, times);
    // The answer brought nothing new. The client subscribes again later.
    return {
      state: known,
      effects: [{ type: 'timer', ms: doubledMs(times.ackTimeoutMs, known.sends, times.watchMs) }],
    };
  });
}

function onRefusal(state: TopicState, { error }: RefusalFrame): TopicStep {
  if (!state.awaiting) return stay(state);
  return isPassing(error) ? delay({ ...state, awaiting: false }, 0, error.retryAfter) : refuse(state, error);
}
