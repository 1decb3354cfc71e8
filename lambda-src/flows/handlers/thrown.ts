import { inspect, types } from 'node:util';
import { attempt } from '../../core/loggable';

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
