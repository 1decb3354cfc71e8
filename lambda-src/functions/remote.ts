import { ENV } from '../../src/contract';
import { type FunctionNames, NamesInEnvironment, NamesInFunction } from '../flows/function-names';
import type { RunnableHandler } from '../flows/input';
import { functionRun, isolatedRun, type ReadName, type RemoteFunction } from '../flows/remote';
import { LambdaFunctions } from '../gateway/lambda-functions';
import { readEnv, readJson } from '../runtime/config';
import { world } from '../runtime/world';

const deps = { functions: new LambdaFunctions(), world };

/** Invocation settings of a function for an action, from the generated entry. */
export interface RemoteTarget {
  /** Name or ARN; undefined if it is known only at deployment: the environment holds it, or another function returns it. */
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
  const read: ReadName = (signal, refused) => namesKnownAtDeployment().nameOf(action, signal, refused);
  return { functionName: functionName ?? read, timeoutMs, async };
}

let names: FunctionNames | undefined;

/** The construct sets one of the two variables. */
function namesKnownAtDeployment(): FunctionNames {
  names ??= process.env[ENV.namesFunction]
    ? new NamesInFunction(deps.functions, readEnv(['namesFunction']).namesFunction)
    : new NamesInEnvironment(() => readJson<Record<string, string>>('functions'));
  return names;
}
