import { inspect, types } from 'node:util';

/** Maximum depth of objects in a log line. */
const MAX_DEPTH = 8;

/** Maximum length of the text of a thrown value that is not an Error. */
const MAX_THROWN_CHARS = 2_000;

/** Merges the fields of one line; the second argument takes precedence. It never throws, even if a getter of the user throws. */
export function mergeFields(first: object, second: object | undefined): Record<string, unknown> {
  try {
    return { ...first, ...second };
  } catch {
    return { ...first, ...(loggable(second) as object) };
  }
}

/**
 * Copies a value so that it can be written as JSON: the copy has no cycles, no code of the user, and no properties that throw when they are read. It is for
 * values that a logger could not write directly.
 */
export function loggable(value: unknown, ancestors: readonly object[] = []): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) return '[circular]';
  if (ancestors.length >= MAX_DEPTH) return '[too deep]';
  const inside = [...ancestors, value];
  return attempt(() => (Array.isArray(value) ? value.map((each) => loggable(each, inside)) : fieldsOf(value, inside)));
}

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

/** A message as a string. */
export const loggableText = (message: unknown): string =>
  typeof message === 'string' ? message : String(attempt(() => String(message)));

function fieldsOf(value: object, inside: readonly object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const names = [...(value instanceof Error ? ['name', 'message', 'stack', 'cause'] : []), ...Object.keys(value)];
  const fields = names.map((name) => [name, attempt(() => loggable((value as Record<string, unknown>)[name], inside))]);
  return Object.fromEntries(fields);
}

/** A property that throws is replaced by its error. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return `[cannot be read: ${describe(error)}]`;
  }
}

function describe(error: unknown): string {
  try {
    return String((error as Error).message);
  } catch {
    return 'unknown';
  }
}
