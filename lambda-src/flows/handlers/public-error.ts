import { redact } from '../../core';
import { isShowable, StreamerError, toStreamerError } from '../../protocol';
import type { Log } from '../ports';
import { errorText, loggableError } from './thrown';

/** Whether a failure has parts that the client does not receive. */
export const isHidden = (thrown: unknown): boolean => !isShowable(thrown) || causeOf(thrown) !== undefined;

/** Description of the part of a failure that the client does not receive, without secrets; undefined if it receives everything. */
export function hiddenText(thrown: unknown): string | undefined {
  if (!isShowable(thrown)) return redact(errorText(thrown));
  const cause = causeOf(thrown);
  return cause === undefined ? undefined : redact(errorText(cause));
}

/** Returns the error that the client may see. The failure is logged if the client does not receive all of it: if it is internal, or has a cause. */
export function publicError(log: Log, message: string, thrown: unknown): StreamerError {
  if (isHidden(thrown)) log.error(message, { error: loggableError(thrown) });
  return toStreamerError(thrown);
}

/** Returns the error that the client may see after a handler failed. Errors that the handler did not intend for the client appear only in the log. */
export function handlerError(log: Log, thrown: unknown, retryable?: boolean): StreamerError {
  const error = publicError(log, 'the handler failed', thrown);
  if (isShowable(thrown)) return error;
  return new StreamerError('HANDLER_ERROR', 'The handler failed.', { cause: thrown, retryable });
}

/** Reads the cause of a handler's error. The cause may be a getter that throws. */
function causeOf(thrown: unknown): unknown {
  try {
    return (thrown as Error).cause;
  } catch (error) {
    return error;
  }
}
