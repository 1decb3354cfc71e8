import type { HandlerContext } from '../../handler';
import type { HandlerIdentity, HandlerRequest } from '../../handler/context';
import { type Json, StreamerError, type WireError } from '../../protocol';
import type { Platform } from '../ports';
import type { RunHandler } from './context';
import { withDeadline } from './with-deadline';

/** Payload with which the router or a processor invokes another Lambda function to run an action. */
export interface RemoteEvent {
  readonly action: string;
  /** The input. If the client sent no input, it is absent for an isolated handler and null for a user's function. */
  readonly input?: unknown;
  readonly request: Omit<HandlerRequest, 'action' | 'slice'>;
  readonly identity: HandlerIdentity;
}

/** Answer of an isolated handler's function. A user's function returns the result without an envelope. */
export type Envelope = { readonly ok: true; readonly result: Json } | { readonly ok: false; readonly error: WireError };

/**
 * - `returned`: the function's return value as a JSON string
 * - `failed`: the function threw, crashed or timed out; `error` is Lambda's description of it
 * - `throttled`: Lambda throttled the call, and the function did not start
 * - `refused`: Lambda did not start the invocation; `runtime` is the reason if the function's runtime is not available
 * - `unreachable`: whether the function ran is unknown
 */
export type Reply =
  | { readonly kind: 'returned'; readonly body: string }
  | { readonly kind: 'failed'; readonly error: FunctionError }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'refused'; readonly cause: unknown; readonly runtime?: string }
  | { readonly kind: 'unreachable'; readonly cause: unknown };

export interface FunctionError {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/** The Invoke API of Lambda. */
export interface Functions {
  /** Invokes a function once, and waits for its end. Rejects with the signal's reason if the signal fires. */
  invoke(functionName: string, payload: string, signal: AbortSignal): Promise<Reply>;
}

export interface RemoteDeps {
  readonly functions: Functions;
  readonly platform: Platform;
}

/**
 * Reads the name or ARN of a function.
 *
 * @param refused a name under which Lambda refused an invocation. The function may have another name by now
 */
export type ReadName = (signal: AbortSignal, refused?: string) => Promise<string>;

export interface RemoteFunction {
  readonly functionName: string | ReadName;
  /** Timeout of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the request is retried after a failure. */
  readonly async: boolean;
}

/** Returns a handler that invokes the isolated handler's Lambda function. */
export function isolatedRun(deps: RemoteDeps, target: RemoteFunction): RunHandler {
  return async (context: HandlerContext) => {
    const { input } = context;
    const body = await call(deps, target, context, input === undefined ? {} : { input });
    return resultOf(JSON.parse(body) as Partial<Envelope>);
  };
}

/** Returns a handler that invokes a user's Lambda function. */
export function functionRun(deps: RemoteDeps, target: RemoteFunction): RunHandler {
  return async (context: HandlerContext) => {
    const body = await call(deps, target, context, { input: context.input ?? null });
    // If a function returns no value, its runtime answers with an empty body or with null.
    return body === '' ? null : parseResult(body);
  };
}

async function call(
  { functions, platform }: RemoteDeps,
  target: RemoteFunction,
  context: HandlerContext,
  input: { readonly input?: unknown },
): Promise<string> {
  const at = Math.min(context.request.deadline, platform.now() + target.timeoutMs);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal as AbortSignal, stop.signal]);
  const invoke = (name: string) => functions.invoke(name, JSON.stringify(eventOf(context, input, at)), signal);
  const work = async () => bodyOf(target, await invokeNamed(target.functionName, signal, invoke));
  return withDeadline(platform, { at, error: () => timeout(target) }, stop, work);
}

/**
 * Invokes a function by its name. If Lambda refuses the invocation, the function did not run. The name is then read again, and if it has changed, the
 * function is invoked by the new name.
 */
async function invokeNamed(
  functionName: string | ReadName,
  signal: AbortSignal,
  invoke: (functionName: string) => Promise<Reply>,
): Promise<Reply> {
  if (typeof functionName === 'string') return invoke(functionName);
  const name = await functionName(signal);
  const reply = await invoke(name);
  if (reply.kind !== 'refused') return reply;
  const current = await functionName(signal, name);
  return current === name ? reply : invoke(current);
}

function eventOf(
  { request, identity }: HandlerContext,
  input: { readonly input?: unknown },
  deadline: number,
): RemoteEvent {
  const { action, id, attempt, run, createdAt } = request;
  return { action, ...input, request: { id, attempt, run, createdAt, deadline }, identity };
}

function bodyOf(target: RemoteFunction, reply: Reply): string {
  switch (reply.kind) {
    case 'returned':
      return reply.body;
    case 'failed':
      throw failure(target, reply.error);
    case 'throttled':
      throw new StreamerError('UNAVAILABLE', 'The action is at its limit. Try again.', { retryAfter: 1 });
    case 'refused':
      throw refusal(target, reply);
    case 'unreachable':
      // The error is not retryable, because the sync call may already have taken effect.
      throw new StreamerError('UNAVAILABLE', 'The action could not be reached. Whether it took effect is unknown.', {
        cause: reply.cause,
        retryable: target.async,
      });
  }
}

