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
  /** Its place in the topic's log. */
  readonly offset: number;
}

/** How a topic is subscribed to. */
export interface SubscribeOptions extends TopicPosition {
  /** Each message once and in order. */
  readonly onMessage: (message: TopicMessage) => void;
  /** Subscribed again, after a reconnect for example; `false`: messages are missing, for they are past their retention. */
  readonly onRecovered?: (recovered: boolean) => void;
  /** The subscription has ended: it was refused, or the client gave up or was closed. Default: `onListenerError` is told, except of a close. */
  readonly onError?: (error: StreamerError) => void;
  /** The next offset to deliver, of an earlier `position`. Default: from now on. */
  readonly offset?: number;
  /** The epoch of that `position`. */
  readonly epoch?: string;
}

/** A topic that is subscribed to, over any number of connections. */
export interface Subscription {
  readonly topic: string;
  /** Resolves once the server has taken it; rejects where it is refused. */
  readonly subscribed: Promise<void>;
  /** Where it stands: what to store so that a reloaded page goes on from there. */
  readonly position: TopicPosition;
  /** Ends it: no message is delivered any more. */
  unsubscribe(): void;
}

/** What a topic needs of its surroundings. */
export interface TopicHost extends PaceOptions {
  send(text: string, topic: LiveTopic): void;
  /** Is told what a listener threw. */
  report(error: unknown): void;
  /** The topic needs nothing more. `left`: the server must be told; `isHeld`: after the answer to a `subscribe` under way. */
  done(topic: LiveTopic, left: boolean, isHeld: boolean): void;
}

/** One subscription with its timer and its listeners: carries out what the state machine decides. */
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
    // Who does not wait for it is told by `onError`.
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
    // A listener may end it in the middle of these effects.
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

  /** A listener's error is the application's; it must not stop the subscription. */
  private tell(listener: () => unknown): void {
    callListener(listener, (error) => this.around.report(error));
  }
}
