import { isShowable, StreamerError, toStreamerError } from '../../protocol';
import type { Log } from '../ports';
import { loggableError } from './thrown';

/** Whether the client does not receive a failure completely. */
export const isHidden = (thrown: unknown): boolean => !isShowable(thrown) || causeOf(thrown) !== undefined;

/** The error that the client may see of a failure. A failure that the client does not receive completely is logged: an internal error, or one with a cause. */
export function publicError(log: Log, message: string, thrown: unknown): StreamerError {
  if (isHidden(thrown)) log.error(message, { error: loggableError(thrown) });
  return toStreamerError(thrown);
}

/** The error that the client may see of a handler's failure. An error that the handler did not intend for the client stays in the log. */
export function handlerError(log: Log, thrown: unknown, retryable?: boolean): StreamerError {
  const error = publicError(log, 'the handler failed', thrown);
  if (isShowable(thrown)) return error;
  return new StreamerError('HANDLER_ERROR', 'The handler failed.', { cause: thrown, retryable });
}

/** A getter of a handler's error may throw. */
function causeOf(thrown: unknown): unknown {
  try {
    return (thrown as Error).cause;
  } catch (error) {
    return error;
  }
}
