import type { Duration } from 'aws-cdk-lib';
import type { HandlerFunctionOptions } from './streamer-function-options';

/**
 * Options of a handler that answers at once.
 *
 * It shares the router's function, hence its role and environment, unless it is `isolated`; all options but `environment` and
 * `initialPolicy` need that.
 */
export interface SyncHandlerOptions extends HandlerFunctionOptions {
  /**
   * Whether the handler gets a function, role and log group of its own, which the router invokes. It then shares no permission, crash
   * or memory with the others, and each call takes longer by an invocation of Lambda.
   *
   * @default false
   */
  readonly isolated?: boolean;

  /**
   * Memory of the isolated handler's function in MB, 128 to 10240; CPU grows with it.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Time that the isolated handler may take, 1 second to the API's `syncTimeout`, which is 25 seconds at most.
   *
   * @default - the API's `syncTimeout`
   */
  readonly timeout?: Duration;
}

/** How long to wait before a failed attempt is repeated: exponential from `initial` up to `max`, with full jitter. */
export interface RetryBackoff {
  /**
   * Upper bound of the first wait; it doubles with each attempt. 100 ms to 1 hour.
   *
   * @default Duration.seconds(1)
   */
  readonly initial?: Duration;

  /**
   * Upper bound of any wait. At least `initial`, hence 100 ms, at most 12 hours.
   *
   * @default Duration.minutes(5)
   */
  readonly max?: Duration;
}

/** Options of a handler that runs in the background. Each has a function, role, log group and queues of its own. */
export interface AsyncHandlerOptions extends HandlerFunctionOptions {
  /**
   * Time that one attempt may take, 1 second to 15 minutes. Of Lambda's own 15 minutes the last seconds are for writing how it ended.
   *
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * Memory of the function in MB, 128 to 10240; CPU grows with it.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Attempts before a request is given up as failed, 1 to 100.
   *
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * Waits between attempts.
   *
   * @default - from 1 second up to 5 minutes
   */
  readonly backoff?: RetryBackoff;

  /**
   * Maximum number of concurrent attempts over all tenants, 1 to 1000. It keeps this handler from using up the account's concurrency.
   *
   * With 1, an attempt holds a lock of the action until it ends, so that no two attempts overlap. The queue still invokes the function twice at a time, which
   * is the minimum of Lambda's event source mapping; the second invocation waits for the lock.
   *
   * @default - 50, or `reservedConcurrency` where that is less
   */
  readonly maxConcurrency?: number;

  /**
   * Progress messages a second that a viewer is sent at most, 1 to 100; the latest wins.
   *
   * @default 10
   */
  readonly progressRate?: number;

  /**
   * Path of the module that exports the input's schema, as `input` or `default`. The router bundles it, without the handler.
   *
   * @default - the module `<handler>.schema.*` beside the handler; without one, input is not validated and synthesis warns
   */
  readonly schema?: string;

  /**
   * Whether the action refuses new requests with `UNKNOWN_ACTION`. Requests that were accepted before continue. To remove an action without losing waiting
   * requests, deploy with `retired`, and remove the handler once its queues are empty.
   *
   * @default false
   */
  readonly retired?: boolean;
}

/** How the requests of a handler are answered. */
export enum HandlerMode {
  /** Acknowledged at once; the result comes when it is there, after retries if need be. */
  ASYNC = 'async',

  /** Answered within the API's `syncTimeout`. */
  SYNC = 'sync',
}

/** Options of a handler that is a Lambda function of yours, in any language. */
export interface FunctionHandlerOptions {
  /**
   * How its requests are answered.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * Path of the module (TypeScript or JavaScript) that exports the input's schema, as `input` or `default`. The router bundles it.
   *
   * @default - none: input is not validated and synthesis warns
   */
  readonly schema?: string;

  /**
   * Time that one attempt may take: 1 second to 15 minutes; of a sync one, to the API's `syncTimeout`, which is
   * 25 seconds at most.
   *
   * @default - the function's own timeout where this app creates it, else 5 minutes; of a sync one the API's `syncTimeout`
   */
  readonly timeout?: Duration;

  /**
   * Attempts before a request is given up as failed, 1 to 100. Async only.
   *
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * Waits between attempts. Async only.
   *
   * @default - from 1 second up to 5 minutes
   */
  readonly backoff?: RetryBackoff;

  /**
   * Maximum number of concurrent attempts over all tenants, 1 to 1000. With 1, no two attempts overlap. Async only.
   *
   * @default 50
   */
  readonly maxConcurrency?: number;

  /**
   * Whether the action refuses new requests with `UNKNOWN_ACTION`. Requests that were accepted before continue. To remove an action without losing waiting
   * requests, deploy with `retired`, and remove the handler once its queues are empty. Async only.
   *
   * @default false
   */
  readonly retired?: boolean;
}

/** Options of `StreamerHandler.fromDirectory`. */
export interface HandlerDirectoryOptions {
  /**
   * Mode of the handlers whose file name does not state it. `echo.sync.ts` is a sync handler of the action `echo`, `report.async.ts` an async handler of the
   * action `report`.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * Base folder of a relative path.
   *
   * @default - that of the nearest package.json above the working directory
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
