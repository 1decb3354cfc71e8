import { type ReactElement, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { StreamerClient } from '..';
import type {
  ConnectionStore,
  ConnectionView,
  ReadableStore,
  RequestListOptions,
  RequestListStore,
  RequestListView,
  RequestStore,
  RequestStoreOptions,
  RequestView,
  TopicStore,
  TopicStoreOptions,
  TopicView,
} from '../store';
import type { UntypedActions } from '../types';
import { StreamerProvider, type StreamerProviderProps, useKept, useStores } from './provider';

/** Options of `useRequest`. */
export type UseRequestOptions<Action = unknown> = RequestStoreOptions<Action>;

/** A request's state, with the functions that change it. The functions are the same in each render. */
export type RequestResult<Actions extends object, Action extends keyof Actions & string> = RequestView<
  Actions[Action]
> &
  Pick<RequestStore<Actions, Action>, 'start' | 'attach' | 'cancel' | 'send' | 'reset'>;

/** The user's requests, with the functions that load them. */
export type RequestListResult<Actions extends object, Action extends keyof Actions & string> = RequestListView<
  Pick<Actions, Action>
> &
  Pick<RequestListStore<Actions, Action>, 'reload' | 'loadMore'>;

/** A topic's messages, with the function that publishes. */
export type TopicResult = TopicView & Pick<TopicStore, 'publish'>;

/** The connection's state, with the function that connects at once. */
export type ConnectionResult = ConnectionView & Pick<ConnectionStore, 'connect'>;

/** The hooks, with the types of an app's actions. */
export interface StreamerHooks<Actions extends object> {
  /** Gives its children a client: `<StreamerProvider url={url} token={getToken}>` or `<StreamerProvider client={client}>`. */
  readonly StreamerProvider: (props: StreamerProviderProps<Actions>) => ReactElement;
  /** Follows one request of an action, and starts it. The request continues if the component is removed. */
  useRequest<Action extends keyof Actions & string>(
    action: Action,
    options?: UseRequestOptions<Actions[Action]>,
  ): RequestResult<Actions, Action>;
  /** Lists the user's requests, also those of other devices. */
  useRequests<Action extends keyof Actions & string = keyof Actions & string>(
    options?: RequestListOptions<Action>,
  ): RequestListResult<Actions, Action>;
  /** Subscribes to a topic as long as the component is shown. */
  useTopic(topic: string, options?: TopicStoreOptions): TopicResult;
  useConnection(): ConnectionResult;
  /** Returns a function that returns the client. Call it in an effect or in an event listener, because a page that is rendered on a server has no client. */
  useClient(): () => StreamerClient<Actions>;
}

/**
 * Returns the hooks with the types of an app's actions. Only types differ: all calls return the same functions.
 *
 * ```ts
 * export const { StreamerProvider, useRequest } = createStreamerHooks<Actions>();
 * ```
 */
export const createStreamerHooks = <Actions extends object = UntypedActions>(): StreamerHooks<Actions> =>
  HOOKS as unknown as StreamerHooks<Actions>;

const HOOKS: StreamerHooks<UntypedActions> = {
  StreamerProvider,
  useRequest: (action, options = {}) => {
    const stores = useStores();
    const { persist, id, storage, onEvent } = options;
    const store = useKept([stores, action, persist, id], () => stores.request(action, { persist, id, storage }));
    useListener(store, onEvent);
    const { start, attach, cancel, send, reset } = store;
    return { ...useView(store), start, attach, cancel, send, reset };
  },
  useRequests: (options = {}) => {
    const stores = useStores();
    const store = useKept([stores, JSON.stringify(options)], () => stores.requests(options));
    const { reload, loadMore } = store;
    return { ...useView(store), reload, loadMore };
  },
  useTopic: (topic, { limit = 0, onMessage } = {}) => {
    const store = useStores().topic(topic);
    useListener(store, onMessage);
    useEffect(() => store.keep(limit), [store, limit]);
    const view = useView(store);
    // without a limit, all messages that the store keeps
    const messages = useMemo(() => view.messages.slice(-limit), [view.messages, limit]);
    return { ...view, messages, publish: store.publish };
  },
  useConnection: () => {
    const store = useStores().connection();
    return { ...useView(store), connect: store.connect };
  },
  useClient: () => useStores().client as never,
};

const useView = <View>(store: ReadableStore<View>): View =>
  useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);

interface Listenable<Value> {
  listen(listener: (value: Value) => void): () => void;
}

/** Calls the listener of the latest render with each value. */
function useListener<Value>(store: Listenable<Value>, listener: ((value: Value) => void) | undefined): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => store.listen((value) => latest.current?.(value)), [store]);
}
