import { type AnyErrorCode, CONSTANTS } from './constants';
import type { Json, RefusalFrame, WireError } from './messages';
import { exceedsBytes, findStructureFault } from './structure';

const { errors, limits, patterns } = CONSTANTS;

/** Marks errors that the client may see, including those of another copy of this module in the same bundle. */
export const STREAMER_ERROR = Symbol.for('cdk-streamer.error');

const RETRYABLE: ReadonlySet<string> = new Set(
  Object.entries(errors).flatMap(([code, { retryable }]) => (retryable ? [code] : [])),
);
const CODE = new RegExp(patterns.errorCode);
const INTERNAL_MESSAGE = 'The server failed. Try again; if it keeps failing, contact its operator.';

export interface StreamerErrorOptions {
  /** The cause. It is written to the log and never sent. */
  readonly cause?: unknown;
  /** Details that the client may see, as JSON. */
  readonly details?: Json;
  /** Whether a retry may succeed. Default: the value in `constants.json`; `false` for a code that is not in that file. */
  readonly retryable?: boolean;
  /** Seconds to wait before the next attempt, 0 to `MAX_RETRY_AFTER_SECONDS`. Any other value is ignored. */
  readonly retryAfter?: number;
}

/** Maximum seconds to wait before a retry: one day. If an outage lasts longer, retries do not help. */
export const MAX_RETRY_AFTER_SECONDS = 86_400;

/** An error with a code. The client may see everything in it except the cause. */
export class StreamerError extends Error {
  readonly [STREAMER_ERROR] = true;
  readonly code: AnyErrorCode;
  readonly retryable: boolean;
  readonly details?: Json;
  readonly retryAfter?: number;

  constructor(code: AnyErrorCode, message: string, options: StreamerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StreamerError';
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.details = options.details;
    this.retryAfter = isSeconds(options.retryAfter) ? options.retryAfter : undefined;
  }

  /** Returns the error as the client receives it. The result is always a valid `WireError`, whatever a handler has put into this error. */
  toWire(): WireError {
    const details = sendable(this.details);
    return {
      code: CODE.test(this.code) ? this.code : 'HANDLER_ERROR',
      message: clip(this.message, limits.errorMessageChars),
      retryable: this.retryable === true,
      ...(details === undefined ? {} : { details }),
      ...(isSeconds(this.retryAfter) ? { retryAfter: this.retryAfter } : {}),
    };
  }
}

/**
 * Converts any thrown value. It is called at each boundary between user code or AWS and the protocol.
 *
 * @returns the value itself if it is a `StreamerError`; otherwise an error `INTERNAL` with a neutral message, whose cause is the value
 */
export function toStreamerError(thrown: unknown): StreamerError {
  return shownError(thrown) ?? new StreamerError('INTERNAL', INTERNAL_MESSAGE, { cause: thrown });
}

/** Returns the error that the client may see; undefined if its properties throw when they are read. */
function shownError(thrown: unknown): StreamerError | undefined {
  try {
    if (thrown instanceof StreamerError) return thrown;
    if (!isBranded(thrown)) return undefined;
    return new StreamerError(String(thrown.code), String(thrown.message), { ...optionsOf(thrown), cause: thrown });
  } catch {
    return undefined;
  }
}

/** Whether the thrown error is meant for the client. The error's code does not decide this, because a handler may choose any code. */
export const isShowable = (thrown: unknown): boolean => shownError(thrown) !== undefined;

/** The frame that refuses a message. */
export function refusalFrame(
  error: WireError,
  refused: { readonly id?: string; readonly topic?: string; readonly for?: string } = {},
): RefusalFrame {
  return {
    type: 'error',
    ...(refused.id === undefined ? {} : { id: refused.id }),
    ...(refused.topic === undefined ? {} : { topic: refused.topic }),
    ...(refused.for === undefined ? {} : { for: refused.for }),
    error,
  };
}

type Branded = Error & { code?: unknown } & StreamerErrorOptions;

function isBranded(thrown: unknown): thrown is Branded {
  return typeof thrown === 'object' && thrown !== null && (thrown as Record<symbol, unknown>)[STREAMER_ERROR] === true;
}

function optionsOf({ details, retryable, retryAfter }: Branded): StreamerErrorOptions {
  return { details, retryable, retryAfter };
}

/** Returns the details if a frame can contain them, otherwise undefined. The details come from handlers, and reading them may throw. */
function sendable(details: Json | undefined): Json | undefined {
  if (details === undefined) return undefined;
  const values = limits.errorDetailsBytes;
  try {
    // The limit is half of the maximum depth, so that any frame can contain the details.
    if (findStructureFault({ details }, { depth: limits.serverDepth / 2, values })) return undefined;
    return exceedsBytes(JSON.stringify(details), limits.errorDetailsBytes) ? undefined : details;
  } catch {
    return undefined;
  }
}

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_RETRY_AFTER_SECONDS;

function clip(text: string, max: number): string {
  return text.slice(0, max).replace(/\p{Surrogate}/gu, (_, index: number) => (index === max - 1 ? '' : '\uFFFD'));
}
