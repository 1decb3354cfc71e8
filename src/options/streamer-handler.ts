import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AsyncDefinition, SyncDefinition } from '../private/definitions';
import { reject } from '../private/errors';
import { validateDuration, validateEnvironment, validateInteger } from '../private/validation';

/** Options of a handler that answers at once. Sync handlers share the router's function, hence its role and environment. */
export interface SyncHandlerOptions {
  /**
   * Environment variables, added to the router's.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Permissions, added to the router's role.
   *
   * @default - none
   */
  readonly initialPolicy?: PolicyStatement[];
}

/** How long to wait before a failed attempt is repeated: exponential from `initial` up to `max`, with full jitter. */
export interface RetryBackoff {
  /**
   * Upper bound of the first wait; it doubles with each try. 100 ms to 1 hour.
   *
   * @default Duration.seconds(1)
   */
  readonly initial?: Duration;

  /**
   * Upper bound of any wait. At least `initial`, at most 12 hours.
   *
   * @default Duration.minutes(5)
   */
  readonly max?: Duration;
}

/** Options of a handler that runs in the background. Each has a function, role, log group and queues of its own. */
export interface AsyncHandlerOptions {
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
   * Invocations at a time, 2 to 1000 (limits of Lambda's queue mapping). It keeps this handler from using up the account's concurrency.
   *
   * @default 50
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
   * Environment variables of the function.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Permissions of the function's role.
   *
   * @default - none
   */
  readonly initialPolicy?: PolicyStatement[];
}

/** A handler of one action: a module whose default export is made by `defineHandler` of `cdk-streamer/handler`. */
export class StreamerHandler {
  /**
   * A handler that answers within the sync budget, in the router's own function.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static sync(entry: string, options: SyncHandlerOptions = {}): StreamerHandler {
    validateEnvironment('environment', options.environment);
    return new StreamerHandler({ ...options, kind: 'sync', entry });
  }

  /**
   * A handler that is acknowledged at once, runs in a function of its own, and reports progress and its result.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static async(entry: string, options: AsyncHandlerOptions = {}): StreamerHandler {
    validateAsync(options);
    return new StreamerHandler(withDefaults(entry, options));
  }

  /** @internal */
  public readonly _definition: SyncDefinition | AsyncDefinition;

  private constructor(definition: SyncDefinition | AsyncDefinition) {
    this._definition = definition;
  }
}

function withDefaults(entry: string, options: AsyncHandlerOptions): AsyncDefinition {
  return {
    kind: 'async',
    entry,
    schema: options.schema,
    timeout: options.timeout ?? Duration.minutes(5),
    memorySize: options.memorySize ?? 1024,
    maxAttempts: options.maxAttempts ?? 3,
    backoffInitial: options.backoff?.initial ?? Duration.seconds(1),
    backoffMax: options.backoff?.max ?? Duration.minutes(5),
    maxConcurrency: options.maxConcurrency ?? 50,
    progressRate: options.progressRate ?? 10,
    environment: options.environment,
    initialPolicy: options.initialPolicy,
  };
}

function validateAsync(options: AsyncHandlerOptions): void {
  validateDuration('timeout', options.timeout, Duration.seconds(1), Duration.minutes(15));
  validateInteger('memorySize', options.memorySize, 128, 10_240);
  validateInteger('maxAttempts', options.maxAttempts, 1, 100);
  validateInteger('maxConcurrency', options.maxConcurrency, 2, 1000);
  validateInteger('progressRate', options.progressRate, 1, 100);
  validateEnvironment('environment', options.environment);
  validateBackoff(options.backoff ?? {});
}

function validateBackoff({ initial = Duration.seconds(1), max = Duration.minutes(5) }: RetryBackoff): void {
  validateDuration('backoff.initial', initial, Duration.millis(100), Duration.hours(1));
  validateDuration('backoff.max', max, Duration.millis(100), Duration.hours(12));
  if (initial.isUnresolved() || max.isUnresolved()) return;
  if (max.toMilliseconds() < initial.toMilliseconds()) {
    reject('backoff.max', `be at least \`backoff.initial\` (${initial.toHumanString()})`, max.toHumanString());
  }
}
