import { AssemblyError } from './errors';

/**
 * Sorts keys so that each key comes after the keys on which it depends. Otherwise the keys keep their order.
 *
 * @param dependencies returns the keys on which a key depends; unknown keys are ignored
 * @throws AssemblyError if keys depend on each other in a circle
 */
export function dependencyOrder(keys: readonly string[], dependencies: (key: string) => Iterable<string>): string[] {
  const known = new Set(keys);
  const done = new Set<string>();
  const visit = (key: string, trail: readonly string[]): void => {
    if (done.has(key) || !known.has(key)) return;
    if (trail.includes(key)) {
      throw new AssemblyError(`circular dependency: ${[...trail.slice(trail.indexOf(key)), key].join(' → ')}`);
    }
    for (const next of dependencies(key)) visit(next, [...trail, key]);
    done.add(key);
  };
  for (const key of keys) visit(key, []);
  return [...done];
}
