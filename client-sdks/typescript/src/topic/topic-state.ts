import type { OrderedLog, Step } from '../log/ordered-log';
import type { Move, MoveInput } from '../resend/move';
import type { PaceEffect } from '../resend/pace';
import type { Json, RefusalFrame, SubscribeAckFrame, TopicMessageFrame, WireError } from '../wire/messages';

/** State of one subscription. It is immutable: each input creates a new state. */
export interface TopicState extends OrderedLog<TopicMessageFrame> {
  readonly topic: string;
  readonly connected: boolean;
  /** Whether the server has acknowledged the subscription, on any connection. */
  readonly joined: boolean;
  readonly over: boolean;
  /** Whether a `subscribe` waits for its answer. */
  readonly awaiting: boolean;
  /** Number of messages that were sent since the last answer with new content. */
  readonly sends: number;
  /** Whether the subscribe is sent again after a delay, because the server did not receive it or has not accepted it yet. */
  readonly delayed: boolean;
  /** Number of consecutive delays. */
  readonly delays: number;
  /** Number of consecutive checks that brought nothing new. */
  readonly quiet: number;
  /** Whether the next ack is the first of its connection. */
  readonly fresh: boolean;
  readonly move: Move;
}

export type TopicInput =
  | { readonly type: 'open' }
  | { readonly type: 'lost' }
  | MoveInput
  /** The server did not receive a message. */
  | { readonly type: 'throttled' }
  /** `alive`: whether the connection has answered since the message was last sent. */
  | { readonly type: 'timer'; readonly alive?: boolean }
  /** `isPrevious`: the frame came over the previous connection. */
  | {
      readonly type: 'frame';
      readonly frame: TopicMessageFrame | SubscribeAckFrame | RefusalFrame;
      readonly isPrevious?: boolean;
    };

export interface TopicReport {
  readonly data: Json;
  readonly offset: number;
}

export type TopicEffect =
  | { readonly type: 'send'; readonly offset: number | undefined; readonly epoch: string | undefined }
  | PaceEffect
  | { readonly type: 'message'; readonly message: TopicReport }
  | { readonly type: 'joined' }
  /** The client has subscribed to the topic again. `false` means that messages are missing. */
  | { readonly type: 'recovered'; readonly recovered: boolean }
  | { readonly type: 'refused'; readonly error: WireError };

/** A state of a topic, and the effects that the caller must carry out. */
export type TopicStep = Step<TopicState, TopicEffect>;

/** The position from which a subscription continues after the application has restarted. */
export interface TopicPosition {
  readonly offset?: number;
  readonly epoch?: string;
}

export function newTopic(topic: string, { offset, epoch }: TopicPosition): TopicState {
  return {
    topic,
    connected: false,
    joined: false,
    over: false,
    epoch,
    offset,
    tail: offset ?? 0,
    held: new Map(),
    awaiting: false,
    sends: 0,
    asked: undefined,
    delayed: false,
    delays: 0,
    quiet: 0,
    fresh: true,
    move: undefined,
  };
}
