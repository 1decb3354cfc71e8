/** A property, path or module that the construct cannot work with. The message says what it must be and what was given. */
export class StreamerValidationError extends Error {
  public override readonly name = 'StreamerValidationError';
}

/** Throws the one form that validation messages have. */
export function reject(prop: string, must: string, got: unknown): never {
  throw new StreamerValidationError(`\`${prop}\` must ${must}, got: ${show(got)}`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}
