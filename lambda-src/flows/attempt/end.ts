import { EVENTS } from '../../../src/contract';
import {
  type BackoffLimits,
  backoff,
  type Claim,
  cancelled,
  cancelledOutcome,
  deadlineExceeded,
  deadOutcome,
  decodeRequest,
  errorOutcome,
  expiry,
  finish,
  isOverdue,
  isTerminal,
  lastProgressText,
  logKey,
  type Outcome,
  type RequestItem,
  retry,
  type StoredBody,
  storeBody,
  type Update,
  untilDeadline,
  type WriteTime,
  withHistory,
} from '../../core';
import type { StreamerError } from '../../protocol';
import type { SliceEnd } from '../handlers/continuation';
import { ensureTerminal, type LogEnd } from '../log/terminal';
import { type Deps, writeTimeOf } from '../ports';
import { continuation } from './continue';
import type { Failure } from './failure';
import type { Reporter } from './reporter';
import { type AttemptResult, deadlineOf, handlerTimeout, overdueAt } from './run-attempt';

export interface EndDeps extends Deps {
  readonly retryBackoff: BackoffLimits;
}

/** Writes that end an attempt whose thread is blocked beyond the deadline. Only the first write whose condition is met takes effect. */
export interface Overdue {
  /**
   * Time of the writes, in epoch milliseconds. It is later than the handler's deadline and grace time, and earlier than the time at which Lambda ends
   * the function.
   */
  readonly at: number;
  readonly writes: readonly Update[];
  /** Whether the process must end after the write, because the function may otherwise run much longer. */
  readonly endsProcess: boolean;
}

/**
 * Maximum characters of a result that is stored on the request's item. A longer result is a separate item. Its write is a further call before the end,
 * but the lists of requests read the items of the requests.
 */
const INLINE_RESULT_CHARS = 4_096;
/** The same for a partial result. It is shorter, because a run that was stopped may be followed by another run, whose writes contain it. */
const INLINE_PARTIAL_CHARS = 1_024;
/** Returns the writes with which the heartbeat ends the attempt if the attempt's thread is blocked. */
export function overdueOf(deps: EndDeps, request: RequestItem, functionEndsAt: number): Overdue {
  const limit = deadlineOf(functionEndsAt, deps.platform.now());
  const deadline = untilDeadline(request, limit);
  const at = overdueAt(deadline, functionEndsAt);
  const failed = deadline < limit ? { error: deadlineExceeded(), isAnswer: true } : timedOut();
  const time = { ...writeTimeOf(deps), now: at };
  const { requestKey, fence } = request;
  // the reason of a cancellation is not known yet
  const asCancelled = cancelled({ requestKey, fence }, cancelledOutcome({}), time);
  const writes = [failureWrite(deps, request, failed, time), asCancelled].map((write) =>
    recorded(write, request, time, failed),
  );
  return { at, writes, endsProcess: deadline < limit };
}

/** Writes the end of the attempt: a result, the next slice, another attempt, or the failure. If the request was cancelled, it ends as cancelled instead. */
export async function finishAttempt(
  deps: EndDeps,
  request: RequestItem,
  claim: Claim,
  result: AttemptResult,
  reporter: EndedLog,
): Promise<void> {
  const at = writeTimeOf(deps);
  const text = 'text' in result ? result.text : 'error' in result ? result.partial : undefined;
  const value = text === undefined ? undefined : await storedBody(deps, request, text, at, 'text' in result);
  const endBy = async (end: Update) => {
    const write = await withProgress(recorded(end, request, at, result), request, reporter);
    const refused = await applyAndPublishEnd(deps, write, { ...reporter.end, body: text });
    if (!refused) reporter.progressIsSaved();
    return refused;
  };
  const write =
    'sliceEnd' in result
      ? await continuation(deps, request, claim, result.sliceEnd, at)
      : endOf(deps, request, claim, result, value, at);
  const refused = await endBy(write);
  if (refused?.cancelRequested) await endBy(cancelled(claim, cancelledOutcome(refused, value), at));
}

