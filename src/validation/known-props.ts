import { reject } from './errors';
import { closest } from './suggest';

/** Names of all properties of a type. TypeScript refuses an object that lacks one of them, or that has another one. */
export type PropNames<T> = { readonly [Name in keyof Required<T>]: true };

/** Whether a value is a plain object of properties, and not, for example, a construct that also has them. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * Refuses properties that do not exist. Such properties come from JavaScript, or from a variable whose excess properties the compiler does not check.
 *
 * @param names names of the properties that exist
 * @param at the property that holds the object, followed by a dot; empty for arguments
 */
export function refuseUnknownProps(names: PropNames<object>, at: string, props: unknown): void {
  if (!isPlain(props)) return;
  const known = Object.keys(names);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = closest(name, known);
    const mend = meant === undefined ? `It takes ${known.sort().join(', ')}` : `Did you mean \`${at}${meant}\`?`;
    reject(`${at}${name}`, 'be a property that exists', value, mend);
  }
}
