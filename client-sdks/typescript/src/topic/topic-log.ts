import { passed, rebase, takeFrame, takeHeld, then } from '../log/ordered-log';
import type { SubscribeAckFrame, TopicMessageFrame } from '../wire/messages';
import type { TopicEffect, TopicState, TopicStep } from './topic-state';

/** Handles a message of the topic's log. */
export const takeMessage = (state: TopicState, frame: TopicMessageFrame): TopicStep => takeFrame(state, frame, deliver);

const deliver = (state: TopicState, frame: TopicMessageFrame): TopicStep => ({
  state: passed(state, frame),
  effects: [{ type: 'message', message: { data: frame.data, offset: frame.offset } }],
});

/** Applies the ack of a subscribe and delivers the ack's entries. */
export function takeAck(state: TopicState, ack: SubscribeAckFrame): TopicStep {
  // Messages that came before the ack are kept if they belong to the ack's log.
  const { state: based, isOther: isLost } = rebase(state, ack, ({ epoch }: TopicMessageFrame) => epoch === ack.epoch);
  const known: TopicState = { ...based, joined: true, fresh: false };
  const again = state.joined && (isLost || state.fresh);
  const effects: TopicEffect[] = [
    ...(state.joined ? [] : [{ type: 'joined' } as const]),
    ...(again || isLost ? [{ type: 'recovered', recovered: !isLost } as const] : []),
  ];
  const read = (ack.entries ?? []).reduce<TopicStep>((step, entry) => then(step, (next) => takeMessage(next, entry)), {
    state: known,
    effects,
  });
  return then(read, (next) => takeHeld(next, deliver));
}
