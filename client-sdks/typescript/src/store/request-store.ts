import type { StreamerClient } from '../client';
import type { RequestOptions } from '../client-options';
import type { CancelResult, SendOptions } from '../request/handle';
import type { EventOf, MessageArguments, MessagesOf, RequestArguments, UntypedActions } from '../types';
import { randomId } from '../util/random-id';
import type { FollowedRequest } from './followed-request';
import { EMPTY, IDLE, type RequestView } from './request-view';
import { RequestMemory, type SentRequest, type SnapshotStorage } from './storage';
import { Listeners, Store, watched } from './store';

/** Options of a request store. */
export interface RequestStoreOptions<Action = unknown> {
  /**
   * Key under which the request is stored, so that it continues after a reload of the page. Users of the same browser need different keys. `reset`
   * removes it. Default: the request is not stored.
   */
  readonly persist?: string;
  /** Id of a request that exists, such as one of the user's list. `persist` has no effect on it. Default: no request until `start`. */
  readonly id?: string;
  /** Called once with each event, in order. After a reload, it is called again with all events of the request. */
  readonly onEvent?: (event: EventOf<Action>) => void;
  /** Storage for `persist`. Default: `localStorage`. */
  readonly storage?: SnapshotStorage;
}

/** Options of `start`: those of a request, without those that the store sets itself. */
export type StartOptions<Action = unknown> = Omit<
  RequestOptions<Action>,
  'signal' | 'onProgress' | 'onEvent' | 'onState' | 'onReset' | 'onRedrive'
>;

/** Functions that a store needs from the stores of the client. */
export interface RequestStoreHost<Actions extends object> {
  readonly client: () => StreamerClient<Actions>;
  /**
   * Returns the request with an id, which all stores share.
   *
   * @param earlier the same request, if a store showed it before. It knows the earlier events
   */
  follow<Action extends keyof Actions & string>(
    action: Action,
    id: string,
    earlier?: FollowedRequest<Actions, Action>,
  ): FollowedRequest<Actions, Action>;
}

/** Codes that show that a stored id is of no use: its retention is over, or the storage is damaged. */
const USELESS: ReadonlySet<string | undefined> = new Set(['NOT_FOUND', 'INVALID_MESSAGE']);

/** Shows one request of an action at a time, and starts it. */
export class RequestStore<
  Actions extends object = UntypedActions,
  Action extends keyof Actions & string = keyof Actions & string,
> extends Store<RequestView<Actions[Action]>> {
  private readonly memory: RequestMemory | undefined;
  private readonly events = new Listeners<EventOf<Actions[Action]>>();
  private id: string | undefined;
  private shown: FollowedRequest<Actions, Action> | undefined;
  /** Whether the id comes from the storage, and no start or attach has replaced it. */
  private isStored = false;
  private stopShowing: (() => void) | undefined;

  constructor(
    private readonly host: RequestStoreHost<Actions>,
    private readonly action: Action,
    { persist, storage, id, onEvent }: RequestStoreOptions<Actions[Action]> = {},
  ) {
    super(IDLE);
    this.id = id;
    if (onEvent) this.events.add(onEvent);
    if (persist !== undefined && id === undefined) this.memory = new RequestMemory(persist, action, storage);
  }

  /** Adds a listener for events. Returns a function that removes it. */
  listen(onEvent: (event: EventOf<Actions[Action]>) => void): () => void {
    return this.events.add(onEvent);
  }

  /**
   * Starts a request, which the store shows from now on. A request that the store showed before continues on the server.
   *
   * @returns the id of the request
   */
  readonly start = (...[input, options]: RequestArguments<Actions[Action], StartOptions<Actions[Action]>>): string => {
    const { id = randomId(), ...others } = options ?? {};
    const sent = { input, options: plain(others) };
    this.memory?.save(id, sent);
    this.begin(id, sent);
    return id;
  };

  /** Shows a request that exists, such as one of the user's list. */
  readonly attach = (id: string): void => {
    this.memory?.save(id);
    this.begin(id);
  };

  /** Cancels the request. @throws StreamerError as `StreamerClient.cancel` does */
  readonly cancel = (reason?: string): Promise<CancelResult> =>
    watched(this.act((client, id) => client.cancel(id, reason)));

  /** Sends a message to the handler of the request. @throws StreamerError as `StreamerClient.send` does */
  readonly send = <Name extends keyof MessagesOf<Actions[Action]> & string>(
    name: Name,
    ...args: MessageArguments<MessagesOf<Actions[Action]>[Name], SendOptions>
  ): Promise<void> =>
    watched(this.act((client, id) => client.send(this.action, id, name as never, ...(args as never))));

  /** Forgets the request. It continues on the server. */
  readonly reset = (): void => {
    this.stopShowing?.();
    if (this.id !== undefined) this.memory?.clear(this.id);
    this.id = this.shown = undefined;
    this.change(EMPTY);
  };

  protected activate(): void {
    const stored = this.id === undefined ? this.memory?.load() : undefined;
    if (stored) {
      this.begin(stored.id, stored.sent);
      this.isStored = true;
    } else if (this.id !== undefined) {
      this.show(this.host.follow(this.action, this.id, this.shown));
    }
  }

  protected deactivate(): void {
    this.stopShowing?.();
  }

  protected failed(error: RequestView['error']): void {
    this.change({ ...EMPTY, status: 'FAILED', error });
  }

  private begin(id: string, sent?: SentRequest): void {
    this.id = id;
    this.isStored = false;
    const request = this.host.follow(this.action, id);
    const remove = request.accepted.add(() => {
      remove();
      this.memory?.accepted(id);
    });
    if (sent) request.request(sent);
    this.show(request);
  }

  /** Shows a request as long as this store has listeners. */
  private show(request: FollowedRequest<Actions, Action>): void {
    this.stopShowing?.();
    this.shown = request;
    this.take(request);
    if (!this.isActive) return;
    const stops = [request.subscribe(() => this.take(request)), request.events.add((event) => this.events.call(event))];
    this.take(request);
    this.stopShowing = () => {
      for (const stop of stops.splice(0)) stop();
    };
  }

  private take(request: FollowedRequest<Actions, Action>): void {
    const view = request.getSnapshot();
    if (this.isStored && USELESS.has(view.error?.code)) this.change(EMPTY);
    else this.change({ ...EMPTY, ...view });
  }

  private async act<T>(action: (client: StreamerClient<Actions>, id: string) => Promise<T>): Promise<T> {
    if (this.id === undefined) throw new Error('There is no request. Call `start` first.');
    return action(this.host.client(), this.id);
  }
}

/** Options as they are after serialization to JSON, except functions, so that a request that is sent again after a reload is the same. */
const plain = ({ processAfter, ...options }: StartOptions): object => ({
  ...options,
  ...(processAfter !== undefined && { processAfter: Number(processAfter) }),
});