/**
 * Creates the error for a refused invocation. It is retryable if a permission or function may still become visible to Lambda. It is not retryable if
 * the runtime is not available.
 */
function refusal({ async }: RemoteFunction, { cause, runtime }: Extract<Reply, { kind: 'refused' }>): StreamerError {
  return runtime === undefined
    ? new StreamerError('UNAVAILABLE', 'The action did not run: Lambda refused its function.', {
        cause,
        retryable: async,
      })
    : new StreamerError('UNAVAILABLE', `The action cannot run: ${runtime}`, { cause, retryable: false });
}

/** Matches Lambda's messages about an execution that ended because of its timeout. */
const TIMED_OUT = /Sandbox\.Timedout|Task timed out after/;

/**
 * Creates the error for a failed function. It is treated like an error of a handler: it is logged and retried, and clients do not see its message.
 */
function failure(target: RemoteFunction, { errorType = 'Error', errorMessage = '' }: FunctionError): Error {
  if (TIMED_OUT.test(errorType) || TIMED_OUT.test(errorMessage)) return timeout(target);
  return new RemoteError(`${errorType}: ${errorMessage}`);
}

/** Error of an invoked function. Its message is only written to the log. */
class RemoteError extends Error {
  public override readonly name = 'RemoteError';
}

function timeout({ async, timeoutMs }: RemoteFunction): StreamerError {
  if (async) return new StreamerError('HANDLER_TIMEOUT', 'The handler exceeded its time limit.', { retryable: true });
  return new StreamerError('TIMEOUT', `The action took longer than ${timeoutMs} ms. Make it async.`);
}

function resultOf(envelope: Partial<Envelope> | null): Json {
  if (envelope?.ok === true) return envelope.result as Json;
  const error = envelope?.ok === false ? envelope.error : undefined;
  if (!error) throw new RemoteError('the function answered with something else than a result or an error');
  const { code, message, details, retryable, retryAfter } = error;
  throw new StreamerError(code, message, { details, retryable, retryAfter });
}

function parseResult(body: string): Json {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new StreamerError('RESULT_NOT_JSON', 'The function returned something that is not JSON.', { cause });
  }
}

/** Source of function names that are known only at deployment. */
export interface FunctionNames {
  /**
   * Returns the name or ARN of the function that runs an action.
   *
   * @param refused a name that Lambda did not find or refused to invoke. If it is given, the names are read again
   */
  nameOf(action: string, signal: AbortSignal, refused?: string): Promise<string>;
}

type Names = Readonly<Record<string, string>>;

/** Names in an environment variable. The variable is read when the first name is needed. If a name is missing, only its action fails. */
export class NamesInEnvironment implements FunctionNames {
  private names?: Names;

  public constructor(private readonly read: () => Names) {}

  public async nameOf(action: string): Promise<string> {
    this.names ??= this.read();
    return named(this.names, action);
  }
}

/**
 * Names that another function returns, because they do not fit into the environment. A process reads the names once. It reads them again if Lambda
 * refuses one of them, because a deployment may have replaced that function.
 */
export class NamesInFunction implements FunctionNames {
  private names: Names = {};

  /** @param source name of the function that returns all names by action */
  public constructor(
    private readonly functions: Functions,
    private readonly source: string,
  ) {}

  public async nameOf(action: string, signal: AbortSignal, refused?: string): Promise<string> {
    const known = this.names[action];
    if (known !== undefined && known !== refused) return known;
    this.names = await this.readAll(signal);
    return named(this.names, action);
  }

  /** Reads all names. If this fails, the action did not run, so the error is always retryable. */
  private async readAll(signal: AbortSignal): Promise<Names> {
    const reply = await this.functions.invoke(this.source, '{}', signal);
    if (reply.kind === 'returned') return JSON.parse(reply.body) as Names;
    throw new StreamerError('UNAVAILABLE', 'The action did not run: the name of its function could not be read.', {
      cause: causeOf(reply),
      retryAfter: 1,
    });
  }
}

type Failure = Exclude<Awaited<ReturnType<Functions['invoke']>>, { kind: 'returned' }>;

function causeOf(reply: Failure): unknown {
  if (reply.kind === 'throttled') return new Error('the function that returns the names was throttled');
  if (reply.kind !== 'failed') return reply.cause;
  return new Error(`the function that returns the names failed: ${reply.error.errorType}: ${reply.error.errorMessage}`);
}

function named(names: Names, action: string): string {
  const name = names[action];
  if (!name) throw new Error(`no function name is configured for the action ${action}`);
  return name;
}
