import { type CallOptions, LiveCalls } from '../resend/live-call';
import { ResendLoop } from '../resend/resend-loop';
import { encodeMessage } from '../wire/encode';
import { StreamerError } from '../wire/errors';
import type { RefusalFrame, ServerFrame, SubscribeAckFrame, TopicAckFrame, TopicMessageFrame } from '../wire/messages';
import { isPassing } from '../wire/protocol';
import { LiveTopic, type SubscribeOptions } from './live-topic';

export interface TopicSessionOptions extends CallOptions {
  report(error: unknown): void;
}

/** Frames that concern topics. */
export type TopicFrame = TopicMessageFrame | TopicAckFrame | RefusalFrame;

const ABOUT_TOPICS: ReadonlySet<unknown> = new Set(['subscribe', 'unsubscribe', 'publish']);

/**
 * Whether a frame concerns topics. A refusal that names a topic concerns topics, even if the server could not read the type of the refused message.
 */
export const isTopicFrame = (frame: ServerFrame): frame is TopicFrame =>
  frame.type === 'message' ||
  ('for' in frame && ABOUT_TOPICS.has(frame.for)) ||
  (frame.type === 'error' && frame.offset === undefined && frame.topic !== undefined);

/** The subscriptions and publishes of a client. They continue over any number of connections. */
export class TopicSession {
  private readonly topics = new Map<string, LiveTopic>();
  /**
   * Topics that the client has left, but whose unsubscribe the server has not acknowledged. A new subscribe waits for that ack, because messages may
   * overtake each other.
   */
  private readonly leaving = new Map<string, ResendLoop>();
  private readonly publishes: LiveCalls<void>;
  private isOpen = false;

  constructor(private readonly options: TopicSessionOptions) {
    this.publishes = new LiveCalls(options);
  }

  /** @throws StreamerError `DUPLICATE_REQUEST` */
  subscribe(topic: string, options: SubscribeOptions): LiveTopic {
    if (this.topics.has(topic)) throw duplicate('This client is subscribed to that topic already.');
    const live = new LiveTopic(topic, options, {
      ...this.options,
      done: (...ended) => this.remove(...ended),
    });
    this.topics.set(topic, live);
    if (this.isOpen && !this.leaving.has(topic)) live.opened();
    return live;
  }

  /** @throws StreamerError `DUPLICATE_REQUEST` */
  publish(id: string, text: string): Promise<void> {
    return this.publishes.call(id, text);
  }

  opened(): void {
    this.isOpen = true;
    for (const topic of [...this.topics.values()]) topic.opened();
    this.publishes.opened();
  }

  /** Handles the loss of the connection. The server then ends the subscriptions of the connection. */
  lost(): void {
    this.isOpen = false;
    this.forgetLeaving();
    for (const topic of [...this.topics.values()]) topic.lost();
    this.publishes.lost();
  }

  /**
   * Moves the subscriptions to the current connection. The subscriptions of the previous connection end with that connection, so unsubscribes are not
   * sent again.
   */
  move(renews: boolean): void {
    const waiting = new Set(this.leaving.keys());
    this.forgetLeaving();
    for (const [topic, live] of [...this.topics]) {
      if (waiting.has(topic)) live.opened();
      else live.moveOn(renews);
    }
    this.publishes.opened();
  }

  overdue(): void {
    for (const topic of [...this.topics.values()]) topic.overdue();
  }

  /** Whether a subscription still needs the previous connection. */
  get isMoving(): boolean {
    return [...this.topics.values()].some(({ isMoving }) => isMoving);
  }

  /** Handles a frame of the previous connection. Only publishes and subscriptions of this client are of interest. */
  receivedBefore(frame: TopicFrame): void {
    if ('for' in frame && frame.for === 'publish') this.received(frame);
    else this.topics.get(frame.topic ?? '')?.received(frame as TopicMessageFrame, true);
  }

  received(frame: TopicFrame): void {
    if (frame.type === 'message') this.onMessage(frame);
    else if (frame.type === 'error') this.onRefusal(frame);
    else if (frame.for === 'publish') this.publishes.answered(frame.id);
    else if (frame.for === 'subscribe') this.onSubscribed(frame);
    else this.hasLeft(frame.topic);
  }

  private onRefusal(frame: RefusalFrame): void {
    const { id = '', topic = '', for: type = id ? 'publish' : 'subscribe', error } = frame;
    if (type === 'publish') this.publishes.refused(frame);
    else if (type === 'subscribe') this.onSubscribed(frame);
    else if (type !== 'unsubscribe') return;
    else if (isPassing(error)) this.leaving.get(topic)?.later(frame);
    else this.hasLeft(topic);
  }

  /**
   * Handles the answer to a subscribe. If an unsubscribe of the same topic waits for its own ack, this frame answers the subscribe that was sent
   * before the unsubscribe.
   */
  private onSubscribed(frame: SubscribeAckFrame | RefusalFrame): void {
    const { topic = '' } = frame;
    const leaving = this.leaving.get(topic);
    const live = this.topics.get(topic);
    if (leaving) leaving.release();
    else if (live) live.received(frame);
    // The frame answers a subscribe that overtook an earlier unsubscribe.
    else if (frame.type === 'ack' && this.isOpen) this.leave(topic);
  }

  failAll(error: StreamerError): void {
    for (const topic of [...this.topics.values()]) topic.fail(error);
    this.publishes.failAll(error);
    this.lost();
  }

  private onMessage(frame: TopicMessageFrame): void {
    const live = this.topics.get(frame.topic);
    if (live) live.received(frame);
    // The frame answers a subscribe that a later unsubscribe has overtaken.
    else if (this.isOpen) this.leave(frame.topic);
  }

  private remove(live: LiveTopic, left: boolean, isHeld: boolean): void {
    const { topic } = live;
    this.topics.delete(topic);
    this.options.done(live);
    if (left && this.isOpen) this.leave(topic, isHeld);
  }

  private forgetLeaving(): void {
    for (const loop of this.leaving.values()) this.stop(loop);
    this.leaving.clear();
  }

  private stop(loop: ResendLoop): void {
    loop.lost();
    this.options.done(loop);
  }

  /** Sends an unsubscribe. @param isHeld whether it waits for the ack of a subscribe first, because messages may overtake each other */
  private leave(topic: string, isHeld = false): void {
    if (this.leaving.has(topic)) return;
    const around = { ...this.options, send: (text: string) => this.options.send(text, loop) };
    const text = encodeMessage({ type: 'unsubscribe', topic });
    const loop: ResendLoop = new ResendLoop(text, around, () => this.hasLeft(topic));
    this.leaving.set(topic, loop);
    loop.opened(isHeld);
  }

  private hasLeft(topic: string): void {
    const loop = this.leaving.get(topic);
    if (!loop) return;
    this.stop(loop);
    this.leaving.delete(topic);
    this.topics.get(topic)?.opened();
  }
}

const duplicate = (message: string): StreamerError => new StreamerError('DUPLICATE_REQUEST', message);
