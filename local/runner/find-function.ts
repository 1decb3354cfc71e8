import type { RunningFunction } from './types';

/**
 * The physical name of a function, from its physical name, address, construct path (or how that ends) or logical id.
 *
 * @throws Error when there is no such function, or more than one
 */
export function findFunction(functions: readonly RunningFunction[], name: string): string {
  const found = functions.filter(
    ({ functionName, address, path }) =>
      functionName === name ||
      address === name ||
      path === name ||
      address.endsWith(`/${name}`) ||
      path.endsWith(`/${name}`),
  );
  const [only] = found;
  if (only && found.length === 1) return only.functionName;
  const names = (found.length === 0 ? functions : found).map(({ path }) => path).join(', ');
  throw new Error(`${found.length === 0 ? 'no function is' : 'more than one function is'} called ${name}: ${names}`);
}
