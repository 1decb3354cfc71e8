import { ENV, type InvokedFunction } from '../../src/contract';
import { LambdaFunctions } from '../aws/lambda-invoke';
import type { RunnableHandler } from '../flows/handlers/input';
import {
  type FunctionNames,
  functionRun,
  isolatedRun,
  NamesInEnvironment,
  NamesInFunction,
  type ReadName,
  type RemoteFunction,
} from '../flows/handlers/invoked-function';
import { platform, readEnv, readJson } from '../runtime';

const deps = { functions: new LambdaFunctions(), platform };

/** Creates the proxy of an isolated handler, for the router. */
export function isolatedHandler(action: string, target: InvokedFunction): RunnableHandler {
  return { run: isolatedRun(deps, remoteOf(action, target, false)) };
}

/** Creates the proxy of a user's function, for the router or a processor. */
export function functionHandler(action: string, target: InvokedFunction, mode: 'sync' | 'async'): RunnableHandler {
  return { run: functionRun(deps, remoteOf(action, target, mode === 'async')) };
}

function remoteOf(action: string, { functionName, timeoutMs }: InvokedFunction, async: boolean): RemoteFunction {
  const read: ReadName = (signal, refused) => namesKnownAtDeployment().nameOf(action, signal, refused);
  return { functionName: functionName ?? read, timeoutMs, async };
}

let names: FunctionNames | undefined;

/** Returns the source of the names. The construct sets one of two variables: `functions` or `namesFunction`. */
function namesKnownAtDeployment(): FunctionNames {
  names ??= process.env[ENV.namesFunction]
    ? new NamesInFunction(deps.functions, readEnv(['namesFunction']).namesFunction)
    : new NamesInEnvironment(() => readJson('functions'));
  return names;
}
