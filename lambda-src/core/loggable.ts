/** Levels of objects that a line shows. */
const MAX_DEPTH = 8;

/** Fields of one line: the second wins. Never throws, whatever a getter of the user's does. */
export function mergeFields(first: object, second: object | undefined): Record<string, unknown> {
  try {
    return { ...first, ...second };
  } catch {
    return { ...first, ...(loggable(second) as object) };
  }
}

/**
 * A copy that can be written as JSON: without cycles, without code of the user's that runs, and without what throws when it is
 * read. It is meant for values that a logger could not write as they are.
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

/** A message as text. */
export const loggableText = (message: unknown): string =>
  typeof message === 'string' ? message : String(attempt(() => String(message)));

function fieldsOf(value: object, inside: readonly object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const names = [...(value instanceof Error ? ['name', 'message', 'stack', 'cause'] : []), ...Object.keys(value)];
  const fields = names.map((name) => [name, attempt(() => loggable((value as Record<string, unknown>)[name], inside))]);
  return Object.fromEntries(fields);
}

/** What throws is replaced by what it threw. */
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