/** The log of an attempt that has ended. */
type EndedLog = Pick<Reporter, 'end' | 'unsaved' | 'saveProgress' | 'progressIsSaved'>;

/** Stores the last report: in the write itself if it ends the run and the report is small, otherwise on the head of the log. */
async function withProgress(write: Update, request: RequestItem, reporter: EndedLog): Promise<Update> {
  const { unsaved } = reporter;
  const isEnd = isTerminal(write.set?.status as RequestItem['status']);
  const lastProgress = isEnd && unsaved ? lastProgressText(request, unsaved) : undefined;
  if (lastProgress !== undefined) return { ...write, set: { ...write.set, lastProgress } };
  await reporter.saveProgress();
  return write;
}

function endOf(
  deps: EndDeps,
  request: RequestItem,
  claim: Claim,
  result: Exclude<AttemptResult, { readonly sliceEnd: SliceEnd }>,
  value: StoredBody | undefined,
  at: WriteTime,
): Update {
  if (!('error' in result)) return finish(claim, { kind: 'result', ...(value as StoredBody) }, at);
  const { error } = result;
  if (error.code === 'CANCELLED') return cancelled(claim, errorOutcome(error.toWire(), value), at);
  return failureWrite(deps, request, result, at, value);
}

/** Returns the write that ends a failed attempt. It schedules another attempt, or ends the run. */
function failureWrite(
  deps: EndDeps,
  request: RequestItem,
  failed: Failure,
  at: WriteTime,
  partial?: StoredBody,
): Update {
  const { error } = failed;
  const { requestKey, fence, attempt, maxAttempts } = request;
  const claim = { requestKey, fence };
  const next = at.now + waitMs(deps, request, error);
  if (error.retryable && attempt < maxAttempts && !isOverdue(request, next)) return retry(claim, next, at);
  return finish(claim, failure(failed, request, partial), at);
}

/** Adds the attempt to the history in a write that may end the attempt. */
export function recorded(write: Update, request: RequestItem, at: WriteTime, result: AttemptResult): Update {
  const failed = 'error' in result && { error: result.error.toWire(), cause: result.cause };
  return withHistory(write, request, { endedAt: at.now, ...failed });
}

function waitMs(deps: EndDeps, request: RequestItem, error: StreamerError): number {
  const wait = backoff(deps.retryBackoff, request.attempt, deps.platform.random());
  return Math.max(wait, (error.retryAfter ?? 0) * 1000);
}

const timedOut = (): Failure => ({ error: handlerTimeout(), isAnswer: false });

/**
 * Creates the outcome of a failed run. If an answer is retryable but no attempt follows, the attempts are used up, so the request becomes a dead
 * letter.
 */
function failure({ error, isAnswer }: Failure, request: RequestItem, partial?: StoredBody): Outcome {
  const wire = error.toWire();
  const details = wire.details ?? (request.attempt > 1 ? { attempt: request.attempt } : undefined);
  const last = { ...wire, retryable: false, ...(details !== undefined && { details }) };
  return isAnswer && !error.retryable ? errorOutcome(last, partial) : deadOutcome(last);
}

async function storedBody(
  deps: Deps,
  request: RequestItem,
  text: string,
  at: WriteTime,
  isResult: boolean,
): Promise<StoredBody> {
  if (text.length <= (isResult ? INLINE_RESULT_CHARS : INLINE_PARTIAL_CHARS)) return { body: text };
  const put = storeBody(logKey(request), request.fence, text, expiry(at));
  await deps.store.write(put);
  return { bodyAt: Number(put.key[EVENTS.sortKey]) };
}

/**
 * Applies a write. If the write ended the request, appends the terminal entry to the log.
 *
 * @returns the request whose state has refused the write; undefined if it was applied, or if the request does not exist any more
 */
export async function applyAndPublishEnd(deps: Deps, write: Update, end?: LogEnd): Promise<RequestItem | undefined> {
  const { applied, item } = await deps.store.write(write);
  const request = item && decodeRequest(item);
  if (applied && request && isTerminal(request.status)) await ensureTerminal(deps, request, 'processor', end);
  return applied ? undefined : request;
}
