import { EVENTS } from '../../src/contract';
import { type BackoffLimits, backoff } from '../core/backoff';
import { logKey } from '../core/keys';
import { storeBody } from '../core/log';
import { asRequest, errorOutcome, isTerminal, type Outcome, type RequestItem } from '../core/request';
import type { Claim, Moment } from '../core/transitions';
import * as transitions from '../core/transitions';
import type { WorkMessage } from '../core/work-message';
import type { Update } from '../core/write';
import type { StreamerError } from '../protocol';
import { StaleAttempt } from './attempt-log';
import { momentOf } from './moment';
import { type AttemptDeps, type AttemptResult, outcomeOf } from './outcome';
import type { Deps } from './ports';
import { type LogEnd, openLog } from './reporter';
import { cancelledOutcome, decide } from './sweep';
import { ensureTerminal } from './terminal';

/** Renews the lease while the handler runs, whatever it does to the thread that it runs on. */
export interface Heartbeat {
  /**
   * Resolves when the message will come back with the end of the lease, should this function die.
   *
   * @param onLost called once when the lease could not be renewed because it is another's
   */
  start(claim: Claim, onLost: () => void): Promise<void>;
  stop(): void;
}

export interface ProcessDeps extends Deps, Omit<AttemptDeps, 'store'> {
  readonly heartbeat: Heartbeat;
  /** Notes that the action's function starts requests. Never rejects. */
  readonly noteStart: () => Promise<void>;
  readonly progressRate: number;
  readonly retryBackoff: BackoffLimits;
}

export interface Delivery {
  readonly messageId: string;
  readonly body: WorkMessage;
  /** Epoch milliseconds at which the function itself will be ended. */
  readonly functionEndsAt: number;
}

/** What becomes of the queue's message: it is done with, or it comes back after that many seconds. */
export type Disposition = 'done' | { readonly againInSeconds: number };

/** A result up to this many characters is kept on the request itself; a longer one in an item of its own. */
const INLINE_RESULT_CHARS = 1_024;
/** Added to a wait for a lease to end, so that it has ended when the message comes back. */
const SKEW_SECONDS = 2;

/** Claims a request, runs its handler and writes what came of it. */
export async function processMessage(deps: ProcessDeps, delivery: Delivery): Promise<Disposition> {
  const { requestKey, notBefore } = delivery.body;
  const delivered = { messageId: delivery.messageId, notBefore };
  const claimed = await deps.store.write(transitions.claim(requestKey, delivered, momentOf(deps)));
  if (!claimed.applied) return settle(deps, delivery, claimed.item && asRequest(claimed.item));
  await Promise.all([deps.noteStart(), runAttempt(deps, asRequest(claimed.item ?? {}), delivery)]);
  return 'done';
}

/** Nothing to run: decides what to do with the message by the state that the request is in. */
async function settle(deps: ProcessDeps, delivery: Delivery, request: RequestItem | undefined): Promise<Disposition> {
  if (!request || request.status === 'WAITING') return 'done';
  if (isTerminal(request.status)) {
    // its processor may have died before it sent the entry
    await ensureTerminal(deps, request, 'processor');
    return 'done';
  }
  const now = deps.world.now();
  if (request.status === 'PENDING' && (request.notBefore ?? 0) > now) return again((request.notBefore ?? 0) - now);
  if (request.status === 'RUNNING' && (request.leaseUntil ?? 0) >= now) {
    // the claim's own message came back: stay, in case its function is dead; any other one is a duplicate
    return request.messageId === delivery.messageId ? again((request.leaseUntil ?? now) - now) : 'done';
  }
  const write = decide({ ...request, dueAt: now }, momentOf(deps));
  if (write && write.kind === 'update') await endIf(deps, write);
  return 'done';
}

const again = (ms: number): Disposition => ({ againInSeconds: Math.ceil(ms / 1000) + SKEW_SECONDS });

async function runAttempt(deps: ProcessDeps, request: RequestItem, delivery: Delivery): Promise<void> {
  const claim: Claim = { requestKey: request.requestKey, fence: request.fence };
  const stop = new AbortController();
  const onStale = () => stop.abort(new StaleAttempt());
  const beating = deps.heartbeat.start(claim, onStale);
  try {
    const reporter = await openLog(deps, request, {
      ratePerSecond: deps.progressRate,
      limits: deps.limits,
      onStale,
    });
    try {
      await beating;
      const outcome = await outcomeOf(deps, request, reporter, stop, delivery.functionEndsAt);
      await reporter.finish();
      if (!(stop.signal.reason instanceof StaleAttempt)) await conclude(deps, request, claim, outcome, reporter.end);
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

/** Writes the end of the attempt: a result, another try, or the failure. Cancellation wins. */
async function conclude(
  deps: ProcessDeps,
  request: RequestItem,
  claim: Claim,
  result: AttemptResult,
  end: LogEnd,
): Promise<void> {
  const at = momentOf(deps);
  if ('error' in result && result.error.retryable && request.tries < request.maxTries) {
    const { applied } = await deps.store.write(
      transitions.retry(claim, at.now + waitMs(deps, request, result.error), at),
    );
    if (applied) return;
  }
  const outcome = 'error' in result ? failure(result.error, request) : await success(deps, request, result.text, at);
  const body = 'error' in result ? undefined : result.text;
  if (await endIf(deps, transitions.finish(claim, outcome, at), { ...end, body })) return;
  await endIf(deps, transitions.cancelled(claim, cancelledOutcome(), at), end);
}

function waitMs(deps: ProcessDeps, request: RequestItem, error: StreamerError): number {
  const wait = backoff(deps.retryBackoff, request.tries, deps.world.random());
  return Math.max(wait, (error.retryAfter ?? 0) * 1000);
}

function failure(error: StreamerError, request: RequestItem): Outcome {
  const wire = error.toWire();
  const details = wire.details ?? (request.tries > 1 ? { tries: request.tries } : undefined);
  return errorOutcome({ ...wire, retryable: false, ...(details !== undefined && { details }) });
}

async function success(deps: Deps, request: RequestItem, text: string, at: Moment): Promise<Outcome> {
  if (text.length <= INLINE_RESULT_CHARS) return { kind: 'result', body: text };
  const put = storeBody(logKey(request), request.fence, text, transitions.expiry(at));
  await deps.store.write(put);
  return { kind: 'result', bodyAt: Number(put.key[EVENTS.sortKey]) };
}

/** Applies a write; where it ended the request, its log gets the terminal entry. */
async function endIf(deps: Deps, write: Update, end?: LogEnd): Promise<boolean> {
  const { applied, item } = await deps.store.write(write);
  const request = item && asRequest(item);
  if (applied && request && isTerminal(request.status)) await ensureTerminal(deps, request, 'processor', end);
  return applied;
}
