/** Optional fields of a `HandlerError`. */
export interface HandlerErrorOptions {
  /** The cause. It is written to the log and never sent. */
  readonly cause?: unknown;
  /** Details that the client may see. They must be JSON. */
  readonly details?: unknown;
  /**
   * Whether another attempt may succeed.
   * @default false
   */
  readonly retryable?: boolean;
  /** Seconds to wait before the next attempt, or before the client sends the request again: 0 to 86,400. Any other value is ignored. */
  readonly retryAfter?: number;
}

const MARK: unique symbol = Symbol.for('cdk-streamer.error');

/**
 * An error that the client may see.
 *
 * If a handler throws any other error, the client receives `HANDLER_ERROR` with a neutral message, and the request is retried.
 */
export class HandlerError extends Error {
  /** Mark that identifies the class, even if one bundle contains two copies of this module. */
  public readonly [MARK] = true;
  public readonly details: unknown;
  public readonly retryable: boolean;
  public readonly retryAfter: number | undefined;

  /** @param code code in upper case, such as `DATASET_MISSING` */
  public constructor(
    public readonly code: string,
    message: string,
    options: HandlerErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'HandlerError';
    this.details = options.details;
    this.retryable = options.retryable ?? false;
    this.retryAfter = options.retryAfter;
  }
}

/** Optional fields of a `FatalError`. */
export type FatalErrorOptions = Pick<HandlerErrorOptions, 'cause' | 'details'>;

/**
 * An error that would occur again in each further attempt, because for example an order does not exist. The request fails at once with this error as
 * its answer, and leaves no dead letter.
 */
export class FatalError extends HandlerError {
  /** @param code code in upper case, such as `DATASET_MISSING` */
  public constructor(code: string, message: string, options: FatalErrorOptions = {}) {
    super(code, message, { ...options, retryable: false });
    this.name = 'FatalError';
  }
}

/** Optional fields of a `RetryableError`. */
export type RetryableErrorOptions = Pick<HandlerErrorOptions, 'cause' | 'details' | 'retryAfter'>;

/**
 * A temporary error, after which another attempt may succeed. For example, a service is overloaded. With `retryAfter`, the next attempt waits at
 * least that time. If the attempts are used up, the request fails with this error and leaves a dead letter.
 */
export class RetryableError extends HandlerError {
  /** @param code code in upper case, such as `RATES_UNAVAILABLE` */
  public constructor(code: string, message: string, options: RetryableErrorOptions = {}) {
    super(code, message, { ...options, retryable: true });
    this.name = 'RetryableError';
  }
}
