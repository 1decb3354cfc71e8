import { inspect, types } from 'node:util';
import { attempt, redact } from '../../core';
import { isShowable, StreamerError, toStreamerError } from '../../protocol';
import type { Log } from '../ports';

/** Maximum characters of the string for a thrown value that is not an Error. */
const MAX_THROWN_CHARS = 2_000;

/**
 * Returns a thrown value as the field `error` of a log line. An Error stays unchanged. Any other value becomes an object whose `message` describes
 * the value. The object is needed, because a logger would omit `undefined`, and because readers of the log expect `error.message`.
 */
export function loggableError(thrown: unknown): unknown {
  return isError(thrown) ? thrown : { message: textOfThrown(thrown) };
}

/** Whether the value is an Error. `instanceof` alone does not recognize an Error of another realm. */
function isError(value: unknown): boolean {
  return attempt(() => value instanceof Error || types.isNativeError(value)) === true;
}

/** Converts a thrown value to a string without running code of the user: getters are not called, and `inspect` methods are ignored. */
function textOfThrown(thrown: unknown): string {
  const limits = {
    customInspect: false,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 20,
    maxStringLength: MAX_THROWN_CHARS,
  };
  return String(attempt(() => inspect(thrown, limits))).slice(0, MAX_THROWN_CHARS);
}

/** Number of causes that a description follows. */
const MAX_CAUSES = 3;

/** Description of a thrown value in one line: its name and message, and the names and messages of its causes. Never throws, whatever the value is. */
export const errorText = (thrown: unknown): string =>
  withCauses(thrown).map(lineOf).join(', caused by ').slice(0, MAX_THROWN_CHARS);

function withCauses(thrown: unknown, causes = 0): unknown[] {
  const cause = isError(thrown) && causes < MAX_CAUSES ? attempt(() => (thrown as Error).cause) : undefined;
  return cause === undefined ? [thrown] : [thrown, ...withCauses(cause, causes + 1)];
}

const lineOf = (thrown: unknown): string => (isError(thrown) ? nameAndMessage(thrown as Error) : textOfThrown(thrown));

const nameAndMessage = (error: Error): string =>
  `${String(attempt(() => error.name))}: ${String(attempt(() => error.message))}`;

/** Whether a failure has parts that the client does not receive. */
export const isHidden = (thrown: unknown): boolean => !isShowable(thrown) || causeOf(thrown) !== undefined;

/** Description of the part of a failure that the client does not receive, without secrets; undefined if the client receives everything. */
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
