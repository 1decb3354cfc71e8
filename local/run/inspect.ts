import { ENV } from '../../src/contract';
import { INSPECTED_MS } from '../emulator/lambda';
import { actionsOf } from './from-template/actions';
import type { LocalFunction } from './from-template/functions';
import type { InspectOptions } from './types';

/** Environment variables that limit a function's own work, in milliseconds. */
const LIMITS = [ENV.syncTimeoutMs];

/**
 * Sets the inspector's port for the selected function. The function then has no time limits, because it pauses at
 * breakpoints.
 *
 * @throws Error if there is no such function; the message lists the existing ones
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

/**
 * Finds the function of an action. An async action has a separate function; a sync action runs in the function that
 * answers messages.
 */
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
