import type { StreamerClient } from '../client';
import type { Subscription, TopicMessage } from '../topic/live-topic';
import type { StreamerError } from '../wire/errors';
import { Store } from './store';

/** A subscription to a topic, as a page shows it. */
export interface TopicView {
  /** The last messages, in order. */
  readonly messages: readonly TopicMessage[];
  /** Whether the server has accepted the subscription. */
  readonly isSubscribed: boolean;
  /** Whether messages are missing in `messages`, because they had expired before the client subscribed again. */
  readonly hasGap: boolean;
  /** Present if the server refused the subscription, or if the client cannot continue it. */
  readonly error?: StreamerError;
}

/** Options of a topic store. */
export interface TopicStoreOptions {
  /** Maximum number of messages in the view. Default: 100. */
  readonly limit?: number;
  /** Called once with each message, in order. */
  readonly onMessage?: (message: TopicMessage) => void;
}

const LIMIT = 100;

/** Subscribes to one topic as long as it has listeners. A later subscription continues after the last message. */
export class TopicStore extends Store<TopicView> {
  private subscription: Subscription | undefined;
  private onMessage: TopicStoreOptions['onMessage'];
  private readonly limit: number;

  /** @param client returns the client; called when the store gets its first listener */
  constructor(
    private readonly client: () => Pick<StreamerClient, 'subscribe' | 'publish'>,
    private readonly topic: string,
    { limit = LIMIT, onMessage }: TopicStoreOptions = {},
  ) {
    super({ messages: [], isSubscribed: false, hasGap: false });
    this.limit = limit;
    this.onMessage = onMessage;
  }

  /** Replaces the listener of the messages. */
  listen(onMessage: TopicStoreOptions['onMessage']): void {
    this.onMessage = onMessage;
  }

  /** Publishes a message. @throws StreamerError as `StreamerClient.publish` does */
  readonly publish = (data: unknown): Promise<void> => this.client().publish(this.topic, data);

  protected activate(): void {
    const position = this.subscription?.position;
    this.change({ error: undefined });
    const subscription = this.client().subscribe(this.topic, {
      ...position,
      onMessage: (message) => this.add(message),
      onRecovered: (recovered) => !recovered && this.change({ hasGap: true }),
      onError: (error) => this.change({ isSubscribed: false, error }),
    });
    this.subscription = subscription;
    subscription.subscribed.then(
      () => this.subscription === subscription && this.change({ isSubscribed: true }),
      () => undefined,
    );
  }

  protected deactivate(): void {
    this.subscription?.unsubscribe();
    this.change({ isSubscribed: false });
  }

  private add(message: TopicMessage): unknown {
    this.change({ messages: [...this.latest.messages, message].slice(-this.limit) });
    return this.onMessage?.(message);
  }
}
