import type { RetryIf } from '../../handler';
import type { HandlerRequest } from '../../handler/context';
import { isShowable, StreamerError } from '../../protocol';
import { handlerError, hiddenText, loggableError } from '../handlers/thrown';
import type { Log } from '../ports';

/** Failure of an attempt. */
export interface Failure {
  /** The error that the client may see. If it is `retryable`, another attempt may follow. */
  readonly error: StreamerError;
  /** Whether the error is an answer that was written for the client. If the request fails with such an error, no operator has to repair anything. */
  readonly isAnswer: boolean;
  /** Description of the error for operators, if the client does not receive all of it. */
  readonly cause?: string;
}

/** The handler's rule for retries. It waits until the handler's module is loaded. */
export type AskRetry = (...asked: Parameters<RetryIf>) => Promise<boolean | undefined>;

/** Converts an error of a handler, or of the runtime around it, to the failure of the attempt. */
export async function failureOf(
  log: Log,
  thrown: unknown,
  request: HandlerRequest,
  retryIf: AskRetry | undefined,
): Promise<Failure> {
  const asked = thrown instanceof StreamerError ? undefined : await ask(log, thrown, request, retryIf);
  const error = handlerError(log, thrown, asked ?? true);
  return { error: asAnswered(error, asked), isAnswer: isAnswer(thrown), cause: hiddenText(thrown) };
}

/** Whether the error was written for the client, by the handler or by the schema of its input. */
const isAnswer = (thrown: unknown): boolean =>
  isShowable(thrown) && (!(thrown instanceof StreamerError) || thrown.code === 'INVALID_INPUT');

/** Calls the handler's rule for retries. Never rejects, because a rule that fails must not change the outcome of the attempt. */
async function ask(log: Log, thrown: unknown, request: HandlerRequest, retryIf: AskRetry | undefined) {
  try {
    const asked: unknown = await retryIf?.(thrown, request);
    if (asked === undefined || typeof asked === 'boolean') return asked;
    log.warn('`retryIf` must return true, false or undefined; the default applies', { returned: typeof asked });
  } catch (error) {
    log.warn('`retryIf` failed; the default applies', { error: loggableError(error) });
  }
  return undefined;
}

/** Codes that show in a log that the request was cancelled. A handler's error may have any other code. */
const OF_CANCELLATIONS: ReadonlySet<string> = new Set(['CANCELLED', 'SUPERSEDED']);

/** Replaces a handler's code that would wrongly show that the request was cancelled. */
function asAnswered(error: StreamerError, retryable = error.retryable): StreamerError {
  const code = OF_CANCELLATIONS.has(error.code) ? 'HANDLER_ERROR' : error.code;
  if (code === error.code && retryable === error.retryable) return error;
  const { message, details, retryAfter, cause } = error;
  return new StreamerError(code, message, { details, retryable, retryAfter, cause });
}
