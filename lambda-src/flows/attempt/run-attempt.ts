import { BOUNDS } from '../../../src/contract';
import { deadlineExceeded, type RequestItem, untilDeadline } from '../../core';
import type { HandlerContext } from '../../handler';
import { StreamerError } from '../../protocol';
import {
  contextOf,
  type HandlerReporter,
  handlerRequest,
  logOf,
  type RunHandler,
  resultText,
} from '../handlers/context';
import { Continuer, SliceEnd } from '../handlers/continuation';
import { Inbox } from '../handlers/inbox';
import { withDeadline } from '../handlers/with-deadline';
import type { Deps, Log, Store } from '../ports';
import { inputStream, storedInput } from '../requests/stored-request';
import { readState } from './continue';
import { type AskRetry, type Failure, failureOf } from './failure';
import { StaleAttempt } from './log';

/** Dependencies that an attempt needs. */
export interface AttemptDeps extends Pick<Deps, 'platform' | 'log' | 'limits' | 'payloads'> {
  readonly store: Pick<Store, 'get' | 'query'>;
  readonly run: RunHandler;
  /** Maximum bytes of a result that can be stored. @default - the size that fits into a message */
  readonly resultBytes?: number;
  /** The handler's rule for retries; undefined if it has none. */
  readonly retryIf?: AskRetry;
  /** Whether the handler reads its input as a stream, so that the input is neither loaded nor validated. @default - it does not */
  readonly streamsInput?: () => Promise<boolean>;
  /** Validates and transforms the stored input. Throws a StreamerError `INVALID_INPUT`. */
  readonly parseInput: (input: unknown) => Promise<unknown>;
  /** Validates and transforms a state of `continue`; throws a StreamerError `INVALID_CONTINUE`. @default - any state is valid */
  readonly parseState?: (state: unknown) => Promise<unknown>;
  /** Validates and transforms the data of a message; throws if it is not valid. @default - any data is valid */
  readonly parseMessage?: (name: string, data: unknown) => Promise<unknown>;
}

/** Error of an attempt whose handler has ignored its signal and still runs. Only the end of the process ends the handler. */
export class AbandonedAttempt extends Error {
  public override readonly name = 'AbandonedAttempt';

  /** @param cause reason why the end of the attempt was not written */
  public constructor(cause: unknown) {
    super('the handler still runs, and the end of its attempt was not written', { cause });
  }
}

/** Milliseconds that a handler has to return after its signal has fired. */
const GRACE_MS = 1_000;

/** Result of an attempt. */
export type AttemptResult =
  /** JSON string of the result. */
  | { readonly text: string }
  | { readonly sliceEnd: SliceEnd }
  | (Failure & {
      /** JSON string of the value that the handler returned although its run was stopped. */
      readonly partial?: string;
      /** Whether the handler has ignored its signal and still runs. */
      readonly abandoned?: boolean;
    });

/**
 * Runs the handler once. Returns its result, or the error that the client may see, whatever the handler does.
 *
 * @param stop fires the handler's signal at the deadline. If the caller fires it earlier with a `StreamerError`, that error is the outcome
 * @param functionEndsAt epoch milliseconds
 * @throws StaleAttempt if another attempt has taken over. If the handler also ignores its signal, an AbandonedAttempt with the StaleAttempt as its
 * cause
 */
