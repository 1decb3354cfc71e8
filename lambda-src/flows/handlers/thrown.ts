import { inspect, types } from 'node:util';
import { attempt } from '../../core/loggable';

/** Maximum length of the text of a thrown value that is not an Error. */
const MAX_THROWN_CHARS = 2_000;

/**
 * A thrown value as the field `error` of a log line. An Error stays unchanged. JavaScript can throw any other value, too: it becomes an object whose `message` is
 * the value's text, because a logger would omit `undefined`, and a reader of the log expects the text under `error.message`.
 */
export function loggableError(thrown: unknown): unknown {
  return isError(thrown) ? thrown : { message: textOfThrown(thrown) };
}

/** `instanceof` alone does not recognize an Error of another realm. */
function isError(value: unknown): boolean {
  return attempt(() => value instanceof Error || types.isNativeError(value)) === true;
}

/** Runs no code of the user: getters are not called, and `inspect` methods are ignored. */
function textOfThrown(thrown: unknown): string {
  const limits = {
    customInspect: false,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 20,
    maxStringLength: MAX_THROWN_CHARS,
  };
  return String(attempt(() => inspect(thrown, limits))).slice(0, MAX_THROWN_CHARS);
}
