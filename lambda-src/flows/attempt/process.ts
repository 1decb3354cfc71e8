import { EVENTS } from '../../../src/contract';
import {
  type BackoffLimits,
  backoff,
  type CancelReason,
  type Claim,
  cancelled,
  cancelledError,
  cancelledOutcome,
  deadlineExceeded,
  deadOutcome,
  decodeRequest,
  endWaiting,
  errorOutcome,
  expiry,
  finish,
  type HeadItem,
  isCancelHint,
  isOverdue,
  isTerminal,
  LEFT,
  type Leavable,
  leavableIn,
  logKey,
  type Outcome,
  type RequestItem,
  recoveryWrite,
  retry,
  type StoredBody,
  storeBody,
  type Update,
  untilDeadline,
  type WorkMessage,
  type WriteTime,
  withHistory,
} from '../../core';
import type { StreamerError } from '../../protocol';
import { capsOf } from '../caps/caps-of';
import { wakeLine } from '../caps/line';
import type { SliceEnd } from '../handlers/continuation';
import { ensureTerminal, type LogEnd } from '../log/terminal';
import { type Deps, writeTimeOf } from '../ports';
import { hasBeenLeft, watchViewers } from '../viewers/leaving';
import { type ClaimDeps, claimRequest, releaseSlots } from './claim';
import { continuation } from './continue';
import type { Failure } from './failure';
import { StaleAttempt } from './log';
import { openLog, type Reporter } from './reporter';
import { type AttemptDeps, type AttemptResult, deadlineOf, handlerTimeout, overdueAt, runAttempt } from './run-attempt';

/** Renews the lease while the handler runs, even if the handler blocks the thread. */
export interface Heartbeat {
  /** Resolves when the message is certain to come back at the end of the lease if this function dies. */
  start(claim: Claim, on: HeartbeatListener, watched: WatchedAttempt): Promise<void>;
  /** The processor has just read or written the head of the log: its thread is not blocked, and has seen whether the run is to be cancelled. */
  sawHead(): void;
  /** Disables the end by the heartbeat: the handler has returned, and its caller writes the outcome. */
  handlerEnded(): void;
  stop(): void;
}

/** Each function is called at most once. */
export interface HeartbeatListener {
  /** Another attempt has the lease, or the attempt was ended as overdue. */
  onLost(): void;
  onCancelled(reason: CancelReason): void;
}

/** Description of an attempt, for a heartbeat that acts in its place if its own thread is blocked. It is plain data, so that another thread can use it. */
export interface WatchedAttempt {
  readonly overdue: Overdue;
  /** The log whose head notifies the attempt of a cancellation. */
  readonly logKey: string;
  readonly run: number;
  /** The request, if it is cancelled after its viewers have left. */
  readonly leavable?: Leavable;
}

/** Writes that end an attempt that is blocked beyond its deadline; the first one that applies takes effect. */
export interface Overdue {
  /**
   * Time of the writes, in epoch milliseconds. It is later than the handler's deadline and grace time, and earlier than the end of the function by
   * Lambda.
   */
  readonly at: number;
  readonly writes: readonly Update[];
  /** Whether the process must end after the write, because the function may otherwise run much longer. */
  readonly endsProcess: boolean;
}

export interface ProcessDeps extends ClaimDeps, Omit<AttemptDeps, 'store'> {
  readonly heartbeat: Heartbeat;
  /** Records that the action's function starts requests. Never rejects. */
  readonly noteStart: () => Promise<void>;
  readonly progressRate: number;
  readonly retryBackoff: BackoffLimits;
}

export interface Delivery {
  readonly messageId: string;
  readonly body: WorkMessage;
  /** Epoch milliseconds at which Lambda ends the function. */
  readonly functionEndsAt: number;
}

/**
 * Result for the queue's message:
 *
 * - `done`: it is processed
 * - `abandoned`: it is processed, and the handler ignores its signal: only the end of the process ends it
 * - or the message becomes visible again after the given number of seconds
 */
export type Disposition = 'done' | 'abandoned' | { readonly againInSeconds: number };

/** Maximum characters of a result that is stored on the request's item. A longer result is a separate item. */
const INLINE_RESULT_CHARS = 1_024;
/** Seconds that are added to the remaining lease, so that the lease has ended when the queue delivers the message again. */
const SKEW_SECONDS = 2;
/** Time for which the end of a handler that ignores its signal waits for viewers: meanwhile the handler runs on. */
const ABANDONED_FLUSH_MS = 200;

