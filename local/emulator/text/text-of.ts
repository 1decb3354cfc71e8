/**
 * Returns any value as a string, and never throws. Objects are written as JSON: `String(value)` calls a `toString` that a
 * value parsed from JSON may have as a field.
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? UNKNOWN) : String(value);
  } catch {
    // nested too deeply, circular, or a toJSON or toString that throws
    return UNKNOWN;
  }
}

const UNKNOWN = '[a value that cannot be shown]';
