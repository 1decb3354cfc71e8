/** What a `HandlerError` says beside code and message. */
export interface HandlerErrorOptions {
  /** For the log; never sent. */
  readonly cause?: unknown;
  /** JSON that the client may see. */
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
 * A failure that the client is meant to see.
 *
 * Anything else that a handler throws reaches the client as `HANDLER_ERROR` with a neutral text, and is tried again.
 */
export class HandlerError extends Error {
  /** Recognized by this mark, so that two copies of this module in one bundle agree. */
  public readonly [MARK] = true;
  public readonly details: unknown;
  public readonly retryable: boolean;
  public readonly retryAfter: number | undefined;

  /** @param code upper case, such as `DATASET_MISSING` */
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
