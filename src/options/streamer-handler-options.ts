import type { Duration, Size } from 'aws-cdk-lib';
import type { ActionSchedule } from './action-schedule';
import type { Concurrency } from './streamer-concurrency';
import type { HandlerFunctionOptions } from './streamer-function-options';
import type { OnDisconnect } from './streamer-on-disconnect';

/**
 * Options of a sync handler, which answers within the API's `syncTimeout`.
 *
 * The handler runs in the router's function, with the router's role and environment, unless it is `isolated`. All options except `environment` and
 * `initialPolicy` require `isolated`.
 */
export interface SyncHandlerOptions extends HandlerFunctionOptions {
  /**
   * Whether the handler gets a separate function, role and log group. The router invokes that function. The handler then shares no permissions,
   * memory or crashes with other handlers, but each call takes one Lambda invocation longer.
   *
   * @default false
   */
  readonly isolated?: boolean;

  /**
   * Memory of the isolated handler's function in MB, 128 to 10240. Lambda assigns CPU in proportion to memory.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Maximum duration of the isolated handler, 1 second to the API's `syncTimeout`, which is 25 seconds at most.
   *
   * @default - the API's `syncTimeout`
   */
  readonly timeout?: Duration;
}

/**
 * Rules for the retries after a failed attempt. The delay after attempt n is random, between 0 and `base` × 2^(n − 1), and at most `cap` (exponential
 * backoff with full jitter). If `retryAfter` of the error is longer, the delay is `retryAfter`.
 *
 * Several handlers can use the same policy.
 */
export interface RetryPolicy {
  /**
   * Maximum number of attempts before a request fails, 1 to 100. With 1, a failed attempt is not retried.
   *
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * Maximum delay before the first retry, 100 ms to 1 hour. The maximum doubles with each further retry, up to `cap`.
   *
   * @default Duration.seconds(1)
   */
  readonly base?: Duration;

  /**
   * Maximum delay before any retry. It must be at least `base`, at least 100 ms, and at most 12 hours.
   *
   * @default Duration.minutes(5)
   */
  readonly cap?: Duration;
}

/** Priority class of an async handler. Its requests have a separate queue. */
export interface PriorityClass {
  /**
   * Maximum number of concurrent attempts of the class over all tenants, 2 to 1000. The handler's maximum for requests without a class is separate,
   * so the maximums add up.
   *
   * @default - the `maxConcurrency` of the handler
   */
  readonly maxConcurrency?: number;
}

/** Options of an async handler, which runs in the background. Each async handler gets a separate function, role, log group and queues. */
export interface AsyncHandlerOptions extends HandlerFunctionOptions {
  /**
   * Maximum duration of one attempt, 1 second to 15 minutes. Lambda's own limit is 15 minutes, so with the maximum the last seconds are reserved for
   * writing the outcome.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Memory of the function in MB, 128 to 10240. Lambda assigns CPU in proportion to memory.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Maximum number of attempts, and delays between them.
   *
   * @default - 3 attempts; the maximum delay is 1 second at first, and doubles with each attempt, up to 5 minutes
   */
  readonly retry?: RetryPolicy;

  /**
   * Longest time from the acceptance of a request to its end, over all attempts, waits and slices, 1 second to 365 days. If the request has
   * `processAfter` or `debounce`, the time counts from its earliest start. A redrive restarts the time. At the deadline, the handler's signal fires,
   * and the request fails with `DEADLINE_EXCEEDED`. If the request also has `deadlineMs`, the earlier deadline applies.
   *
   * @default - none: only `deadlineMs` of a request limits the time
   */
  readonly deadline?: Duration;

