import { Pace, type PaceOptions, type Sender, STOP } from '../resend/pace';
import { callListener } from '../util/listener';
import { encodeMessage } from '../wire/encode';
import { fromWire, type StreamerError } from '../wire/errors';
import type { Json, RefusalFrame, SubscribeAckFrame, TopicMessageFrame } from '../wire/messages';
import { advanceTopic } from './topic-machine';
import { newTopic, type TopicEffect, type TopicInput, type TopicPosition, type TopicState } from './topic-state';

/** A message of a topic as the application sees it. */
export interface TopicMessage {
  readonly data: Json;
  /** Offset in the topic's log. */
  readonly offset: number;
}

/** Options of one subscription. */
export interface SubscribeOptions extends TopicPosition {
  /** Called with each message, once and in order. */
  readonly onMessage: (message: TopicMessage) => void;
  /**
   * Called when the topic is subscribed to again, for example after a reconnect. `false`: messages are missing, because their retention is
   * over.
   */
  readonly onRecovered?: (recovered: boolean) => void;
  /**
   * Called when the subscription has ended because it was refused, or because the client gave up or was closed. Default: `onListenerError`
   * is called, except after a close.
   */
  readonly onError?: (error: StreamerError) => void;
  /** The next offset to deliver, from an earlier `position`. Default: the subscription starts with the next message. */
  readonly offset?: number;
  /** The epoch of the earlier `position`. */
  readonly epoch?: string;
}

/** A subscription to a topic, over any number of connections. */
export interface Subscription {
  readonly topic: string;
  /** Resolves once the server has accepted the subscription; rejects if it is refused. */
  readonly subscribed: Promise<void>;
  /** The current position. Store it, so that a reloaded page continues from there. */
  readonly position: TopicPosition;
  /** Ends the subscription: no further message is delivered. */
  unsubscribe(): void;
}

/** The environment of a subscription. */
export interface TopicHost extends PaceOptions {
  send(text: string, topic: LiveTopic): void;
  /** Called with an error that a listener threw. */
  report(error: unknown): void;
  /**
   * Called when the subscription has ended. `left`: the server must be notified; `isHeld`: only after the answer to a `subscribe` under
   * way.
   */
  done(topic: LiveTopic, left: boolean, isHeld: boolean): void;
}

/** One subscription with its timer and its listeners: carries out the effects of the state machine. */
export class LiveTopic implements Subscription, Sender {
  readonly subscribed: Promise<void>;
  private resolve!: () => void;
  private reject!: (error: StreamerError) => void;
  private state: TopicState;
  private readonly pace: Pace;
  private isOver = false;

  constructor(
    readonly topic: string,
    private readonly options: SubscribeOptions,
    private readonly around: TopicHost,
  ) {
    this.state = newTopic(topic, options);
    this.pace = new Pace(around, (alive) => this.input({ type: 'timer', alive }));
    this.subscribed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // An application that does not wait for this promise is notified by `onError`.
    this.subscribed.catch(() => undefined);
  }

  get position(): TopicPosition {
    const { offset, epoch } = this.state;
    return { ...(offset === undefined ? {} : { offset }), ...(epoch === undefined ? {} : { epoch }) };
  }

  throttled(): boolean {
    if (this.isOver || !this.state.awaiting || this.state.delayed) return false;
    this.input({ type: 'throttled' });
    return true;
  }

  opened(): void {
    this.input({ type: 'open' });
  }

  lost(): void {
    this.input({ type: 'lost' });
  }

  received(frame: TopicMessageFrame | SubscribeAckFrame | RefusalFrame): void {
    this.input({ type: 'frame', frame });
  }

  unsubscribe(): void {
    if (this.isOver) return;
    this.end(true);
    this.resolve();
  }

  fail(error: StreamerError): void {
    if (this.isOver) return;
    this.end(false);
    this.reject(error);
    const { onError } = this.options;
    if (onError) this.tell(() => onError(error));
    else if (error.code !== 'CLIENT_CLOSED') this.around.report(error);
  }

  private end(left: boolean): void {
    this.isOver = true;
    this.pace.takes(STOP);
    this.around.done(this, left, this.state.awaiting);
  }

  private input(input: TopicInput): void {
    if (this.isOver) return;
    const { state, effects } = advanceTopic(this.state, input, this.around.times);
    this.state = state;
    // A listener may end the subscription during these effects.
    for (const effect of effects) if (!this.isOver) this.carryOut(effect);
  }

  private carryOut(effect: TopicEffect): void {
    const { around, options } = this;
    if (this.pace.takes(effect)) return;
    switch (effect.type) {
      case 'send':
        around.send(this.message(effect), this);
        break;
      case 'joined':
        this.resolve();
        break;
      case 'message':
        this.tell(() => options.onMessage(effect.message));
        break;
      case 'recovered':
        this.tell(() => options.onRecovered?.(effect.recovered));
        break;
      case 'refused':
        this.fail(fromWire(effect.error));
    }
  }

  private message({ offset, epoch }: TopicPosition): string {
    return encodeMessage({ type: 'subscribe', topic: this.topic, offset, epoch });
  }

  /** Calls a listener; its errors belong to the application and must not stop the subscription. */
  private tell(listener: () => unknown): void {
    callListener(listener, (error) => this.around.report(error));
  }
}
