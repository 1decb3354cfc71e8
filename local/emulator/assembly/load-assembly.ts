import type { Naming } from './attributes';
import { evaluate } from './intrinsics';
import { readStacks } from './manifest';
import { dependencyOrder } from './order';
import type { StackScope } from './stack-scope';
import type { Resource } from './types';
import { Universe, type UnknownValue } from './universe';
import { describeMacros, describeUnknown, describeUnsupported } from './warnings';

/** A synthesized application with resolved values. */
export interface Assembly {
  readonly stacks: readonly { readonly name: string; readonly accountId: string; readonly region: string }[];
  /**
   * Resources of all stacks. Resources with a false condition are left out. Each resource comes after the resources on
   * which it depends.
   */
  readonly resources: readonly Resource[];
  /** Warnings, one line for each part of the templates that behaves differently than on AWS. */
  readonly warnings: readonly string[];
  /**
   * Replaces the computed names of a resource by the names that its service uses. Values that are resolved later
   * contain the new names.
   */
  provide(resource: Resource, naming: Partial<Naming>): void;
  /** Returns the outputs by the stack's name. */
  outputs(): Record<string, Record<string, string>>;
}

/**
 * Reads a cloud assembly and checks that each reference in it can be resolved. Names are computed from the stack's name
 * and the logical id, so they are the same in each run.
 *
 * @param dir folder of the assembly (`cdk.out`), absolute or relative to the working directory
 * @throws AssemblyError with the stack, the resource and the path of the part that cannot be read or resolved
 */
export function loadAssembly(dir: string): Assembly {
  const universe = new Universe(readStacks(dir));
  const resources = new Map(universe.scopes.flatMap(resourcesOf).map((resource) => [resource.address, resource]));
  const dependencies = new Map<string, Set<string>>();
  const unknowns: UnknownValue[] = [];
  for (const scope of universe.scopes) {
    for (const logicalId of scope.logicalIds()) {
      const seen = universe.observe(() => scope.properties(logicalId));
      dependencies.set(scope.address(logicalId), addDependsOn(seen.references, scope, logicalId, universe));
      unknowns.push(...seen.unknowns);
    }
    scope.outputs();
  }
  const order = dependencyOrder([...resources.keys()], (address) => dependencies.get(address) ?? []);
  const ordered = order.flatMap((address) => resources.get(address) ?? []);
  return {
    stacks: universe.scopes.map(({ source: { name, accountId, region } }) => ({ name, accountId, region })),
    resources: ordered,
    warnings: [
      ...describeMacros(universe.scopes.map(({ source }) => source)),
      ...describeUnsupported(ordered),
      ...describeUnknown(unknowns, ordered),
    ],
    provide: (resource, naming) => universe.provide(resource.address, naming),
    outputs: () => Object.fromEntries(universe.scopes.map((scope) => [scope.name, scope.outputs()])),
  };
}

function resourcesOf(scope: StackScope): Resource[] {
  const { accountId, region } = scope.source;
  return scope.logicalIds().map((logicalId) => ({
    stackName: scope.name,
    accountId,
    region,
    logicalId,
    type: scope.resource(logicalId)?.Type ?? '',
    address: scope.address(logicalId),
    path: scope.source.paths.get(logicalId) ?? scope.address(logicalId),
    ref: () => String(scope.ref(logicalId, `Resources.${logicalId}`)),
    attribute: (name) => String(scope.getAtt(logicalId, name, `Resources.${logicalId}`)),
    properties: () => scope.properties(logicalId),
    metadata: (key) => evaluate(scope.resource(logicalId)?.Metadata?.[key], scope, `Resources.${logicalId}.Metadata`),
    asset: (objectKey) => scope.source.assets.find(objectKey),
  }));
}

/** Adds the resources of `DependsOn`. For a nested stack, it adds all resources of that stack. */
function addDependsOn(to: Set<string>, scope: StackScope, logicalId: string, universe: Universe): Set<string> {
  for (const id of [scope.resource(logicalId)?.DependsOn ?? []].flat()) {
    if (!scope.resource(id)) {
      scope.fail(`there is no resource "${id}" in this stack`, `Resources.${logicalId}.DependsOn`);
    }
    to.add(scope.address(id));
    const nested = universe.nested(scope, id);
    for (const inner of nested?.logicalIds() ?? []) to.add(nested?.address(inner) ?? '');
  }
  return to;
}
