import type { ConnectionState, StateDetail } from './connection/connection';
import type { WebSocketConstructor } from './connection/socket';
import type { TokenSource } from './connection/token';
import type { Wake } from './connection/wake';
import type { Fetch } from './payload/transfer';
import type { LiveRequestOptions, RequestSnapshot } from './request/live-request';
import type { ProgressReport } from './request/request-state';
import type { EventOf, PriorityOf, SnapshotOf } from './types';
import type { Clock } from './util/clock';
import type { AbortSignalLike } from './util/stop';
import type { Debounce } from './wire/encode';
import { StreamerError } from './wire/errors';
import type { Timing } from './wire/protocol';

/** Called after each change of the connection's state. See `StreamerClient.on`. */
export type StateListener = (state: ConnectionState, detail: StateDetail) => void;

/** Options of a client. Only `token` is required. */
export interface StreamerClientOptions {
  /** The user's token, or a function that returns it. The function is called at each connection attempt. */
  readonly token: TokenSource;
  /** A WebSocket class, such as that of the package `ws`. Default: the class of the platform. */
  readonly webSocket?: WebSocketConstructor;
  /** Called after each change of the connection's state. */
  readonly onStateChange?: StateListener;
  /**
   * Called when a listener throws or its promise rejects, with the error. Default: `reportError` if the platform has it, otherwise `console.error`.
   */
  readonly onListenerError?: (error: unknown) => void;
  /** Creates the ids of requests. Default: a function that returns 128 random bits. */
  readonly newId?: () => string;
  /** Times that replace the protocol's times. They are meant for tests. */
  readonly timing?: Partial<Timing>;
  /** Uploads inputs and downloads results that do not fit into a message. Default: `fetch` of the platform. */
  readonly fetch?: Fetch;
  /** Clock and timers. Default: the system's clock and timers. */
  readonly clock?: Clock;
  /** Returns a random number from 0 up to 1, for the backoff. Default: `Math.random`. */
  readonly random?: () => number;
  /**
   * Subscribes to events of the platform. They report that an attempt to connect may succeed now, that the network is lost, or that no code will run
   * for a while. Default: the events `online`, `offline`, `visibilitychange`, `freeze` and `resume` of a page or a worker.
   */
  readonly wake?: Wake;
}

/** Options of one request. */
export interface RequestOptions<Action = unknown> {
  /** Id of the request, which must match `/^[A-Za-z0-9_-]{1,64}$/`. Two calls with the same id and input are one request. Default: a new id. */
  readonly id?: string;
  /**
   * Time before which the work does not start: a date, or milliseconds since 1970. The time is at most 366 days ahead. The work starts within a few
   * seconds after this time. Default: at once. Async actions only.
   */
  readonly processAfter?: Date | number;
  /** Priority class of the action, from the `priorities` of its handler. Default: none. Async actions only. */
  readonly priority?: PriorityOf<Action>;
  /**
   * Rule by which the request replaces earlier requests of the user that have the same action and key and have not started. The replaced requests end
   * with `SUPERSEDED`. The rule cannot be combined with `processAfter`. Default: none. Async actions only.
   */
  readonly debounce?: Debounce;
  /** Signal that ends the wait with `ABORTED`. The request itself continues. */
  readonly signal?: AbortSignalLike;
  /**
   * Time in milliseconds, at least 0, after which the wait ends with `TIMEOUT`. The time includes the wait for a connection. Default: no limit, as
   * with `Infinity`.
   */
  readonly timeoutMs?: number;
  /**
   * Time in milliseconds, at least 1, after which an unanswered message is sent again. With `Infinity`, it is sent again only after a reconnect.
   * Default: 8,000.
   */
  readonly ackTimeoutMs?: number;
  /**
   * Time in milliseconds, 1 to 31,622,400,000 (366 days), after which the server ends the request with `DEADLINE_EXCEEDED`. The time starts when the
   * server accepts the request. Default: no limit.
   */
  readonly deadlineMs?: number;
  readonly onProgress?: (progress: ProgressReport) => void;
  /** Called once with each event of the handler, in order. */
  readonly onEvent?: (event: EventOf<Action>) => void;
  /** Called with each new state of the request. Store the snapshot, so that the page can `attach` after a reload. */
  readonly onState?: (snapshot: RequestSnapshot) => void;
  /** Called when the server has started a new log, for example because the old one has expired. Events may then be delivered again. */
  readonly onReset?: () => void;
  /**
   * Called if an operator starts a new run of the request after it failed or was cancelled. The client notices the new run only on the connection on
   * which the request ended. The promise stays rejected. To follow the new run, use `attach`.
   */
  readonly onRedrive?: () => void;
}

/** Options of `attach`. */
export interface AttachOptions<Action>
  extends Omit<RequestOptions<Action>, 'id' | 'processAfter' | 'priority' | 'debounce'> {
  /**
   * Called with the latest snapshot of the handler, before any event, if `to` contains no offset and there is a snapshot. The events before the
   * snapshot are skipped, and `skipped` is their number together with other entries of the log. Default: the log is read from its start.
   */
  readonly onSnapshot?: (snapshot: SnapshotOf<Action>) => void;
}

/** Options of one published message. */
export interface PublishOptions {
  /**
   * Id of the message, which must match `/^[A-Za-z0-9_-]{1,64}$/`. Two calls with the same id on the same topic are one message. Default: a new id.
   */
  readonly id?: string;
}

const FUNCTIONS = ['onStateChange', 'onListenerError', 'newId', 'random', 'wake', 'webSocket'] as const;

/**
 * Checks the options whose invalid values would otherwise cause an error much later.
 *
 * @throws StreamerError `UNAUTHORIZED` without options, `INVALID_MESSAGE`
 */
export function checkOptions(options: StreamerClientOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new StreamerError('UNAUTHORIZED', 'The client needs a token: `new StreamerClient(url, { token })`.');
  }
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== 'function') refuseOption(name, 'a function');
  }
  const { clock } = options;
  if (clock !== undefined && typeof clock?.setTimeout !== 'function') refuseOption('clock', 'a Clock');
}

function refuseOption(name: string, kind: string): never {
  throw new StreamerError('INVALID_MESSAGE', `The client's option \`${name}\` must be ${kind}.`);
}

/** Removes the types of events from the options. Only the handlers know these types; at run time, events are plain JSON. */
export function untyped<Action>(options: RequestOptions<Action> | undefined): LiveRequestOptions {
  return (options ?? {}) as LiveRequestOptions;
}