/** Claims a request, runs its handler and writes the outcome. */
export async function processMessage(deps: ProcessDeps, delivery: Delivery): Promise<Disposition> {
  const { requestKey, notBefore } = delivery.body;
  const delivered = { messageId: delivery.messageId, notBefore };
  const claimed = await claimRequest(deps, requestKey, delivered);
  if (claimed.kind === 'refused') return resolveUnclaimed(deps, delivery, claimed.request);
  if (claimed.kind === 'parked') return 'done';
  if (claimed.kind === 'contended') return { againInSeconds: 1 + 2 * deps.platform.random() };
  try {
    // If the read fails, the handler starts, and the attempt reads the viewers again.
    const isLeft = await hasBeenLeft(deps, claimed.request).catch(() => false);
    const work = isLeft
      ? endLeft(deps, claimed.request)
      : processClaimed(deps, claimed.request, claimed.claim, delivery);
    const [abandoned] = await Promise.all([work, deps.noteStart()]);
    return abandoned ? 'abandoned' : 'done';
  } finally {
    await releaseSlots(deps, claimed.claim);
  }
}

/** Ends a request whose viewers left while it waited. Its handler does not run. @returns false, because no handler was abandoned */
async function endLeft(deps: ProcessDeps, request: RequestItem): Promise<boolean> {
  const at = writeTimeOf(deps);
  const write = endWaiting(request, cancelledOutcome(LEFT), at);
  await applyAndPublishEnd(deps, recorded(write, request, at, { error: cancelledError(LEFT), isAnswer: true }));
  return false;
}

/** Handles a message whose request could not be claimed, by the state of the request. */
async function resolveUnclaimed(
  deps: ProcessDeps,
  delivery: Delivery,
  request: RequestItem | undefined,
): Promise<Disposition> {
  if (!request || request.status === 'WAITING') return 'done';
  if (isTerminal(request.status)) {
    // its processor may have died before it sent the entry
    await ensureTerminal(deps, request, 'processor');
    await wakeLines(deps, request);
    return 'done';
  }
  const now = deps.platform.now();
  if (request.status === 'PENDING' && (request.notBefore ?? 0) > now) return again((request.notBefore ?? 0) - now);
  if (request.status === 'RUNNING' && (request.leaseUntil ?? 0) >= now) {
    // If this is the claim's own message, keep it, in case the claim's function is dead. Any other message is a duplicate.
    return request.messageId === delivery.messageId ? again((request.leaseUntil ?? now) - now) : 'done';
  }
  const write = recoveryWrite({ ...request, dueAt: now }, writeTimeOf(deps));
  if (write && write.kind === 'update') await applyAndPublishEnd(deps, write);
  await wakeLines(deps, request);
  return 'done';
}

/** Wakes the requests that waited for the slots of an attempt whose function died: their leases have ended. */
async function wakeLines(deps: ProcessDeps, request: RequestItem): Promise<void> {
  if (!deps.caps) return;
  for (const cap of await capsOf(deps.store, deps.caps, request)) await wakeLine(deps, cap);
}

const again = (ms: number): Disposition => ({ againInSeconds: Math.ceil(ms / 1000) + SKEW_SECONDS });

/** @returns whether the handler was abandoned */
async function processClaimed(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  delivery: Delivery,
): Promise<boolean> {
  const { heartbeat } = deps;
  const stop = new AbortController();
  const onLost = () => stop.abort(new StaleAttempt());
  const onCancelled = (reason: CancelReason) => stop.abort(cancelledError(reason));
  const overdue = overdueOf(deps, request, delivery);
  const watched = { logKey: logKey(request), run: request.run, overdue, ...leavableIn(request) };
  const beating = heartbeat.start(claim, { onLost, onCancelled }, watched);
  const onHead = (head: HeadItem) => {
    heartbeat.sawHead();
    if (isCancelHint(head, request)) onCancelled(head);
  };
  const over = new AbortController();
  if (watched.leavable) void watchViewers(deps, request, over.signal, onCancelled);
  try {
    const reporter = await openLog(deps, request, { ratePerSecond: deps.progressRate, onStale: onLost, onHead });
    return await runClaimed(deps, request, claim, { beating, reporter, stop, delivery });
  } catch (error) {
    if (!(error instanceof StaleAttempt)) throw error;
    deps.log.warn('another attempt has taken over', { requestKey: request.requestKey, fence: request.fence });
    return error.abandoned;
  } finally {
    over.abort();
    heartbeat.stop();
  }
}

