import { INSPECTED_MS } from '../lambda';
import { actionsOf } from './actions';
import type { LocalFunction } from './functions';
import type { InspectOptions } from './types';

/** Variables of functions by which they limit their own work, in milliseconds. */
const LIMITS = ['STREAMER_SYNC_TIMEOUT_MS'];

/**
 * The functions with the inspector's port at the one that is meant. Its own limits are lifted with the run's: it stands still at its
 * breakpoints.
 *
 * @throws Error when there is no such function, with those that there are
 */
export function withInspector(
  functions: readonly LocalFunction[],
  inspect: InspectOptions | undefined,
): LocalFunction[] {
  if (!inspect) return [...functions];
  const target = inspectedFunction(functions, inspect.target);
  return functions.map((fn) => (fn === target ? { ...fn, spec: inspectedSpec(fn.spec, inspect.port) } : fn));
}

function inspectedSpec(spec: LocalFunction['spec'], inspectPort: number): LocalFunction['spec'] {
  const limits = LIMITS.filter((name) => spec.environment[name] !== undefined);
  const lifted = Object.fromEntries(limits.map((name) => [name, String(INSPECTED_MS)]));
  return { ...spec, inspectPort, environment: { ...spec.environment, ...lifted } };
}

/** An async action has a function of its own; a sync one runs in the function that answers messages. */
function inspectedFunction(functions: readonly LocalFunction[], target: string): LocalFunction {
  const node = functions.filter(({ spec }) => spec.runtime.startsWith('nodejs'));
  const named = node.find(({ name, resource }) => name === target || resource.path.split('/').includes(target));
  const answering = node.find((fn) => {
    const actions = actionsOf([fn.resource]);
    return target === '' ? Object.keys(actions).length > 0 : Object.hasOwn(actions, target);
  });
  const found = (target === '' ? undefined : named) ?? answering;
  if (found) return found;
  const what = target === '' ? 'no function here answers actions' : `there is no action or function ${target}`;
  throw new Error(`--inspect: ${what}. There are: ${node.map(({ name }) => name).join(', ')}`);
}
