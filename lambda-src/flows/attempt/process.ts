import { EVENTS } from '../../../src/contract';
import {
  type BackoffLimits,
  backoff,
  type Claim,
  cancelled,
  cancelledOutcome,
  deadOutcome,
  decodeRequest,
  errorOutcome,
  expiry,
  finish,
  isTerminal,
  logKey,
  type Outcome,
  type RequestItem,
  recoveryWrite,
  retry,
  storeBody,
  type Update,
  type WorkMessage,
  type WriteTime,
  withHistory,
} from '../../core';
import type { StreamerError } from '../../protocol';
import { ensureTerminal, type LogEnd } from '../log/terminal';
import { type Deps, writeTimeOf } from '../ports';
import { type ClaimDeps, claimRequest, unlock } from './claim';
import type { Failure } from './failure';
import { StaleAttempt } from './log';
import { openLog } from './reporter';
import { type AttemptDeps, type AttemptResult, deadlineOf, handlerTimeout, overdueAt, runAttempt } from './run-attempt';

/** Renews the lease while the handler runs, even if the handler blocks the thread. */
export interface Heartbeat {
  /**
   * Starts the renewal. Resolves when it is certain that the queue will deliver the message again after the lease if this function dies.
   *
   * @param onLost called once if another attempt has the lease, or if `overdue` ended the attempt
   * @param overdue writes that end the attempt of a handler that blocks its thread beyond the deadline
   */
  start(claim: Claim, onLost: () => void, overdue: Overdue): Promise<void>;
  /** Disables the `overdue` writes. The handler has returned, and its caller writes the outcome. */
  handlerEnded(): void;
  stop(): void;
}

/**
 * Writes that end an attempt whose thread is blocked. They are tried in order, and the first one that applies takes effect. They are plain data, so
 * that another thread can use them.
 */
export interface Overdue {
  /**
   * Time of the writes, in epoch milliseconds. It is later than the handler's deadline and grace time, and earlier than the end of the function by
   * Lambda.
   */
  readonly at: number;
  readonly writes: readonly Update[];
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
  /** Number of times that the queue has delivered the message, including this time. */
  readonly receives: number;
  /** Epoch milliseconds at which Lambda ends the function. */
  readonly functionEndsAt: number;
}

/** Decision about the queue's message: it is processed, or the queue delivers it again after the given number of seconds. */
export type Disposition = 'done' | { readonly againInSeconds: number };

/** Maximum characters of a result that is stored on the request's item. A longer result is a separate item. */
const INLINE_RESULT_CHARS = 1_024;
/** Seconds that are added to the remaining lease, so that the lease has ended when the queue delivers the message again. */
const SKEW_SECONDS = 2;
/**
 * Milliseconds for which an invocation waits if its message finds the action locked. A serial action has at most two invocations. While one waits,
 * the queue cannot deliver its other messages again and again.
 */
const LOCKED_MS = 4_000;
/**
 * Number of receives after which a message that finds the action locked is dropped. It is half of the queue's maximum. At 5 s per receive that takes
 * 40 min, in which the sweeper has sent other messages for the same request.
 */
const MAX_LOCKED_RECEIVES = 500;

/** Claims a request, runs its handler and writes the outcome. */
export async function processMessage(deps: ProcessDeps, delivery: Delivery): Promise<Disposition> {
  const { requestKey, notBefore } = delivery.body;
  const delivered = { messageId: delivery.messageId, notBefore };
  const claimed = await claimRequest(deps, requestKey, delivered);
  if (claimed.kind === 'refused') return resolveUnclaimed(deps, delivery, claimed.request);
  if (claimed.kind === 'locked') return waitForLock(deps, delivery);
  try {
    await Promise.all([deps.noteStart(), processClaimed(deps, claimed.request, claimed.claim, delivery)]);
  } finally {
    await unlock(deps, claimed.claim);
  }
  return 'done';
}

/**
 * Waits, and then returns the message to the queue. The request was not claimed, so no attempt is counted. The next invocation has the function's
 * full time.
 */
async function waitForLock({ platform }: ProcessDeps, { receives, functionEndsAt }: Delivery): Promise<Disposition> {
  if (receives >= MAX_LOCKED_RECEIVES) return 'done';
  await platform.sleep(Math.min(LOCKED_MS, (functionEndsAt - platform.now()) / 2));
  return { againInSeconds: 1 + 2 * platform.random() };
}