interface OpenAttempt {
  readonly beating: Promise<void>;
  readonly reporter: Reporter;
  readonly stop: AbortController;
  readonly delivery: Delivery;
}

async function runClaimed(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  { beating, reporter, stop, delivery }: OpenAttempt,
): Promise<boolean> {
  let abandoned = false;
  try {
    await beating;
    const result = await runAttempt(deps, request, reporter, stop, delivery.functionEndsAt);
    abandoned = 'error' in result && result.abandoned === true;
    deps.heartbeat.handlerEnded();
    await reporter.finish();
    if (!(stop.signal.reason instanceof StaleAttempt)) await finishAttempt(deps, request, claim, result, reporter.end);
  } finally {
    await reporter.close(abandoned ? ABANDONED_FLUSH_MS : undefined);
  }
  return abandoned;
}

function overdueOf(deps: ProcessDeps, request: RequestItem, { functionEndsAt }: Delivery): Overdue {
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
async function finishAttempt(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  result: AttemptResult,
  end: LogEnd,
): Promise<void> {
  const at = writeTimeOf(deps);
  const text = 'text' in result ? result.text : 'error' in result ? result.partial : undefined;
  const value = text === undefined ? undefined : await storedBody(deps, request, text, at);
  const published = { ...end, body: text };
  const endBy = (write: Update) => applyAndPublishEnd(deps, recorded(write, request, at, result), published);
  const write =
    'sliceEnd' in result
      ? await continuation(deps, request, claim, result.sliceEnd, at)
      : endOf(deps, request, claim, result, value, at);
  const refused = await endBy(write);
  if (refused?.cancelRequested) await endBy(cancelled(claim, cancelledOutcome(refused, value), at));
}

function endOf(
  deps: ProcessDeps,
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

/** The end of a failed attempt: another attempt, or that of the run. */
function failureWrite(
  deps: ProcessDeps,
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

/** The write that may end an attempt, with the attempt in the history. */
function recorded(write: Update, request: RequestItem, at: WriteTime, result: AttemptResult): Update {
  const failed = 'error' in result && { error: result.error.toWire(), cause: result.cause };
  return withHistory(write, request, { endedAt: at.now, ...failed });
}

function waitMs(deps: ProcessDeps, request: RequestItem, error: StreamerError): number {
  const wait = backoff(deps.retryBackoff, request.attempt, deps.platform.random());
  return Math.max(wait, (error.retryAfter ?? 0) * 1000);
}

const timedOut = (): Failure => ({ error: handlerTimeout(), isAnswer: false });

/** Creates the outcome of a failed run. If an answer is retryable but no attempt follows, the attempts are used up, so it becomes a dead letter. */
function failure({ error, isAnswer }: Failure, request: RequestItem, partial?: StoredBody): Outcome {
  const wire = error.toWire();
  const details = wire.details ?? (request.attempt > 1 ? { attempt: request.attempt } : undefined);
  const last = { ...wire, retryable: false, ...(details !== undefined && { details }) };
  return isAnswer && !error.retryable ? errorOutcome(last, partial) : deadOutcome(last);
}

async function storedBody(deps: Deps, request: RequestItem, text: string, at: WriteTime): Promise<StoredBody> {
  if (text.length <= INLINE_RESULT_CHARS) return { body: text };
  const put = storeBody(logKey(request), request.fence, text, expiry(at));
  await deps.store.write(put);
  return { bodyAt: Number(put.key[EVENTS.sortKey]) };
}

/**
 * Applies a write; if it ended the request, appends the terminal entry to the log.
 *
 * @returns the request whose state has refused the write; undefined if it was applied, or if the request does not exist any more
 */
async function applyAndPublishEnd(deps: Deps, write: Update, end?: LogEnd): Promise<RequestItem | undefined> {
  const { applied, item } = await deps.store.write(write);
  const request = item && decodeRequest(item);
  if (applied && request && isTerminal(request.status)) await ensureTerminal(deps, request, 'processor', end);
  return applied ? undefined : request;
}