export async function runAttempt(
  deps: AttemptDeps,
  request: RequestItem,
  reporter: HandlerReporter,
  stop: AbortController,
  functionEndsAt: number,
): Promise<AttemptResult> {
  const at = untilDeadline(request, deadlineOf(functionEndsAt, deps.platform.now()));
  const error = at === request.deadlineAt ? deadlineExceeded : handlerTimeout;
  const deadline = { at, error, graceMs: GRACE_MS };
  let abandoned = true;
  try {
    const work = () =>
      runHandler(deps, request, reporter, stop.signal, at).finally(() => {
        abandoned = false;
      });
    const result = await withDeadline(deps.platform, deadline, stop, work);
    const { reason } = stop.signal;
    if (isStop(reason)) return { error: reason, isAnswer: true, partial: partialText(deps, request, result) };
    if (result instanceof SliceEnd) return { sliceEnd: result };
    return { text: resultText(result, deps.resultBytes ?? BOUNDS.resultBytes, deps.limits) };
  } catch (error) {
    if (error instanceof StaleAttempt) throw abandoned ? new AbandonedAttempt(error) : error;
    const { reason } = stop.signal;
    if (reason instanceof StreamerError) return { error: reason, isAnswer: isStop(reason), abandoned };
    return failureOf(logOf(deps.log, request), error, handlerRequest(request, at), deps.retryIf);
  }
}

/** Whether a signal's reason ends the run. If it does, the value that the handler returns is a partial result. */
const isStop = (reason: unknown): reason is StreamerError => reason instanceof StreamerError && STOPS.has(reason.code);

const STOPS: ReadonlySet<string> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED']);

/** The value of a handler whose run was stopped, as a JSON string. A value that cannot be sent is left out, because the run ends in any case. */
function partialText(
  { log, limits, resultBytes = BOUNDS.resultBytes }: AttemptDeps,
  request: RequestItem,
  value: unknown,
): string | undefined {
  if (value === undefined || value instanceof SliceEnd) return undefined;
  try {
    return resultText(value, resultBytes, limits);
  } catch (error) {
    logOf(log, request).warn('the partial result was left out', { error });
    return undefined;
  }
}

async function runHandler(
  deps: AttemptDeps,
  request: RequestItem,
  reporter: HandlerReporter,
  signal: AbortSignal,
  deadline: number,
): Promise<unknown> {
  const streams = (await deps.streamsInput?.()) ?? false;
  const input = streams ? undefined : await deps.parseInput(await storedInput(deps, request));
  const state = await parse(deps, await readState(deps.store, request));
  // While the module was loading, the attempt may have lost its claim and its slots.
  signal.throwIfAborted();
  const log = logOf(deps.log, request);
  const inbox = inboxOf(deps, request, signal, log);
  const continuer = new Continuer(request, inbox);
  const ends = { continue: continuer.continue, messages: inbox.messages.bind(inbox) as HandlerContext['messages'] };
  const stream = () => inputStream(deps, request);
  const context = { request, input, stream, state, ...ends, reporter, signal, deadline, log };
  const result = continuer.checked(await deps.run(contextOf(context) as never));
  // checks the state now: if the next slice could not read the state, this slice fails
  if (result instanceof SliceEnd && result.state !== undefined) await parse(deps, JSON.parse(result.state));
  return result;
}

function inboxOf(deps: AttemptDeps, request: RequestItem, signal: AbortSignal, log: Log): Inbox {
  const { store, platform, parseMessage = async (_name: string, data: unknown) => data } = deps;
  return new Inbox({ store, platform, log, parseMessage }, request, signal);
}

const parse = async ({ parseState }: AttemptDeps, state: unknown): Promise<unknown> =>
  parseState === undefined || state === undefined ? state : parseState(state);

/** Returns the deadline of the handler. A fifth of the remaining time, but not more than the margin, is reserved for writing the outcome. */
export function deadlineOf(functionEndsAt: number, now: number): number {
  return functionEndsAt - Math.min(BOUNDS.writeMarginMs, (functionEndsAt - now) / 5);
}

/**
 * Returns the time at which another thread ends the attempt. By then, the handler's thread has had time to end the attempt itself, and there is still
 * time for the write.
 */
export function overdueAt(deadline: number, functionEndsAt: number): number {
  return deadline + Math.min(2 * GRACE_MS, 0.6 * (functionEndsAt - deadline));
}

export const handlerTimeout = (): StreamerError =>
  new StreamerError('HANDLER_TIMEOUT', 'The handler exceeded its time limit.', { retryable: true });
