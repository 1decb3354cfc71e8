import type { StreamerClient } from '../client';
import type { RequestOptions } from '../client-options';
import type { AttachTo } from '../request/check-options';
import type { CancelResult, RequestHandle, SendOptions } from '../request/handle';
import type { RequestSnapshot } from '../request/live-request';
import type { ProgressReport } from '../request/request-state';
import type { EventOf, MessageArguments, MessagesOf, RequestArguments, ResultOf, UntypedActions } from '../types';
import type { StreamerError } from '../wire/errors';
import type { RequestStatus } from '../wire/messages';
import { RequestMemory, type SnapshotStorage } from './storage';
import { Store } from './store';

/** State of one request, as a page shows it. */
export interface RequestView<Action = unknown> {
  /**
   * `IDLE`: nothing was requested. `FAILED`: the request failed or was refused, or the client cannot follow it any more; `error` has the reason. The
   * other values are those of the server.
   */
  readonly status: 'IDLE' | RequestStatus;
  /** Whether the request was sent and has not ended. */
  readonly isActive: boolean;
  readonly id?: string;
  /** Percentage from 0 to 100. It starts over with each attempt. */
  readonly percentage: number;
  /** Message of the last progress report of the current attempt. */
  readonly message?: string;
  readonly metadata?: ProgressReport['metadata'];
  /** Number of the current attempt, from 1; 0 before the first one. */
  readonly attempt: number;
  /** Events of the handler, in order. */
  readonly events: readonly EventOf<Action>[];
  /** Result; present if the status is `COMPLETED` and the handler returned a value. */
  readonly result?: ResultOf<Action>;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: StreamerError;
}

/** Options of a request store. */
export interface RequestStoreOptions<Action = unknown> {
  /**
   * Key under which the id of the request is stored, so that the request continues after a reload of the page. `reset` removes it. Default: the
   * request is not stored.
   */
  readonly persist?: string;
  /** Id of a request that exists, such as one of the user's list. Default: no request until `start`. */
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

const IDLE: RequestView<never> = { status: 'IDLE', isActive: false, percentage: 0, attempt: 0, events: [] };

/** Fields of the view that a new attempt clears. */
const NEW_ATTEMPT = { message: undefined, metadata: undefined } as const;

const isEnded = ({ status }: RequestSnapshot): boolean => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status);

/** Follows one request of an action, and shows its current state. */
export class RequestStore<
  Actions extends object = UntypedActions,
  Action extends keyof Actions & string = keyof Actions & string,
