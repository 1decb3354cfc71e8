import {
  type AttachOptions,
  checkOptions,
  type PublishOptions,
  type RequestOptions,
  type StateListener,
  type StreamerClientOptions,
  untyped,
} from './client-options';
import { Connection, type ConnectionState, type StateDetail } from './connection/connection';
import { checkUrl, resolveWebSocket } from './connection/socket';
import { browserWake } from './connection/wake';
import { Transfers } from './payload/transfer';
import { uploadInput } from './payload/upload-input';
import { type AttachTo, checkSnapshot, checkWaiting } from './request/check-options';
import { type CancelResult, handleOf, type RequestHandle, type SendOptions } from './request/handle';
import type { LiveRequestOptions, PrepareText } from './request/live-request';
import { knownRequest, newRequest } from './request/request-state';
import { Session } from './session';
import type { SubscribeOptions, Subscription } from './topic/live-topic';
import type {
  ListOptions,
  MessageArguments,
  MessagesOf,
  RequestArguments,
  RequestPage,
  ResultOf,
  UntypedActions,
} from './types';
import { systemClock } from './util/clock';
import { callListener, reportUncaught, throwElsewhere } from './util/listener';
import { timesOf } from './util/numbers';
import { randomId } from './util/random-id';
import {
  checkAction,
  checkPosition,
  checkTopic,
  encodeCancel,
  encodeInput,
  encodeList,
  encodePublish,
  encodeRequest,
  type LargeRequest,
  refuseField,
} from './wire/encode';
import { StreamerError } from './wire/errors';
import { defaultTiming, type Timing } from './wire/protocol';

/**
 * A client of a Streamer API. It has one connection, and any number of requests, which continue after the connection is lost.
 *
 * `Actions` is the type that `ActionsOf` derives from the handlers. Without it, any action is allowed and results are `unknown`.
 */
export class StreamerClient<Actions = UntypedActions> {
  private readonly connection: Connection;
  private readonly session: Session;
  private readonly listeners = new Set<StateListener>();
  private waiting: { resolve(): void; reject(error: StreamerError): void }[] = [];
  private readonly sleep: () => void;
  private readonly times: Timing;
  private readonly transfers: Transfers;