  /**
   * Largest input of the action, as JSON in UTF-8: 1 byte to 100 MiB. More than 32 KiB requires `payloads` of the API. A larger input is refused with
   * `PAYLOAD_TOO_LARGE`.
   *
   * @default - `limits.maxInputSize` of the API
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result of the action, as JSON in UTF-8: 1 byte to 100 MiB. More than 120 KiB requires `payloads` of the API. If the handler returns a
   * larger result, the request fails with `RESULT_TOO_LARGE`.
   *
   * @default - `limits.maxResultSize` of the API
   */
  readonly maxResultSize?: Size;

  /**
   * Whether a request is cancelled after all its viewers have left. The viewers are the connection that sent the request and the connections that attached to it.
   * If a program submitted the request, it is not cancelled before a viewer has attached and left.
   *
   * @default - `OnDisconnect.keepRunning()`: requests continue
   */
  readonly onDisconnect?: OnDisconnect;

  /**
   * Maximum number of concurrent attempts over all tenants, 1 to 1000. It keeps this handler from using up the account's concurrency.
   *
   * With 1, no two attempts overlap: an attempt holds the only slot of the action until it ends, and other requests wait with the status `WAITING`.
   * Up to two invocations still run at the same time, because Lambda's event source mapping allows no lower maximum.
   *
   * @default - 50, or `reservedConcurrency` if that is less
   */
  readonly maxConcurrency?: number;

  /**
   * Maximum numbers of concurrent attempts of each tenant, user or value of the input. Requests above a maximum wait with the status `WAITING`.
   *
   * @default - none: only `maxConcurrency` limits the attempts
   */
  readonly concurrency?: Concurrency[];

  /**
   * Schedules that submit requests of the action.
   *
   * @default - none
   */
  readonly schedules?: ActionSchedule[];

  /**
   * Priority classes by name, 1 to 5. A name is a lower-case letter, then lower-case letters, digits or `-`, at most 12 characters. The name `default` is not allowed.
   *
   * A request that names a class, such as `{ priority: 'high' }`, waits in the queue of the class, so it does not wait for the requests in other queues. All queues invoke
   * the same function. `maxConcurrency` applies to the requests without a class. It must be at least 2, because with 1, all requests wait in one line.
   *
   * @default - none: all requests wait in one queue
   */
  readonly priorities?: { [priority: string]: PriorityClass };

  /**
   * Maximum number of progress frames per second that each viewer gets, 1 to 100. If the handler reports more often, viewers get the latest report.
   *
   * @default 10
   */
  readonly progressRate?: number;

  /**
   * Path of the module that exports the input's schema, as `input` or `default`. The router's bundle contains the schema module, but not the handler.
   *
   * @default - the module `<handler>.schema.*` next to the handler; if there is none, input is not validated and synthesis warns
   */
  readonly schema?: string;

  /**
   * Whether the action refuses new requests with `UNKNOWN_ACTION`. Requests that were accepted before still run. To remove an action without losing
   * waiting requests, first deploy with `retired`. Remove the handler once its queues are empty.
   *
   * @default false
   */
  readonly retired?: boolean;
}

/** The way in which a handler's requests are answered. */
export enum HandlerMode {
  /** The request is acknowledged at once. The result follows when it is available, after retries if necessary. */
  ASYNC = 'async',

  /** The request is answered within the API's `syncTimeout`. */
  SYNC = 'sync',
}

/** Options of a handler that is an existing Lambda function, in any language. */
export interface FunctionHandlerOptions {
  /**
   * Mode of the handler: its requests are answered within `syncTimeout`, or acknowledged at once.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * Path of the module (TypeScript or JavaScript) that exports the input's schema, as `input` or `default`. The router's bundle contains this module.
   *
   * @default - none: input is not validated and synthesis warns
   */
  readonly schema?: string;

  /**
   * Maximum duration of one attempt: 1 second to 15 minutes. In sync mode, it is at most the API's `syncTimeout`, which is 25 seconds at most.
   *
   * @default - the function's own timeout if this app creates it, otherwise 5 minutes; in sync mode the API's `syncTimeout`
   */
  readonly timeout?: Duration;

