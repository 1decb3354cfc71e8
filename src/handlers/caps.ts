import { BOUNDS, type CapConfig } from '../contract';
import { reject } from '../validation/errors';
import { isAbsent, refuseToken, validateKnownInteger, validatePattern } from '../validation/rules';

/** The scopes from the narrowest to the widest. A request waits in the line of the first cap that has no free slot. */
const ORDER: readonly CapConfig['scope'][] = ['input', 'user', 'tenant', 'action'];

const CONSTANT = 'Use a constant: the name becomes part of the code that runs the action';

/** Checks the parameters of a cap. */
export function concurrencyCap(scope: CapConfig['scope'], max: number, property?: string): CapConfig {
  validateKnownInteger('max', max, 1, BOUNDS.slots);
  if (isAbsent(max)) reject('max', 'be a number', max);
  if (scope !== 'input') return { scope, max };
  refuseToken('property', property, CONSTANT);
  const form = 'be the name of a property of the input, of at most 64 characters';
  validatePattern('property', property, /^.{1,64}$/su, form);
  return { scope, max, property: property ?? reject('property', form, property) };
}

/** Returns the caps of an action: the caps of its option `concurrency`, and the cap of an action that runs one attempt at a time. */
export function capsOf(concurrency: readonly Partial<HasCap>[] | undefined, isSerial: boolean): CapConfig[] {
  if (!isAbsent(concurrency) && !Array.isArray(concurrency)) {
    reject('concurrency', 'be an array', concurrency, 'For example `[Concurrency.perTenant(3)]`');
  }
  // `Array.from` finds the holes of an array, which `map` skips.
  const caps = Array.from(
    concurrency ?? [],
    (each) => each?._cap ?? reject('concurrency', 'contain only values of Concurrency', each, USE),
  );
  refuseTwice(caps);
  if (isSerial) caps.push({ scope: 'action', max: 1 });
  return caps.sort((a, b) => ORDER.indexOf(a.scope) - ORDER.indexOf(b.scope));
}

/** The part of a `Concurrency` that this module reads. The object may come from another copy of this package. */
interface HasCap {
  readonly _cap: CapConfig;
}

const USE = 'Use `Concurrency.perTenant(3)`, for example';

function refuseTwice(caps: readonly CapConfig[]): void {
  const names = caps.map(({ scope, property }) => `${scope} ${property}`);
  const twice = caps.find((_, i) => names.indexOf(names[i]) < i);
  if (twice) reject('concurrency', 'have at most one maximum of each kind', `two of ${twice.scope}`);
}
