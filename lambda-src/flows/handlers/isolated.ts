import type { StandardSchema } from '../../handler/standard-schema';
import { toStreamerError } from '../../protocol';
import type { Deps } from '../ports';
import type { RunHandler } from './context';
import { parseInput } from './input';
import type { Envelope, RemoteEvent } from './invoked-function';
import { logHidden } from './public-error';
import { runSync } from './sync-run';

export interface IsolatedDeps extends Pick<Deps, 'world' | 'log'> {
  readonly run: RunHandler;
  readonly schema?: StandardSchema;
}

/** Runs an isolated handler for the router that invoked it. Whatever the handler does, the answer is an envelope. */
export async function answerRouter(deps: IsolatedDeps, event: RemoteEvent): Promise<Envelope> {
  try {
    const input = await parseInput(deps.schema, event.input);
    return { ok: true, result: JSON.parse(await runSync(deps, deps.run, callOf(deps, event, input))) };
  } catch (thrown) {
    logHidden(deps.log, 'a call failed', thrown);
    return { ok: false, error: toStreamerError(thrown).toWire() };
  }
}

function callOf({ world }: IsolatedDeps, { action, request, identity }: RemoteEvent, input: unknown) {
  const { id, deadline } = request;
  return { id, action, input, identity, deadline, timeoutMs: Math.max(0, deadline - world.now()) };
}