  /**
   * Maximum number of attempts, and delays between them. Async only.
   *
   * @default - 3 attempts; the maximum delay is 1 second at first, and doubles with each attempt, up to 5 minutes
   */
  readonly retry?: RetryPolicy;

  /**
   * Longest time from the acceptance of a request to its end, over all attempts, waits and slices, 1 second to 365 days. If the request has
   * `processAfter` or `debounce`, the time counts from its earliest start. A redrive restarts the time. At the deadline, the handler's signal fires,
   * and the request fails with `DEADLINE_EXCEEDED`. If the request also has `deadlineMs`, the earlier deadline applies. Async only.
   *
   * @default - none: only `deadlineMs` of a request limits the time
   */
  readonly deadline?: Duration;

  /**
   * Largest input of the action, as JSON in UTF-8: 1 byte to 100 MiB. More than 32 KiB requires `payloads` of the API. A larger input is refused with
   * `PAYLOAD_TOO_LARGE`. Async only.
   *
   * @default - `limits.maxInputSize` of the API
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result of the action, as JSON in UTF-8: 1 byte to 100 MiB. More than 120 KiB requires `payloads` of the API. If the handler returns a
   * larger result, the request fails with `RESULT_TOO_LARGE`. Async only.
   *
   * @default - `limits.maxResultSize` of the API
   */
  readonly maxResultSize?: Size;

  /**
   * Whether a request is cancelled after all its viewers have left. The viewers are the connection that sent the request and the connections that attached to it.
   * If a program submitted the request, it is not cancelled before a viewer has attached and left. Async only.
   *
   * @default - `OnDisconnect.keepRunning()`: requests continue
   */
  readonly onDisconnect?: OnDisconnect;

  /**
   * Maximum number of concurrent attempts over all tenants, 1 to 1000. With 1, no two attempts overlap. Async only.
   *
   * @default 50
   */
  readonly maxConcurrency?: number;

  /**
   * Maximum numbers of concurrent attempts of each tenant, user or value of the input. Requests above a maximum wait with the status `WAITING`. Async only.
   *
   * @default - none: only `maxConcurrency` limits the attempts
   */
  readonly concurrency?: Concurrency[];

  /**
   * Schedules that submit requests of the action. Async only.
   *
   * @default - none
   */
  readonly schedules?: ActionSchedule[];

  /**
   * Priority classes by name, 1 to 5. A name is a lower-case letter, then lower-case letters, digits or `-`, at most 12 characters. The name `default` is not allowed.
   *
   * A request that names a class, such as `{ priority: 'high' }`, waits in the queue of the class, so it does not wait for the requests in other queues. All queues invoke
   * the same function. `maxConcurrency` applies to the requests without a class. It must be at least 2, because with 1, all requests wait in one line. Async only.
   *
   * @default - none: all requests wait in one queue
   */
  readonly priorities?: { [priority: string]: PriorityClass };

  /**
   * Whether the action refuses new requests with `UNKNOWN_ACTION`. Requests that were accepted before still run. To remove an action without losing
   * waiting requests, first deploy with `retired`. Remove the handler once its queues are empty. Async only.
   *
   * @default false
   */
  readonly retired?: boolean;
}

/** Options of `StreamerHandler.fromDirectory`. */
export interface HandlerDirectoryOptions {
  /**
   * Mode of the handlers whose file name does not contain a mode. `echo.sync.ts` is a sync handler of the action `echo`, `report.async.ts` is an
   * async handler of the action `report`.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * Base folder of a relative path.
   *
   * @default - the folder of the nearest package.json, from the working directory upwards
   */
  readonly projectRoot?: string;

  /**
   * Options of all sync handlers in the folder.
   *
   * @default - those of `StreamerHandler.sync`
   */
  readonly syncOptions?: SyncHandlerOptions;

  /**
   * Options of all async handlers in the folder.
   *
   * @default - those of `StreamerHandler.async`
   */
  readonly asyncOptions?: AsyncHandlerOptions;
}
