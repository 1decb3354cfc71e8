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
  if (isInstance(value)) return `an object of class ${className(value)}`;
  if (Array.isArray(value) && value.some(isInstance)) return shorten(showList(value));
  return shorten(json(value) ?? String(value));
}

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** Of one class: how many. Of several kinds: each, as one of them may be the wrong one. */
function showList(list: readonly unknown[]): string {
  const classes = new Set(list.map((each) => isInstance(each) && className(each)));
  const [only] = classes;
  if (classes.size === 1) return `a list of ${list.length} ${only}`;
  return `a list of ${list.length}: ${list.map((each) => (Array.isArray(each) ? 'a list' : show(each))).join(', ')}`;
}

const isInstance = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlain(value);

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Where jsii writes down what a class is called: names inside the bundled library have numbers, `SecurityGroup2`. */
const JSII = Symbol.for('jsii.rtti');

/** The name that users know a class by: what they imported is of `Import`, a class inside the library. */
function className(value: object): string {
  for (let at = Object.getPrototypeOf(value); at; at = Object.getPrototypeOf(at)) {
    const { name = '', [JSII]: written } = at.constructor as { name?: string; [JSII]?: { fqn: string } };
    const known = written?.fqn.split('.').at(-1);
    if (known === name.replace(/\d+$/, '')) return known;
    if (name !== '' && !/^(Mutable)?Import/.test(name)) return name.replace(/Base$/, '');
  }
  return 'Object';
}

/** Constructs hold their parents, which no JSON can say. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    if (Array.isArray(value)) return `a list of ${value.length}`;
    return `an object with ${Object.keys(value as object).join(', ')}`;
  }
}
