import type { RunnableHandler } from '../flows/input';
import { functionRun, isolatedRun, type RemoteFunction } from '../flows/remote';
import { LambdaFunctions } from '../gateway/lambda-functions';
import { readJson } from '../runtime/config';
import { world } from '../runtime/world';

const deps = { functions: new LambdaFunctions(), world };

/** Invocation settings of a function for an action, from the generated entry. */
export interface RemoteTarget {
  /** Name or ARN; undefined if the environment holds it. */
  readonly functionName?: string;
  /** Maximum time of one call. */
  readonly timeoutMs: number;
}

/** What stands for an isolated handler in the router. */
export function isolatedHandler(action: string, target: RemoteTarget): RunnableHandler {
  return { run: isolatedRun(deps, remoteOf(action, target, false)) };
}

/** What stands for a function of the user's, in the router or in a processor. */
export function functionHandler(action: string, target: RemoteTarget, mode: 'sync' | 'async'): RunnableHandler {
  return { run: functionRun(deps, remoteOf(action, target, mode === 'async')) };
}

function remoteOf(action: string, { functionName, timeoutMs }: RemoteTarget, async: boolean): RemoteFunction {
  return { functionName: functionName ?? knownAtDeployment(action), timeoutMs, async };
}

let names: Readonly<Record<string, string>> | undefined;

function knownAtDeployment(action: string): string {
  names ??= readJson<Record<string, string>>('functions');
  const name = names[action];
  if (!name) throw new Error(`the environment names no function for the action ${action}`);
  return name;
}
