import type { StreamerClient } from '../client';
import type { AttachTo } from '../request/check-options';
import type { RequestHandle } from '../request/handle';
import type { RequestSnapshot } from '../request/live-request';
import type { ProgressReport } from '../request/request-state';
import type { EventOf, UntypedActions } from '../types';
import type { ErrorCode, StreamerError } from '../wire/errors';
import { EMPTY, isEnded, NEW_ATTEMPT, type RequestView } from './request-view';
import type { SentRequest } from './storage';
import { Listeners, Store } from './store';

/** Codes with which a client gives up. If the application connects again, for example after a login, the request is followed again. */
const GIVEN_UP: ReadonlySet<ErrorCode> = new Set(['CONNECT_FAILED', 'TOKEN_EXPIRED', 'UNAUTHORIZED']);

/** Functions that a request needs from its owner. */
export interface FollowedRequestHost<Actions extends object> {
  readonly client: () => StreamerClient<Actions>;
  /** Called when the request was accepted, and when it has ended. */
  changed(): void;
  /** Called when nobody shows the request any more. */
  released(): void;
}

/** One request that stores show. The client follows a request once, although several parts of a page may show it. */
export class FollowedRequest<
  Actions extends object = UntypedActions,
  Action extends keyof Actions & string = keyof Actions & string,
> extends Store<RequestView<Actions[Action]>> {
  readonly events = new Listeners<EventOf<Actions[Action]>>();
  readonly accepted = new Listeners<void>();
  /** Ends the wait for the request. It is undefined while the request is not followed. */
  private following: AbortController | undefined;
  /** The request, until the server has accepted it. */
  private sent: SentRequest | undefined;
  private snapshot: AttachTo;
  /** Whether nobody listens any more, and the store only waits until the server has the request. */
  private isLeaving = false;
  private growing: EventOf<Actions[Action]>[] = [];
  private stopWaiting: (() => void) | undefined;

  constructor(
    private readonly host: FollowedRequestHost<Actions>,
    private readonly action: Action,
    private readonly id: string,
  ) {
    super({ ...EMPTY, status: 'PENDING', isActive: true, id });
    this.snapshot = { id };
  }

  /** Sends the request. If it was sent before, for example by this page before a reload, it is still the same request. */
  request(sent: SentRequest): void {
    this.sent = sent;
    this.follow();
  }

  protected activate(): void {
    this.isLeaving = false;
    if (!this.following && this.latest.isActive) this.follow();
  }

  protected deactivate(): void {
    // A request that was not accepted yet would otherwise never be sent.
    if (this.sent && this.following) this.isLeaving = true;
    else this.leave();
  }

  protected failed(error: StreamerError): void {
    this.end({ status: 'FAILED', error });
  }

  /** Follows the request until it ends, or until nobody shows it. */
  private follow(): void {
    const controller = new AbortController();
    this.following = controller;
    const isMine = () => this.following === controller;
    try {
      this.begin({ signal: controller.signal, ...this.listeners(isMine) }).then(
        (result) => isMine() && this.end({ status: 'COMPLETED', percentage: 100, result } as never),
        (error: StreamerError) => isMine() && this.fail(error),
      );
    } catch (error) {
      this.failed(error as StreamerError);
    }
  }

  private begin(listeners: object): RequestHandle<unknown, never> {
    const { action, id, sent, snapshot } = this;
    const client = this.host.client() as unknown as StreamerClient;
    if (sent) return client.request(action, sent.input, { ...sent.options, id, ...listeners }) as never;
    // With a known offset, the store has the earlier events.
    if (snapshot.offset === undefined) this.change({ ...EMPTY, status: 'PENDING', isActive: true, id });
    return client.attach(action, snapshot, listeners) as never;
  }

  private listeners(isMine: () => boolean) {
    return {
      onState: (snapshot: RequestSnapshot) => isMine() && this.onState(snapshot),
      onProgress: ({ percentage, message, metadata }: ProgressReport) =>
        isMine() && this.change({ percentage, message, metadata }),
      onEvent: (event: EventOf<Actions[Action]>) => {
        if (!isMine()) return;
        this.add(event);
        this.events.call(event);
      },
      onReset: () => isMine() && this.change({ events: [] }),
      onRedrive: () => this.isActive && this.onRedrive(),
    };
  }

  /** Adds an event to the view. Only the first event of a change copies the array, because a frame can contain thousands. */
  private add(event: EventOf<Actions[Action]>): void {
    if (!this.isChanging || this.latest.events !== this.growing) this.growing = [...this.latest.events];
    this.growing.push(event);
    this.change({ events: this.growing });
  }

  private onState(snapshot: RequestSnapshot): void {
    const { attempt, percentage, status, epoch } = snapshot;
    const isNew = attempt !== this.latest.attempt;
    this.snapshot = snapshot;
    if (epoch !== undefined) this.onAccepted();
    // The end is shown together with the result or the error, which follow at once.
    if (!isEnded(status)) this.change({ status, percentage, attempt, ...(isNew && NEW_ATTEMPT) });
  }

  private onAccepted(): void {
    if (!this.sent) return;
    this.sent = undefined;
    this.accepted.call();
    this.host.changed();
    if (this.isLeaving) this.leave();
  }

  /** Follows the next run. It has the same log, so the log is read from its start. */
  private onRedrive(): void {
    this.snapshot = { id: this.id };
    this.follow();
  }

  private fail(error: StreamerError): void {
    this.end({ status: error.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED', error });
    if (!GIVEN_UP.has(error.code)) return;
    this.stopWaiting = this.host.client().on('state', (state) => {
      if (state !== 'connected') return;
      this.stopWaiting?.();
      this.change({ status: this.snapshot.status ?? 'PENDING', isActive: true, error: undefined });
      this.follow();
    });
  }

  private end(change: Partial<RequestView<Actions[Action]>>): void {
    this.following = undefined;
    this.change({ ...change, isActive: false });
    this.host.changed();
  }

  private leave(): void {
    const { following } = this;
    this.following = undefined;
    this.isLeaving = false;
    this.stopWaiting?.();
    following?.abort();
    this.host.released();
  }
}