> extends Store<RequestView<Actions[Action]>> {
  private readonly memory: RequestMemory | undefined;
  /** Ends the wait for the current request; undefined while the store follows no request. */
  private following: AbortController | undefined;
  private snapshot: AttachTo | undefined;
  /** Whether the last listener was removed, and the store only waits until the server has acknowledged the request. */
  private isLeaving = false;
  private growing: EventOf<Actions[Action]>[] = [];
  private onEvent: RequestStoreOptions<Actions[Action]>['onEvent'];

  /** @param client returns the client; called at the first use, so that a page which is rendered on a server needs no client */
  constructor(
    private readonly client: () => StreamerClient<Actions>,
    private readonly action: Action,
    options: RequestStoreOptions<Actions[Action]> = {},
  ) {
    super(IDLE);
    const { persist, storage, id } = options;
    this.onEvent = options.onEvent;
    if (persist !== undefined) this.memory = new RequestMemory(persist, storage);
    if (id !== undefined) this.snapshot = { id };
  }

  /** Replaces the listener of the events. */
  listen(onEvent: RequestStoreOptions<Actions[Action]>['onEvent']): void {
    this.onEvent = onEvent;
  }

  /**
   * Starts a request, which the store shows from now on. A request that the store showed before continues on the server.
   *
   * @returns the id of the request
   */
  readonly start = (...[input, options]: RequestArguments<Actions[Action], StartOptions<Actions[Action]>>): string => {
    this.leave();
    const handle = this.follow((listeners) =>
      this.client().request(this.action, ...([input, { ...options, ...listeners }] as never)),
    );
    const { id } = handle;
    this.snapshot = { id };
    this.memory?.save({ id, action: this.action });
    this.change({ ...empty(), status: 'PENDING', isActive: true, id });
    return id;
  };

  /** Shows a request that exists, such as one of the user's list. */
  readonly attach = (id: string): void => {
    this.leave();
    this.memory?.save({ id, action: this.action });
    this.attachTo({ id });
  };

  /** Cancels the request. @throws StreamerError as `StreamerClient.cancel` does */
  readonly cancel = (reason?: string): Promise<CancelResult> => watched(this.client().cancel(this.currentId(), reason));

  /** Sends a message to the handler of the request. @throws StreamerError as `StreamerClient.send` does */
  readonly send = <Name extends keyof MessagesOf<Actions[Action]> & string>(
    name: Name,
    ...args: MessageArguments<MessagesOf<Actions[Action]>[Name], SendOptions>
  ): Promise<void> => watched(this.client().send(this.action, this.currentId(), name as never, ...(args as never)));

  /** Forgets the request. The request continues on the server. */
  readonly reset = (): void => {
    this.leave();
    this.snapshot = undefined;
    this.memory?.clear();
    this.change({ ...empty(), id: undefined });
  };

  protected activate(): void {
    this.isLeaving = false;
    if (this.following) return;
    const stored = this.snapshot ? undefined : this.memory?.load(this.action);
    const to = this.snapshot ?? (stored === undefined ? undefined : { id: stored });
    const hasEnded = !this.latest.isActive && this.latest.status !== 'IDLE';
    if (to && !hasEnded) this.attachTo(to);
  }

  protected deactivate(): void {
    // If the store left an unacknowledged request now, the client might never send the request.
    if (this.snapshot?.epoch === undefined) this.isLeaving = true;
    else this.leave();
  }

  private currentId(): string {
    const id = this.snapshot?.id;
    if (id === undefined) throw new Error('There is no request. Call `start` first.');
    return id;
  }

  private attachTo(to: AttachTo): void {
    // With a known offset, the store has the earlier events.
    const known = to.offset === undefined ? empty() : {};
    this.snapshot = to;
    this.change({ ...known, status: to.status ?? 'PENDING', isActive: true, id: to.id });
    this.follow((listeners) => this.client().attach(this.action, to, listeners as never));
  }

  /** Follows a request until it ends, or until the store leaves it. */
  private follow(begin: (listeners: object) => RequestHandle<unknown, never>): RequestHandle<unknown, never> {
    const controller = new AbortController();
    this.following = controller;
    const isMine = () => this.following === controller;
    const handle = begin({ signal: controller.signal, ...this.listeners(isMine) });
    handle.then(
      (result) => isMine() && this.end({ status: 'COMPLETED', percentage: 100, result }),
      (error: StreamerError) => isMine() && this.fail(error),
    );
    return handle;
  }

  private listeners(isMine: () => boolean) {
    return {
      onState: (snapshot: RequestSnapshot) => isMine() && this.onState(snapshot),
      onProgress: ({ percentage, message, metadata }: ProgressReport) =>
        isMine() && this.change({ percentage, message, metadata }),
      onEvent: (event: EventOf<Actions[Action]>) => {
        if (!isMine()) return undefined;
        this.add(event);
        return this.onEvent?.(event);
      },
      onReset: () => isMine() && this.change({ events: [] }),
      // The new run has the same log, so it is read from its start.
      onRedrive: () => this.snapshot && !this.latest.isActive && this.attachTo({ id: this.snapshot.id }),
    };
  }

  /** Adds an event to the view. Only the first event of a change copies the array, because a frame can contain thousands of events. */
  private add(event: EventOf<Actions[Action]>): void {
    if (!this.isChanging || this.latest.events !== this.growing) this.growing = [...this.latest.events];
    this.growing.push(event);
    this.change({ events: this.growing });
  }

  private onState(snapshot: RequestSnapshot): void {
    const { attempt, percentage, status, epoch } = snapshot;
    const isNew = attempt !== this.latest.attempt;
    this.snapshot = snapshot;
    if (this.isLeaving && epoch !== undefined) this.leave();
    // The end is shown together with the result or the error, which follow at once.
    if (isEnded(snapshot)) return;
    this.change({ status, percentage, attempt, ...(isNew && NEW_ATTEMPT) });
  }

  private fail(error: StreamerError): void {
    // The request was stored by an earlier page, and its retention is over.
    if (error.code === 'NOT_FOUND' && this.memory) this.reset();
    else this.end({ status: error.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED', error });
  }

  private end(change: object): void {
    this.following = undefined;
    this.change({ ...change, isActive: false });
  }

  private leave(): void {
    const { following } = this;
    this.following = undefined;
    this.isLeaving = false;
    following?.abort();
  }
}

/** Fields of a view without a request. */
const empty = () => ({ ...IDLE, ...NEW_ATTEMPT, result: undefined, error: undefined });

/** Marks the rejection of a promise as handled. A caller that ignores the promise causes no `unhandledrejection`. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
