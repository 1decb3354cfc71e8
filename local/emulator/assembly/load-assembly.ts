import type { Naming } from './attributes';
import { evaluate } from './intrinsics';
import { readStacks } from './manifest';
import { dependencyOrder } from './order';
import type { StackScope } from './stack-scope';
import type { Resource } from './types';
import { Universe, type UnknownValue } from './universe';
import { describeMacros, describeUnknown, describeUnsupported } from './warnings';

/** A synthesized application, with every value of it resolved. */
export interface Assembly {
  readonly stacks: readonly { readonly name: string; readonly accountId: string; readonly region: string }[];
  /** The resources whose condition holds, each after those it depends on, of all stacks. */
  readonly resources: readonly Resource[];
  /** One line for each part of the templates that does not behave as on AWS. */
  readonly warnings: readonly string[];
  /** Replaces the computed names of a resource by those of the part that runs it; later resolutions see them. */
  provide(resource: Resource, naming: Partial<Naming>): void;
  /** The stacks' outputs, by stack name. */
  outputs(): Record<string, Record<string, string>>;
}

/**
 * Reads a cloud assembly and checks that every reference in it resolves. Names are computed from the stack's name
 * and the logical id, so they are the same in each run.
 *
 * @param dir the assembly (`cdk.out`), absolute or relative to the working directory
 * @throws AssemblyError with stack, resource and path of the part that cannot be read or resolved
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

/** Adds the resources of `DependsOn`; a nested stack stands for all resources in it. */
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
