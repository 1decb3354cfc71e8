/** Maximum depth of objects in a log line. */
const MAX_DEPTH = 8;

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
export function attempt(read: () => unknown): unknown {
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