/** Handles a message whose request could not be claimed. The decision depends on the request's state. */
async function resolveUnclaimed(
  deps: ProcessDeps,
  delivery: Delivery,
  request: RequestItem | undefined,
): Promise<Disposition> {
  if (!request || request.status === 'WAITING') return 'done';
  if (isTerminal(request.status)) {
    // its processor may have died before it sent the entry
    await ensureTerminal(deps, request, 'processor');
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
  return 'done';
}

const again = (ms: number): Disposition => ({ againInSeconds: Math.ceil(ms / 1000) + SKEW_SECONDS });

async function processClaimed(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  delivery: Delivery,
): Promise<void> {
  const stop = new AbortController();
  const onStale = () => stop.abort(new StaleAttempt());
  const beating = deps.heartbeat.start(claim, onStale, overdueOf(deps, request, delivery));
  try {
    const reporter = await openLog(deps, request, {
      ratePerSecond: deps.progressRate,
      onStale,
    });
    try {
      await beating;
      const outcome = await runAttempt(deps, request, reporter, stop, delivery.functionEndsAt);
      deps.heartbeat.handlerEnded();
      await reporter.finish();
      if (!(stop.signal.reason instanceof StaleAttempt))
        await finishAttempt(deps, request, claim, outcome, reporter.end);
    } finally {
      await reporter.close();
    }
  } catch (error) {
    if (!(error instanceof StaleAttempt)) throw error;
    deps.log.warn('another attempt has taken over', { requestKey: request.requestKey, fence: request.fence });
  } finally {
    deps.heartbeat.stop();
  }
}

function overdueOf(deps: ProcessDeps, request: RequestItem, { functionEndsAt }: Delivery): Overdue {
  const deadline = deadlineOf(functionEndsAt, deps.platform.now());
  const at = overdueAt(deadline, functionEndsAt);
  return { at, writes: failureWrites(deps, request, timedOut(), { ...writeTimeOf(deps), now: at }) };
}

/** Writes the end of the attempt: a result, another attempt, or the failure. If the request was cancelled, it ends as cancelled instead. */
async function finishAttempt(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  result: AttemptResult,
  end: LogEnd,
): Promise<void> {
  const at = writeTimeOf(deps);
  if ('error' in result) return endByFirst(deps, failureWrites(deps, request, result, at), end);
  const outcome = await success(deps, request, result.text, at);
  const writes = recorded([finish(claim, outcome, at), cancelled(claim, cancelledOutcome(), at)], request, at);
  await endByFirst(deps, writes, { ...end, body: result.text });
}

/** Returns the writes that can end a failed attempt. They are tried in order, until one applies. */
function failureWrites(deps: ProcessDeps, request: RequestItem, failed: Failure, at: WriteTime): Update[] {
  const { requestKey, fence, attempt, maxAttempts } = request;
  const claim = { requestKey, fence };
  const { error } = failed;
  const mayRetry = error.retryable && attempt < maxAttempts;
  const writes = [
    ...(mayRetry ? [retry(claim, at.now + waitMs(deps, request, error), at)] : []),
    ...(mayRetry ? [] : [finish(claim, failure(failed, request), at)]),
    cancelled(claim, cancelledOutcome(), at),
  ];
  return recorded(writes, request, at, failed);
}

/** The writes that may end an attempt, each with the attempt in the history. */
function recorded(writes: readonly Update[], request: RequestItem, at: WriteTime, failed?: Failure): Update[] {
  const end = { endedAt: at.now, ...(failed && { error: failed.error.toWire(), cause: failed.cause }) };
  return writes.map((write) => withHistory(write, request, end));
}

async function endByFirst(deps: Deps, writes: readonly Update[], end: LogEnd): Promise<void> {
  for (const write of writes) if (await applyAndPublishEnd(deps, write, end)) return;
}

function waitMs(deps: ProcessDeps, request: RequestItem, error: StreamerError): number {
  const wait = backoff(deps.retryBackoff, request.attempt, deps.platform.random());
  return Math.max(wait, (error.retryAfter ?? 0) * 1000);
}

const timedOut = (): Failure => ({ error: handlerTimeout(), isAnswer: false });

/** Creates the outcome of a failed run. If an answer is retryable but no attempt follows, the attempts are used up, so it becomes a dead letter. */
function failure({ error, isAnswer }: Failure, request: RequestItem): Outcome {
  const wire = error.toWire();
  const details = wire.details ?? (request.attempt > 1 ? { attempt: request.attempt } : undefined);
  const last = { ...wire, retryable: false, ...(details !== undefined && { details }) };
  return isAnswer && !error.retryable ? errorOutcome(last) : deadOutcome(last);
}

async function success(deps: Deps, request: RequestItem, text: string, at: WriteTime): Promise<Outcome> {
  if (text.length <= INLINE_RESULT_CHARS) return { kind: 'result', body: text };
  const put = storeBody(logKey(request), request.fence, text, expiry(at));
  await deps.store.write(put);
  return { kind: 'result', bodyAt: Number(put.key[EVENTS.sortKey]) };
}

/** Applies a write. If it ended the request, appends the terminal entry to the log. */
async function applyAndPublishEnd(deps: Deps, write: Update, end?: LogEnd): Promise<boolean> {
  const { applied, item } = await deps.store.write(write);
  const request = item && decodeRequest(item);
  if (applied && request && isTerminal(request.status)) await ensureTerminal(deps, request, 'processor', end);
  return applied;
}
