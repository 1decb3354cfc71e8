import type { Json, WireError } from './messages';
import { inOptionNames } from './option-names';
import { isRetryable } from './protocol';

/** A code that the protocol defines. `protocol/PROTOCOL.md` explains each code. */
export type ProtocolErrorCode =
  | 'INVALID_JSON'
  | 'INVALID_MESSAGE'
  | 'UNKNOWN_TYPE'
  | 'UNSUPPORTED_VERSION'
  | 'UNSUPPORTED_TYPE'
  | 'TOO_DEEP'
  | 'FORBIDDEN_KEY'
  | 'MESSAGE_TOO_LARGE'
  | 'UNKNOWN_ACTION'
  | 'UNKNOWN_PRIORITY'
  | 'INVALID_INPUT'
  | 'PAYLOAD_TOO_LARGE'
  | 'UPLOAD_NOT_FOUND'
  | 'DUPLICATE_REQUEST'
  | 'REQUEST_ENDED'
  | 'TOO_MANY_INPUTS'
  | 'OUTCOME_UNKNOWN'
  | 'NOT_FOUND'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'TOKEN_EXPIRED'
  | 'RATE_LIMITED'
  | 'TIMEOUT'
  | 'HANDLER_ERROR'
  | 'HANDLER_NOT_LOADED'
  | 'HANDLER_TIMEOUT'
  | 'INVALID_EVENT'
  | 'INVALID_CONTINUE'
  | 'ATTEMPT_LOST'
  | 'NOT_STARTED'
  | 'CANCELLED'
  | 'SUPERSEDED'
  | 'DEADLINE_EXCEEDED'
  | 'RESULT_TOO_LARGE'
  | 'RESULT_NOT_JSON'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'CONNECTION_CLOSED'
  | 'CONNECT_FAILED'
  | 'TRANSFER_FAILED'
  | 'ABORTED'
  | 'CLIENT_CLOSED';

/** A code that the protocol defines, or a handler's own code. */
export type ErrorCode = ProtocolErrorCode | (string & {});

/** Optional fields of a `StreamerError`. */
export interface StreamerErrorOptions {
  readonly cause?: unknown;
  readonly details?: Json;
  /** Whether a retry may succeed. Default: the value that the protocol defines for the code; `false` for any other code. */
  readonly retryable?: boolean;
  /** Seconds to wait before a retry. */
  readonly retryAfter?: number;
  /** The value that the handler returned although its run was stopped. */
  readonly partial?: Json;
}

/** Class of all errors of this client. Branch on `code`, never on the message. An error never contains a token. */
export class StreamerError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly details: Json | undefined;
  /** Seconds to wait before a retry, if the server sent them. */
  readonly retryAfter: number | undefined;
  /** The value that the handler returned although its request was cancelled; `undefined` if it returned none. */
  readonly partial: Json | undefined;

  constructor(code: ErrorCode, message: string, options: StreamerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StreamerError';
    this.code = code;
    this.retryable = options.retryable ?? isRetryable(code);
    this.details = options.details;
    this.retryAfter = options.retryAfter;
    this.partial = options.partial;
  }
}

/** @param partial the handler's value that came with the error */
export function fromWire(error: WireError, partial?: Json): StreamerError {
  const { code, message, details, retryable, retryAfter } = inOptionNames(error);
  // `JSON.parse` reads 1e999 as Infinity, which must not be used as a time.
  const seconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  return new StreamerError(code, message, { details, retryable, retryAfter: seconds, partial });
}

/** Whether a thrown value is a `StreamerError` that is not retryable. An error that another copy of this module created counts, too. */
export function isFinal(thrown: unknown): thrown is StreamerError {
  return (
    thrown instanceof Error && thrown.name === 'StreamerError' && (thrown as Partial<StreamerError>).retryable === false
  );
}
