/**
 * Converts any value to a string, and never throws. Objects become JSON. `String(value)` is not safe, because it calls
 * `toString`, which may be a field of a parsed value.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? UNKNOWN) : String(value);
  } catch {
    // the value is circular or too deep, or its toJSON or toString throws
    return UNKNOWN;
  }
}

const UNKNOWN = '[a value that cannot be shown]';
