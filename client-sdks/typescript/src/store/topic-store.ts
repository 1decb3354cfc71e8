import type { StreamerClient } from '../client';
import type { Subscription, TopicMessage } from '../topic/live-topic';
import type { StreamerError } from '../wire/errors';
import { Listeners, Store, watched } from './store';

/** A subscription to a topic, as a page shows it. */
export interface TopicView {
  /** The last messages, in order. */
  readonly messages: readonly TopicMessage[];
  /** Whether the server has accepted the subscription. */
  readonly isSubscribed: boolean;
  /** Whether messages are missing in `messages`, because they had expired before the client subscribed again. */
  readonly hasGap: boolean;
  /** Present if the server refused the subscription, or if the client cannot continue it at present. */
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
  private readonly messages = new Listeners<TopicMessage>();
  private subscription: Subscription | undefined;
  private stopWaiting: (() => void) | undefined;
  private limit: number;

  /** @param client returns the client. It is called when the store gets its first listener */
  constructor(
    private readonly client: () => Pick<StreamerClient, 'on' | 'subscribe' | 'publish'>,
    private readonly topic: string,
    { limit = LIMIT, onMessage }: TopicStoreOptions = {},
  ) {
    super({ messages: [], isSubscribed: false, hasGap: false });
    this.limit = limit;
    if (onMessage) this.messages.add(onMessage);
  }

  /** Keeps at least this number of messages from now on. */
  keep(limit: number): void {
    this.limit = Math.max(this.limit, limit);
  }

  /** Adds a listener for messages. Returns a function that removes it. */
  listen(onMessage: (message: TopicMessage) => void): () => void {
    return this.messages.add(onMessage);
  }

  /** Publishes a message. @throws StreamerError as `StreamerClient.publish` does */
  readonly publish = (data: unknown): Promise<void> => watched(this.client().publish(this.topic, data));

  protected activate(): void {
    this.change({ error: undefined });
    const subscription = this.client().subscribe(this.topic, {
      ...this.subscription?.position,
      onMessage: (message) => this.add(message),
      onRecovered: (recovered) => !recovered && this.change({ hasGap: true }),
      onError: (error) => this.failed(error),
    });
    this.subscription = subscription;
    subscription.subscribed.then(
      () => this.subscription === subscription && this.change({ isSubscribed: true }),
      () => undefined,
    );
  }

  protected deactivate(): void {
    this.stopWaiting?.();
    this.subscription?.unsubscribe();
    this.change({ isSubscribed: false });
  }

  protected failed(error: StreamerError): void {
    this.change({ isSubscribed: false, error });
    if (!this.isActive || !this.subscription || error.code === 'CLIENT_CLOSED') return;
    // After a login, for example, the application connects again.
    this.stopWaiting?.();
    this.stopWaiting = this.client().on('state', (state) => {
      if (state !== 'connected') return;
      this.stopWaiting?.();
      this.activate();
    });
  }

  private add(message: TopicMessage): void {
    this.change({ messages: [...this.latest.messages, message].slice(-this.limit) });
    this.messages.call(message);
  }
}
