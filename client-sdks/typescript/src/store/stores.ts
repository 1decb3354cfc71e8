import type { StreamerClient } from '../client';
import type { UntypedActions } from '../types';
import { ConnectionStore } from './connection-store';
import { FollowedRequest } from './followed-request';
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
  private readonly followed = new Map<string, FollowedRequest>();
  private readonly lists = new Set<RequestListStore>();
  private created: StreamerClient<Actions> | undefined;

  /**
   * @param create creates the client. It is called at the first use, so a page that is rendered on a server needs no client. It is called again if
   * that client was closed
   */
  constructor(private readonly create: () => StreamerClient<Actions>) {}

  /** Returns the client. */
  readonly client = (): StreamerClient<Actions> => {
    if (!this.created || this.created.state === 'closed') this.created = this.create();
    return this.created;
  };

  /** Returns a store for one request. Calls with the same `persist` return the same store. */
  request<Action extends keyof Actions & string>(
    action: Action,
    options: RequestStoreOptions<Actions[Action]> = {},
  ): RequestStore<Actions, Action> {
    const create = () => new RequestStore(this, action, options);
    const { persist, id } = options;
    if (persist === undefined || id !== undefined) return create();
    return this.share(`request ${JSON.stringify([action, persist])}`, create);
  }

  /** Returns a store for the user's own requests. */
  requests<Action extends keyof Actions & string = keyof Actions & string>(
    options: RequestListOptions<Action> = {},
  ): RequestListStore<Actions, Action> {
    return this.share(`requests ${JSON.stringify(options)}`, () => {
      const list = new RequestListStore(this.client, options);
      this.lists.add(list as never);
      return list;
    });
  }

  /** Returns the store of a topic. */
  topic(topic: string, options: TopicStoreOptions = {}): TopicStore {
    return this.share(`topic ${topic}`, () => new TopicStore(this.client as () => never, topic, options));
  }

  /** Returns the store of the connection. */
  connection(): ConnectionStore {
    return this.share('connection', () => new ConnectionStore(this.client));
  }

  /** @internal Returns the request with an id, which all stores share. */
  follow<Action extends keyof Actions & string>(
    action: Action,
    id: string,
    earlier?: FollowedRequest<Actions, Action>,
  ): FollowedRequest<Actions, Action> {
    const request =
      (this.followed.get(id) as FollowedRequest<Actions, Action> | undefined) ?? earlier ?? this.newRequest(action, id);
    this.followed.set(id, request as never);
    return request;
  }

  private newRequest<Action extends keyof Actions & string>(
    action: Action,
    id: string,
  ): FollowedRequest<Actions, Action> {
    const changed = () => {
      for (const list of this.lists) list.reloadSoon();
    };
    const released = () => void this.followed.delete(id);
    return new FollowedRequest({ client: this.client, changed, released }, action, id);
  }

  private share<Found>(key: string, create: () => Found): Found {
    const found = (this.shared.get(key) as Found | undefined) ?? create();
    this.shared.set(key, found as AnyStore);
    return found;
  }
}
