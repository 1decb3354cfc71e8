/** The names that identify a resource. */
export interface Named {
  /** `Stack/LogicalId` of the resource. */
  readonly address: string;
  /** Path of the construct. */
  readonly path: string;
  /** Value of `Ref` for the resource. */
  readonly physicalName: string;
}

/**
 * Finds a resource by its physical name, logical id, address or construct path. The end of an address or a path is
 * enough.
 *
 * @param kind kind of the resource, for the error message
 * @throws Error if there is no such resource, or more than one
 */
export function findByName<T extends Named>(all: readonly T[], name: string, kind: string): T {
  const found = all.filter(({ physicalName, address, path }) => {
    const names = [physicalName, address, path];
    return names.includes(name) || names.some((candidate) => candidate.endsWith(`/${name}`));
  });
  const [only] = found;
  if (only && found.length === 1) return only;
  const paths = (found.length === 0 ? all : found).map(({ path }) => path).join(', ');
  throw new Error(`${found.length === 0 ? `no ${kind} is` : `more than one ${kind} is`} named ${name}: ${paths}`);
}
