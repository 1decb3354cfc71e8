import { isInert, SUPPORTED, unsupportedProperties } from './support';
import type { Resource } from './types';
import type { UnknownValue } from './universe';

/** One line for each type that is not run, and for each property of a running resource that is not emulated. */
export function describeUnsupported(resources: readonly Resource[]): string[] {
  return [...unsupportedTypes(resources), ...resources.flatMap(unsupportedOf)];
}

function unsupportedTypes(resources: readonly Resource[]): string[] {
  const byType = new Map<string, string[]>();
  for (const { type, address } of resources) {
    if (!SUPPORTED.has(type) && !isInert(type)) {
      byType.set(type, [...(byType.get(type) ?? []), address]);
    }
  }
  return [...byType].map(([type, addresses]) => `${type} is not run locally: ${addresses.join(', ')}`);
}

function unsupportedOf(resource: Resource): string[] {
  return unsupportedProperties(resource.type, resource.properties()).map(
    (property) => `${resource.address}.${property} is not emulated`,
  );
}

/** One line for each value of a running resource that stands in for one that only AWS knows. */
export function describeUnknown(unknowns: readonly UnknownValue[], resources: readonly Resource[]): string[] {
  const run = new Set(resources.filter(({ type }) => SUPPORTED.has(type)).map(({ address }) => address));
  return unknowns.flatMap(({ stackName, path, what }) => {
    const [, logicalId, , ...property] = path.split('.');
    const name = property.filter((segment) => segment !== 'Ref' && !segment.startsWith('Fn::')).join('.');
    return run.has(`${stackName}/${logicalId}`)
      ? [`${stackName}/${logicalId}.${name} uses ${what}, which is not known locally`]
      : [];
  });
}
