import { firstOffset, startsOver } from '../log/recovery';
import type { SubscribeAckFrame, TopicMessageFrame } from '../wire/messages';
import type { TopicEffect, TopicState, TopicStep } from './topic-state';

export const stay = (state: TopicState): TopicStep => ({ state, effects: [] });

/** One step after another. */
export function then(step: TopicStep, next: (state: TopicState) => TopicStep): TopicStep {
  const { state, effects } = next(step.state);
  return { state, effects: [...step.effects, ...effects] };
}

/** Takes a message: delivers it in its turn, holds it back before, drops it after. */
export function takeMessage(state: TopicState, frame: TopicMessageFrame): TopicStep {
  if (state.offset === undefined || frame.offset > state.offset) return stay(hold(state, frame));
  if (frame.offset < state.offset) return stay(state);
  const offset = frame.offset + 1;
  const effects: TopicEffect[] = [{ type: 'message', message: { data: frame.data, offset: frame.offset } }];
  return then({ state: { ...state, offset, tail: Math.max(state.tail, offset) }, effects }, takeHeld);
}

function hold(state: TopicState, frame: TopicMessageFrame): TopicState {
  const held = new Map(state.held).set(frame.offset, frame);
  const tail = state.offset === undefined ? state.tail : Math.max(state.tail, frame.offset + 1);
  return { ...state, held, tail };
}

function takeHeld(state: TopicState): TopicStep {
  const frame = state.held.get(state.offset ?? -1);
  if (!frame) return stay(state);
  const held = new Map(state.held);
  held.delete(frame.offset);
  return takeMessage({ ...state, held }, frame);
}

/** Takes what an ack says and brings. */
export function takeAck(state: TopicState, ack: SubscribeAckFrame): TopicStep {
  const isLost = state.offset !== undefined && startsOver(state, state.offset, ack);
  const base = state.offset === undefined || isLost ? begin(state, ack) : state;
  const known: TopicState = {
    ...base,
    joined: true,
    fresh: false,
    epoch: ack.epoch,
    // "The log goes on" means one message more at least.
    tail: Math.max(base.tail, ack.more ? ack.offset + 1 : ack.offset),
  };
  const again = state.joined && (isLost || state.fresh);
  const effects: TopicEffect[] = [
    ...(state.joined ? [] : [{ type: 'joined' } as const]),
    ...(again || isLost ? [{ type: 'recovered', recovered: !isLost } as const] : []),
  ];
  const read = (ack.entries ?? []).reduce<TopicStep>((step, entry) => then(step, (next) => takeMessage(next, entry)), {
    state: known,
    effects,
  });
  return then(read, takeHeld);
}

/** What came before the ack counts, if it is of that log. */
function begin(state: TopicState, ack: SubscribeAckFrame): TopicState {
  const offset = firstOffset(ack);
  const held = new Map([...state.held].filter(([at, { epoch }]) => epoch === ack.epoch && at >= offset));
  return { ...state, held, offset, tail: Math.max(0, ...[...held.keys()].map((at) => at + 1)) };
}
