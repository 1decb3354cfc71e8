/** Error about a property, path or module that the construct cannot use. Its message names the property, the rule and the given value. */
export class StreamerValidationError extends Error {
  public override readonly name = 'StreamerValidationError';
}

/**
 * Throws an error with the common form of validation messages.
 *
 * @param remedy a sentence with the remedy, if `must` does not already imply it
 */
export function reject(prop: string, must: string, got: unknown, remedy?: string): never {
  throw new StreamerValidationError(refusal(prop, must, got, remedy));
}

/** Returns the message of `reject` without throwing it, for problems that are found only at the end of synthesis. */
export function refusal(prop: string, must: string, got: unknown, remedy?: string): string {
  return `\`${prop}\` must ${must}, got: ${show(got)}${remedy ? `. ${remedy}` : ''}`;
}

const MAX_SHOWN = 200;

function show(value: unknown): string {
  if (typeof value === 'string') return shorten(`'${value}'`);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return functionText(value.name, String(value));
  if (isInstance(value)) return `an object of class ${className(value)}`;
  if (Array.isArray(value) && value.some(isInstance)) return shorten(listText(value));
  return shorten(json(value) ?? String(value));
}

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/**
 * Describes an array. If all elements have one class, it returns the length and the class. Otherwise it describes each element, because any of them
 * may be the wrong one.
 */
function listText(list: readonly unknown[]): string {
  const classes = new Set(list.map((each) => isInstance(each) && className(each)));
  const [only] = classes;
  if (classes.size === 1) return `an array of ${list.length} ${only}`;
  return `an array of ${list.length}: ${list.map((each) => (Array.isArray(each) ? 'an array' : show(each))).join(', ')}`;
}

const isInstance = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isPlain(value);

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Describes a function that was passed instead of its result, or a class that was passed instead of an instance. */
function functionText(name: string, source: string): string {
  if (source.startsWith('class')) return `class ${name}`;
  return name === '' ? 'a function' : `a function (${name})`;
}

/**
 * Key of jsii's information about a class, which contains the public name. The bundled library's own class names may have numbers, such as
 * `SecurityGroup2`.
 */
const JSII = Symbol.for('jsii.rtti');

/** Returns the name under which users know a class. Inside the library, the class of an imported resource is named `Import`. */
function className(value: object): string {
  for (let at = Object.getPrototypeOf(value); at; at = Object.getPrototypeOf(at)) {
    const { name = '', [JSII]: written } = at.constructor as { name?: string; [JSII]?: { fqn: string } };
    const known = written?.fqn.split('.').at(-1);
    if (known === name.replace(/\d+$/, '')) return known;
    if (name !== '' && !/^(Mutable)?Import/.test(name)) return name.replace(/Base$/, '');
  }
  return 'Object';
}

/** Returns a value as JSON; undefined for constructs, because they contain references to their parents. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    return `an object with ${Object.keys(value as object).join(', ')}`;
  }
}
