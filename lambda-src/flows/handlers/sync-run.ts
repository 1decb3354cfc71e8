import type { HandlerContext } from '../../handler';
import type { HandlerIdentity } from '../../handler/context';
import type { StandardSchema } from '../../handler/standard-schema';
import { CONSTANTS, StreamerError } from '../../protocol';
import type { Deps } from '../ports';
import { logOf, type RunHandler, resultText } from './context';
import { invalidContinue } from './continuation';
import { parseInput } from './input';
import type { Envelope, RemoteEvent } from './invoked-function';
import { handlerError, publicError } from './thrown';
import { withDeadline } from './with-deadline';

/** One call of a sync handler. */
export interface SyncCall {
  readonly id: string;
  readonly action: string;
  readonly input: unknown;
  readonly identity: HandlerIdentity;
  /** Deadline in epoch milliseconds. */
  readonly deadline: number;
  /** The time limit that the timeout error names. */
  readonly timeoutMs: number;
}

/** Maximum bytes of a result. A route response has the size limit of a message, and the frame around the result takes part of it. */
const MAX_RESPONSE_BYTES = CONSTANTS.limits.serverMessageBytes - 1_024;

/**
 * Runs a sync handler until its deadline.
 *
 * @returns the result as a JSON string
 * @throws StreamerError that the client may see. For any other error, the cause is logged
 */
export async function runSync(
  deps: Pick<Deps, 'platform' | 'log' | 'limits'>,
  run: RunHandler,
  call: SyncCall,
): Promise<string> {
  const stop = new AbortController();
  const work = () => runShown(run, contextOf(deps, call, stop.signal));
  const result = await withDeadline(deps.platform, { at: call.deadline, error: () => timeout(call) }, stop, work);
  return resultText(result, MAX_RESPONSE_BYTES, deps.limits);
}

const timeout = ({ timeoutMs }: SyncCall): StreamerError =>
  new StreamerError('TIMEOUT', `The action took longer than ${timeoutMs} ms. Make it async.`);

async function runShown(run: RunHandler, context: HandlerContext): Promise<unknown> {
  try {
    return await run(context as never);
  } catch (thrown) {
    throw withoutCause(handlerError(context.log, thrown));
  }
}

/** Removes the cause, because it has already been logged. */
const withoutCause = ({ code, message, details, retryable, retryAfter }: StreamerError): StreamerError =>
  new StreamerError(code, message, { details, retryable, retryAfter });

/** Creates the context of a sync handler. The answer is the only message that its viewer gets, so progress and events are dropped. */
function contextOf(
  { platform, log }: Pick<Deps, 'platform' | 'log'>,
  call: SyncCall,
  signal: AbortSignal,
): HandlerContext {
  const { id, action, input, identity, deadline } = call;
  return {
    input,
    stream: () => bytesOf(input),
    progress: () => undefined,
    emit: async () => undefined,
    snapshot: async () => undefined,
    flush: async () => undefined,
    state: undefined,
    continue: () => {
      throw invalidContinue('only an async handler can continue');
    },
    messages: () => NO_MESSAGES,
    signal,
    request: { id, action, attempt: 1, run: 1, slice: 1, createdAt: platform.now(), deadline },
    identity,
    log: logOf(log, { id, action, run: 1, attempt: 1 }),
  };
}

/** The input is part of the message, so its bytes arrive at once. */
async function* bytesOf(input: unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from(input === undefined ? '' : JSON.stringify(input));
}

/** A sync request is not stored, so nothing can be sent to it. */
const NO_MESSAGES: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

export interface IsolatedDeps extends Pick<Deps, 'platform' | 'log' | 'limits'> {
  readonly run: RunHandler;
  readonly schema?: StandardSchema;
}

/** Runs an isolated handler that the router invoked. The answer is always an envelope, whatever the handler does. */
export async function answerRouter(deps: IsolatedDeps, event: RemoteEvent): Promise<Envelope> {
  try {
    const input = await parseInput(deps.schema, event.input);
    return { ok: true, result: JSON.parse(await runSync(deps, deps.run, callOf(deps, event, input))) };
  } catch (thrown) {
    return { ok: false, error: publicError(deps.log, 'a call failed', thrown).toWire() };
  }
}

function callOf({ platform }: IsolatedDeps, { action, request, identity }: RemoteEvent, input: unknown) {
  const { id, deadline } = request;
  return { id, action, input, identity, deadline, timeoutMs: Math.max(0, deadline - platform.now()) };
}
