/** A property, path or module that the construct cannot work with. The message says what it must be and what was given. */
export class StreamerValidationError extends Error {
  public override readonly name = 'StreamerValidationError';
}

/**
 * Throws the one form that validation messages have.
 *
 * @param mend how to put it right, a sentence, where that is not plain from `must`
 */
export function reject(prop: string, must: string, got: unknown, mend?: string): never {
  throw new StreamerValidationError(refusal(prop, must, got, mend));
}

/** The text of `reject`, for what is found only at the end of synthesis. */
export function refusal(prop: string, must: string, got: unknown, mend?: string): string {
  return `\`${prop}\` must ${must}, got: ${show(got)}${mend ? `. ${mend}` : ''}`;
}

const MAX_SHOWN = 200;

function show(value: unknown): string {
  if (typeof value === 'string') return shorten(`'${value}'`);
  if (typeof value === 'object' && value !== null && !isPlain(value)) return `an object of class ${className(value)}`;
  return shorten(json(value) ?? String(value));
}

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

const isPlain = (value: object): boolean =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));

const className = (value: object): string => value.constructor?.name ?? 'Object';

/** Constructs hold their parents, which no JSON can say. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return `an object with ${Object.keys(value as object).join(', ')}`;
  }
}
