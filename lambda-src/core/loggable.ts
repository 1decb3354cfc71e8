/** Maximum depth of objects in a log line. */
const MAX_DEPTH = 8;

/** Merges the fields of two objects; those of the second one take precedence. Never throws, even if a getter of the user's object throws. */
export function mergeFields(first: object, second: object | undefined): Record<string, unknown> {
  try {
    return { ...first, ...second };
  } catch {
    return { ...first, ...(loggable(second) as object) };
  }
}

/**
 * Copies a value so that it can be written as JSON. The copy has no cycles, no code of the user, and no properties that throw when they are read. It
 * is used for values that the logger cannot write directly.
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

/** Converts a message to a string. */
export const loggableText = (message: unknown): string =>
  typeof message === 'string' ? message : String(attempt(() => String(message)));

function fieldsOf(value: object, inside: readonly object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const names = [...(value instanceof Error ? ['name', 'message', 'stack', 'cause'] : []), ...Object.keys(value)];
  const fields = names.map((name) => [name, attempt(() => loggable((value as Record<string, unknown>)[name], inside))]);
  return Object.fromEntries(fields);
}

/** Reads a property. If reading it throws, returns a description of the error instead. */
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
