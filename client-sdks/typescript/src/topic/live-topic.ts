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
  /** Called with each message. Messages come once and in order. */
  readonly onMessage: (message: TopicMessage) => void;
  /**
   * Called when the client has subscribed to the topic again, for example after a reconnect. `false` means that messages are missing, because they
   * have expired.
   */
  readonly onRecovered?: (recovered: boolean) => void;
  /**
   * Called when the subscription has ended, because the server refused it, or because the client gave up or was closed. Default: `onListenerError` is
   * called, except after a close.
   */
  readonly onError?: (error: StreamerError) => void;
  /** The next offset to deliver, as an earlier `position` contained it. Default: the subscription starts with the next message. */
  readonly offset?: number;
  /** The epoch of the earlier `position`. */
  readonly epoch?: string;
}

/** A subscription to a topic. It continues over any number of connections. */
export interface Subscription {
  readonly topic: string;
  /** Resolves once the server has accepted the subscription. Rejects if the server refuses it. */
  readonly subscribed: Promise<void>;
  /** The current position. Store it, so that the page can continue from there after a reload. */
  readonly position: TopicPosition;
  /** Ends the subscription. No further message is delivered. */
  unsubscribe(): void;
}

/** Functions that a subscription needs from the session. */
export interface TopicHost extends PaceOptions {
  send(text: string, topic: LiveTopic): void;
  /** Called with an error that a listener threw. */
  report(error: unknown): void;
  /**
   * Called when the subscription has ended. `left`: whether the server must be notified. `isHeld`: whether the notification waits for the answer to a
   * `subscribe`.
   */
  done(topic: LiveTopic, left: boolean, isHeld: boolean): void;
}

/** One subscription with its timer and its listeners. It carries out the effects of the state machine. */
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
    // If the application does not wait for this promise, `onError` reports the error, so the rejection must not count as unhandled.
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

  /** Moves to the current connection. @param renews whether the previous one refuses messages */
  moveOn(renews: boolean): void {
    this.input({ type: 'move', renews });
  }

  overdue(): void {
    this.input({ type: 'overdue' });
  }

  /** Whether the subscription still needs the previous connection. */
  get isMoving(): boolean {
    return this.state.move !== undefined;
  }

  /** @param isPrevious whether the frame came over the previous connection */
  received(frame: TopicMessageFrame | SubscribeAckFrame | RefusalFrame, isPrevious = false): void {
    this.input({ type: 'frame', frame, isPrevious });
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
    // A listener may end the subscription while the effects are carried out.
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

  /** Calls a listener. An error of a listener belongs to the application, so it must not stop the subscription. */
  private tell(listener: () => unknown): void {
    callListener(listener, (error) => this.around.report(error));
  }
}