  /**
   * @throws StreamerError `CONNECT_FAILED` if the URL is not a WebSocket URL or the platform has no WebSocket; `UNAUTHORIZED` if there are no options;
   * `INVALID_MESSAGE` if an option is invalid
   */
  constructor(
    url: string,
    private readonly options: StreamerClientOptions,
  ) {
    checkUrl(url);
    checkOptions(options);
    const { clock = systemClock, random = Math.random, token, timing, wake = browserWake } = options;
    this.times = timesOf(defaultTiming(url), timing);
    const webSocket = resolveWebSocket(options.webSocket);
    if (options.onStateChange) this.listeners.add(options.onStateChange);
    this.connection = new Connection(
      { url, token, webSocket, clock, random, timing: this.times, connectTimeoutMs: this.times.connectTimeoutMs },
      {
        onState: (state, detail) => this.onState(state, detail),
        onOpen: () => this.session.opened(),
        onText: (data, isPrevious) => this.session.received(data, isPrevious),
        onLost: (closeCode) => this.session.lost(closeCode),
        onMove: (renews) => this.session.move(renews),
        onOverdue: () => this.session.overdue(),
        onGivenUp: (error) => this.stop(error),
      },
    );
    this.transfers = new Transfers({ clock, random, fetch: options.fetch });
    this.session = new Session({
      transfers: this.transfers,
      clock,
      random,
      times: this.times,
      send: (text) => this.connection.send(text),
      probe: () => this.connection.probe(),
      report: (error) => this.report(error),
      canRenew: typeof token === 'function',
      renew: () => this.connection.renew(),
      moved: () => this.connection.moved(),
    });
    this.sleep = wake(
      () => this.connection.wake(),
      () => this.connection.offline(),
      () => this.connection.ping(),
    );
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /** Adds a listener for changes of `state`. Returns a function that removes the listener. */
  on(event: 'state', listener: StateListener): () => void {
    if (event !== 'state') throw new TypeError(`There is no event ${JSON.stringify(event)}; listen to 'state'.`);
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Connects. The promise resolves when the client is connected, even if this takes several attempts. Requests and subscriptions open a connection by
   * themselves.
   *
   * If the client waits before its next attempt to connect, `connect` begins this attempt at once. Call `connect` when the user asks for it, but not
   * in a listener of the state: without the waits, all clients would connect to the server at the same time.
   *
   * @throws StreamerError `CLIENT_CLOSED`, or the reason why the client gave up: `UNAUTHORIZED`, `FORBIDDEN`, `CONNECT_FAILED`
   */
  async connect(): Promise<void> {
    this.checkOpen();
    if (this.state === 'connected') return;
    const connected = new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.connection.hurry();
    return connected;
  }

  /**
   * Requests an action and waits for its outcome, even if the connection is lost in the meantime. The returned promise has the request's `id` and the
   * functions `cancel` and `send`.
   *
   * The input may be left out only if the action's input may be `undefined`.
   *
   * @throws StreamerError with the code that the server or the handler sent, or with a code of the client: `ABORTED`, `TIMEOUT`, `CLIENT_CLOSED`,
   * `MESSAGE_TOO_LARGE`, `TRANSFER_FAILED`, `INVALID_INPUT`, `INVALID_MESSAGE`, or an error that `connect` throws
   */
  request<Action extends keyof Actions & string>(
    action: Action,
    ...[input, options]: RequestArguments<Actions[Action], RequestOptions<Actions[Action]>>
  ): RequestHandle<ResultOf<Actions[Action]>, MessagesOf<Actions[Action]>> {
    const id = options?.id ?? (this.options.newId ?? randomId)();
    const begin = async () => {
      const text = encodeRequest(id, action, input, options, (large) => this.uploading(large));
      return this.add(newRequest(id, action), text, untyped(options));
    };
    return this.handle(id, begin());
  }

  /**
   * Continues a request that this client or another client of the same user began, for example after a reload or on another device.
   *
   * @param to a state from `onState`. If it contains no offset, the log is read from its start. With the option `onSnapshot`, it is then read from the
   * latest snapshot of the handler
   * @throws StreamerError `NOT_FOUND`, or an error that `request` throws
   */
  attach<Action extends keyof Actions & string>(
    action: Action,
    to: AttachTo,
    options?: AttachOptions<Actions[Action]>,
  ): RequestHandle<ResultOf<Actions[Action]>, MessagesOf<Actions[Action]>> {
    const begin = async () => {
      checkAction(action);
      checkSnapshot(to);
      const state = knownRequest(to.id, action, to, options?.onSnapshot !== undefined);
      return this.add(state, undefined, { ...untyped(options), ref: to.ref });
    };
    return this.handle(to?.id, begin());
  }

  /**
   * Cancels a request of this user, even if another device has sent it. The viewers of the request get the error `CANCELLED`. The handler gets a
   * signal within a second and is never retried.
   *
   * Closing a page or aborting a `signal` cancels nothing: it only ends the wait.
   *
   * @param reason reason that the handler and the viewers get; at most 256 characters. If the request is cancelled again, the first reason is kept
   * @returns the state of the request; a request that has ended keeps its outcome
   * @throws StreamerError `NOT_FOUND`, `INVALID_MESSAGE` for an invalid id or reason, `OUTCOME_UNKNOWN`, `CLIENT_CLOSED`, or an error that `connect`
   * throws
   */
  async cancel(id: string, reason?: string): Promise<CancelResult> {
    const text = encodeCancel(id, reason);
    this.checkOpen();
    const cancelled = this.session.cancel(id, text);
    this.connection.open();
    const { status, run } = await cancelled;
    return { id, status, run };
  }

  /**
   * Subscribes to a topic. Each message is delivered once and in order, even if the connection is lost. A topic can have only one subscription at a
   * time.
   *
   * If the server refuses the subscription, for example with `FORBIDDEN`, `subscribed` rejects and `onError` is called.
   *
   * @throws StreamerError `INVALID_MESSAGE` if the topic is invalid, `DUPLICATE_REQUEST` if it already has a subscription, `CLIENT_CLOSED`
   */
  subscribe(topic: string, options: SubscribeOptions): Subscription {
    checkTopic(topic);
    if (typeof options?.onMessage !== 'function') refuseField('onMessage', 'must be a function');
    checkPosition(options);
    this.checkOpen();
    const subscription = this.session.topics.subscribe(topic, options);
    this.connection.open();
    return subscription;
  }

  /**
   * Publishes a message to a topic's subscribers. When the promise resolves, the message is stored. Until then it is sent again, under the same id.
   *
   * @throws StreamerError `FORBIDDEN`, `INVALID_MESSAGE`, `INVALID_INPUT`, `MESSAGE_TOO_LARGE`, `CLIENT_CLOSED`, or an error that `connect` throws
   */
  async publish(topic: string, data: unknown, options?: PublishOptions): Promise<void> {
    const id = options?.id ?? (this.options.newId ?? randomId)();
    const text = encodePublish(topic, id, data);
    this.checkOpen();
    const published = this.session.topics.publish(id, text);
    this.connection.open();
    return published;
  }

  /**
   * Sends a message to a running request of this user. When the promise resolves, the message is stored. Until then the client sends the message
   * again, under the same id. The handler gets each message once, and the messages of this client in the order of the calls.
   *
   * @param id the id of the request
   * @param name the name of the message, which the handler of the action declares with the type of its data
   * @throws StreamerError `NOT_FOUND`, `REQUEST_ENDED`, `TOO_MANY_INPUTS`, `INVALID_INPUT` if the handler does not take the message,
   * `INVALID_MESSAGE`, `MESSAGE_TOO_LARGE`, `CLIENT_CLOSED`, or an error that `connect` throws
   */
  async send<
    Action extends keyof Actions & string,
    Name extends keyof MessagesOf<Actions[Action]> & string = keyof MessagesOf<Actions[Action]> & string,
  >(
    action: Action,
    id: string,
    name: Name,
    ...[data, options]: MessageArguments<MessagesOf<Actions[Action]>[Name], SendOptions>
  ): Promise<void> {
    checkAction(action);
    return this.sendTo(id, name, data, options);
  }

  /**
   * Lists the user's requests, the newest first. The list includes requests of other devices and of server programs, until their retention time is
   * over. To continue a request of the list, use `attach`.
   *
   * A page may have fewer requests than `limit`, or none, although more pages follow. Only the last page has no `cursor`. A request that was accepted
   * within the last second may be missing.
   *
   * @throws StreamerError `INVALID_MESSAGE` if an option is invalid, `CLIENT_CLOSED`, or an error that `connect` throws
   */
  async requests<Action extends keyof Actions & string = keyof Actions & string>(
    options: ListOptions<Action> = {},
  ): Promise<RequestPage<Pick<Actions, Action>>> {
    const id = (this.options.newId ?? randomId)();
    const text = encodeList(id, options);
    this.checkOpen();
    const listed = this.session.list(id, text);
    this.connection.open();
    const { requests, cursor } = await listed;
    return { requests, ...(cursor !== undefined && { cursor }) } as unknown as RequestPage<Pick<Actions, Action>>;
  }

  /** Closes the client permanently. Pending calls fail with `CLIENT_CLOSED`, but the requests continue on the server. */
  close(): void {
    if (this.state === 'closed') return;
    this.sleep();
    this.connection.close();
    this.stop(closedError());
    this.listeners.clear();
  }

  private async sendTo(request: string, name: string, data: unknown, options?: SendOptions): Promise<void> {
    const id = options?.id ?? (this.options.newId ?? randomId)();
    const text = encodeInput(id, request, name, data);
    this.checkOpen();
    const sent = this.session.inputs.send(request, id, text);
    this.connection.open();
    return sent;
  }

  private handle<Action>(id: string, result: Promise<unknown>): RequestHandle<ResultOf<Action>, MessagesOf<Action>> {
    return handleOf(id, result as Promise<ResultOf<Action>>, {
      cancel: (...args) => this.cancel(...args),
      send: (...args) => this.sendTo(...args),
    });
  }

  private uploading(large: LargeRequest): PrepareText {
    const ask = (text: string) => this.session.upload(large.id, text);
    return (stop) => uploadInput(large, this.transfers, ask, stop);
  }

  private add(
    state: ReturnType<typeof newRequest>,
    text: string | PrepareText | undefined,
    options: LiveRequestOptions,
  ): Promise<unknown> {
    checkWaiting(options);
    this.checkOpen();
    const outcome = this.session.add(state, text, options);
    this.connection.open();
    return outcome;
  }

  private checkOpen(): void {
    if (this.state === 'closed') throw closedError();
  }

  private onState(state: ConnectionState, detail: StateDetail): void {
    if (state === 'connected') {
      const waiting = this.takeWaiting();
      for (const { resolve } of waiting) resolve();
    }
    for (const listener of [...this.listeners]) {
      callListener(
        () => listener(state, detail),
        (error) => this.report(error),
      );
    }
  }

  /** Stops the client, because it cannot connect again by itself. */
  private stop(error: StreamerError): void {
    for (const { reject } of this.takeWaiting()) reject(error);
    this.session.failAll(error);
  }

  private takeWaiting() {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private report(error: unknown): void {
    callListener(() => (this.options.onListenerError ?? reportUncaught)(error), throwElsewhere);
  }
}

const closedError = (): StreamerError => new StreamerError('CLIENT_CLOSED', 'This client was closed.');
