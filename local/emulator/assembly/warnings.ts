import { isInert } from './inert';
import { isIgnored, SUPPORTED, unsupportedProperties } from './support';
import type { Resource, StackSource } from './types';
import type { UnknownValue } from './universe';

/**
 * Returns one line for each resource type that is not run, and for each property of a running resource that is not
 * emulated.
 */
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

/**
 * Returns the paths of dynamic references. CloudFormation replaces `{{resolve:service:…}}` with values of services that
 * do not exist here.
 */
function dynamicReferences(resource: Resource): string[] {
  return SUPPORTED.has(resource.type)
    ? pathsOf(resource.properties(), (text) => text.includes('{{resolve:')).map(
        (path) => `${resource.address}.${path} contains a dynamic reference, which is not resolved locally`,
      )
    : [];
}

/** Returns the paths of the strings in a value that meet a condition. */
function pathsOf(value: unknown, holds: (text: string) => boolean, path: readonly string[] = []): string[] {
  if (typeof value === 'string') return holds(value) ? [path.join('.')] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => pathsOf(item, holds, [...path, key]));
}

/** Returns one line for each stack whose template uses macros. On AWS, CloudFormation expands the macros first. */
export function describeMacros(stacks: readonly StackSource[]): string[] {
  return stacks.flatMap(({ name, template }) => {
    const macros = [template.Transform ?? []]
      .flat()
      .map(String)
      .filter((macro) => !BUILT_IN.has(macro));
    return macros.length === 0 ? [] : [`${name}: macros are not applied locally: ${macros.join(', ')}`];
  });
}

/** Macros that the local run does not need, because it supports their functions itself. */
const BUILT_IN = new Set(['AWS::LanguageExtensions']);

/**
 * Returns one line for each property of a running resource that uses an unknown value. Only AWS can provide such a
 * value.
 */
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
