import type { StreamerClient } from '../client';
import type { UntypedActions } from '../types';
import { ConnectionStore } from './connection-store';
import { type RequestListOptions, RequestListStore } from './request-list-store';
import { RequestStore, type RequestStoreOptions } from './request-store';
import { TopicStore, type TopicStoreOptions } from './topic-store';

/** A store of any kind. */
type AnyStore = ConnectionStore | TopicStore | RequestStore | RequestListStore;

/**
 * The stores of one client. Parts of a page that ask for the same topic, the same stored request or the connection share one store.
 *
 * ```ts
 * const stores = new StreamerStores(() => new StreamerClient<Actions>(url, { token }));
 * const report = stores.request('generate_report', { persist: 'report' });
 * report.subscribe(() => console.log(report.getSnapshot()));
 * ```
 */
export class StreamerStores<Actions extends object = UntypedActions> {
  private readonly shared = new Map<string, AnyStore>();

  /** @param client returns the client; called at the first use, so that a page which is rendered on a server needs no client */
  constructor(readonly client: () => StreamerClient<Actions>) {}

  /** Returns a store for one request. Calls with the same `persist`, or with the same `id`, return the same store. */
  request<Action extends keyof Actions & string>(
    action: Action,
    options: RequestStoreOptions<Actions[Action]> = {},
  ): RequestStore<Actions, Action> {
    const create = () => new RequestStore(this.client, action, options);
    const { persist, id } = options;
    if (persist === undefined && id === undefined) return create();
    return this.share(`request ${JSON.stringify([action, persist, id])}`, create);
  }

  /** Returns a store for the user's own requests. */
  requests<Action extends keyof Actions & string = keyof Actions & string>(
    options: RequestListOptions<Action> = {},
  ): RequestListStore<Actions, Action> {
    return this.share(`requests ${JSON.stringify(options)}`, () => new RequestListStore(this.client, options));
  }

  /** Returns the store of a topic. */
  topic(topic: string, options: TopicStoreOptions = {}): TopicStore {
    return this.share(`topic ${topic}`, () => new TopicStore(this.client as () => never, topic, options));
  }

  /** Returns the store of the connection. */
  connection(): ConnectionStore {
    return this.share('connection', () => new ConnectionStore(this.client));
  }

  private share<Found>(key: string, create: () => Found): Found {
    const found = (this.shared.get(key) as Found | undefined) ?? create();
    this.shared.set(key, found as AnyStore);
    return found;
  }
}
