import {
  type CancelReason,
  type Claim,
  cancelledError,
  cancelledOutcome,
  endWaiting,
  type HeadItem,
  isCancelHint,
  isTerminal,
  LEFT,
  type Leavable,
  leavableIn,
  logKey,
  type RequestItem,
  recoveryWrite,
  type WorkMessage,
} from '../../core';
import { capsOf, wakeLine } from '../caps/line';
import { ensureTerminal } from '../log/terminal';
import { writeTimeOf } from '../ports';
import { hasBeenLeft, watchViewers } from '../viewers/leaving';
import { type ClaimDeps, claimRequest, releaseSlots } from './claim';
import { applyAndPublishEnd, type EndDeps, finishAttempt, type Overdue, overdueOf, recorded } from './end';
import { StaleAttempt } from './log';
import { openLog, type Reporter } from './reporter';
import { AbandonedAttempt, type AttemptDeps, runAttempt } from './run-attempt';

/** Renews the lease while the handler runs, even if the handler blocks the thread. */
export interface Heartbeat {
  /** Resolves when it is certain that the queue delivers the message again at the end of the lease if this function dies. */
  start(claim: Claim, on: HeartbeatListener, watched: WatchedAttempt): Promise<void>;
  /**
   * Called when the processor has read or written the head of the log. Its thread is then not blocked, and has read whether the run is to be
   * cancelled.
   */
  sawHead(): void;
  /** Prevents the heartbeat from ending the attempt, because the handler has returned and its caller writes the outcome. */
  handlerEnded(): void;
  stop(): void;
}

/** Each function is called at most once. */
export interface HeartbeatListener {
  /** Called if another attempt has the lease, or if the attempt was ended as overdue. */
  onLost(): void;
  onCancelled(reason: CancelReason): void;
}

/**
 * Description of an attempt for its heartbeat, which ends the attempt if the attempt's own thread is blocked. It is plain data, so that another
 * thread can use it.
 */
export interface WatchedAttempt {
  readonly overdue: Overdue;
  /** The log whose head notifies the attempt of a cancellation. */
  readonly logKey: string;
  readonly run: number;
  /** The request, if it is cancelled after its viewers have left. */
  readonly leavable?: Leavable;
}

export interface ProcessDeps extends ClaimDeps, EndDeps, Omit<AttemptDeps, 'store'> {
  readonly heartbeat: Heartbeat;
  /** Records that the action's function starts requests. Never rejects. */
  readonly noteStart: () => Promise<void>;
  readonly progressRate: number;
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
 * - `done`: the message is processed
 * - `abandoned`: the message is processed, but the handler ignores its signal, so only the end of the process ends the handler
 * - `againInSeconds`: the message becomes visible again after this number of seconds
 */
export type Disposition = 'done' | 'abandoned' | { readonly againInSeconds: number };

/** Seconds that are added to the remaining lease, so that the lease has ended when the queue delivers the message again. */
const SKEW_SECONDS = 2;
/** Time to wait for viewers if the handler ignores its signal. It is short, because the handler continues to run in the meantime. */
const ABANDONED_FLUSH_MS = 200;

/**
 * Claims a request, runs its handler and writes the outcome.
 *
 * @throws AbandonedAttempt if the outcome could not be written and the handler still runs: the caller must end the process
 */
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

/** Handles a message whose request could not be claimed. The state of the request determines the result. */
async function resolveUnclaimed(
  deps: ProcessDeps,
  delivery: Delivery,
  request: RequestItem | undefined,
): Promise<Disposition> {
  if (!request || request.status === 'WAITING') return 'done';
  if (isTerminal(request.status)) {
    // the request's processor may have died before it sent the entry
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

/** Wakes the requests that waited for the slots of an attempt whose function died. The leases of these slots have ended. */
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
  const overdue = overdueOf(deps, request, delivery.functionEndsAt);
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
    const abandoned = error instanceof AbandonedAttempt;
    if (!((abandoned ? error.cause : error) instanceof StaleAttempt)) throw error;
    deps.log.warn('another attempt has taken over', { requestKey: request.requestKey, fence: request.fence });
    return abandoned;
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
    if (!(stop.signal.reason instanceof StaleAttempt)) await finishAttempt(deps, request, claim, result, reporter);
  } catch (error) {
    throw abandoned ? new AbandonedAttempt(error) : error;
  } finally {
    await reporter.close(abandoned ? ABANDONED_FLUSH_MS : undefined);
  }
  return abandoned;
}
