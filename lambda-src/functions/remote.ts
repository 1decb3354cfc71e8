import type { RunnableHandler } from '../flows/input';
import { functionRun, isolatedRun, type RemoteFunction } from '../flows/remote';
import { LambdaFunctions } from '../gateway/lambda-functions';
import { readJson } from '../runtime/config';
import { world } from '../runtime/world';

const deps = { functions: new LambdaFunctions(), world };
const targets = readJson<Record<string, Omit<RemoteFunction, 'async'>>>('functions');

/** What stands for an isolated handler in the router. */
export function isolatedHandler(action: string): RunnableHandler {
  return { run: isolatedRun(deps, { ...targets[action], async: false }) };
}

/** What stands for a function of the user's, in the router or in a processor. */
export function functionHandler(action: string, mode: 'sync' | 'async'): RunnableHandler {
  return { run: functionRun(deps, { ...targets[action], async: mode === 'async' }) };
}
