import { isInert } from './inert';
import { isIgnored, SUPPORTED, unsupportedProperties } from './support';
import type { Resource, StackSource } from './types';
import type { UnknownValue } from './universe';

/** One line for each type that is not run, and for each property of a running resource that is not emulated. */
export function describeUnsupported(resources: readonly Resource[]): string[] {
  return [...unsupportedTypes(resources), ...resources.flatMap(unsupportedOf), ...resources.flatMap(dynamicReferences)];
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

/** `{{resolve:service:…}}` is replaced by CloudFormation from services that are not here. */
function dynamicReferences(resource: Resource): string[] {
  return SUPPORTED.has(resource.type)
    ? pathsOf(resource.properties(), (text) => text.includes('{{resolve:')).map(
        (path) => `${resource.address}.${path} holds a dynamic reference, which is not resolved locally`,
      )
    : [];
}

/** Paths of the strings in a value for which a condition holds. */
function pathsOf(value: unknown, holds: (text: string) => boolean, path: readonly string[] = []): string[] {
  if (typeof value === 'string') return holds(value) ? [path.join('.')] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => pathsOf(item, holds, [...path, key]));
}

/** One line for each stack whose template is to be rewritten before it is read. */
export function describeMacros(stacks: readonly StackSource[]): string[] {
  return stacks.flatMap(({ name, template }) => {
    const macros = [template.Transform ?? []]
      .flat()
      .map(String)
      .filter((macro) => !BUILT_IN.has(macro));
    return macros.length === 0 ? [] : [`${name}: macros are not applied locally: ${macros.join(', ')}`];
  });
}

/** Its functions are understood without it. */
const BUILT_IN = new Set(['AWS::LanguageExtensions']);

/** One line for each value of a running resource that stands in for one that only AWS knows. */
export function describeUnknown(unknowns: readonly UnknownValue[], resources: readonly Resource[]): string[] {
  const run = new Map(resources.filter(({ type }) => SUPPORTED.has(type)).map(({ address, type }) => [address, type]));
  return unknowns.flatMap(({ stackName, path, what }) => {
    const [, logicalId, , ...property] = path.split('.');
    const names = property.filter((segment) => segment !== 'Ref' && !segment.startsWith('Fn::'));
    const name = names.join('.');
    const type = run.get(`${stackName}/${logicalId}`);
    return type !== undefined && !isIgnored(type, names)
      ? [`${stackName}/${logicalId}.${name} uses ${what}, which is not known locally`]
      : [];
  });
}
