import { StreamerError } from '../protocol';
import { cancelledOutcome, isOverdue, overdueOutcome, untilDeadline } from './cancellation';
import { deadOutcome, type Outcome, type RequestItem } from './request';
import {
  dueOfPending,
  endExpiredLease,
  endPending,
  GRACE_MS,
  requeueExpiredLease,
  rescheduleCheck,
  type WriteTime,
} from './transitions';
import type { Write } from './write';

/**
 * Longest interval in milliseconds between two wake-ups of a waiting request. The first interval is a minute, and each further one is twice as long.
 */
const MAX_WAKING_MS = 15 * 60_000;
/** The longest interval at which the line of a request that waits for a slot is checked. */
const MAX_LINE_CHECK_MS = 4 * 60_000;

/** Returns the write by which a request of the due index continues or ends; undefined if the request is not due yet. */
export function recoveryWrite(request: RequestItem, at: WriteTime): Write | undefined {
  if (request.dueAt === undefined || request.dueAt > at.now) return undefined;
  if (request.status === 'PENDING') return recoverPending(request, at);
  if (request.status === 'RUNNING') return recoverRunning(request, at);
  if (request.status === 'WAITING') return recoverWaiting(request, at);
  return undefined;
}

/**
 * Creates the write that wakes a request, so that the dispatcher sends it again. The intervals grow, because a request that waits in a long queue is
 * not lost. With a fixed interval, the sweeper would mostly wake such requests.
 */
function recoverPending(request: RequestItem, at: WriteTime): Write {
  if (request.cancelRequested) return endPending(request, 'CANCELLED', cancelledOutcome(request), at);
  if (isOverdue(request, at.now)) return endPending(request, 'FAILED', overdueOutcome(), at);
  const { requestKey, notBefore = at.now } = request;
  const soonest = dueOfPending(requestKey, notBefore, at.now).dueAt;
  return recheck(request, MAX_WAKING_MS, at, soonest);
}

function recoverWaiting(request: RequestItem, at: WriteTime): Write {
  if (isOverdue(request, at.now)) return endPending(request, 'FAILED', overdueOutcome(), at);
  return recheck(request, MAX_LINE_CHECK_MS, at);
}

/** Schedules the next check. The interval is as long as the request has waited so far, but at most `maxMs`. */
function recheck(request: RequestItem, maxMs: number, at: WriteTime, soonest = at.now + GRACE_MS): Write {
  const waited = at.now - request.pendingSince;
  const next = Math.max(soonest, at.now + Math.min(waited, maxMs));
  return rescheduleCheck(request, untilDeadline(request, next), at);
}

function recoverRunning(request: RequestItem, at: WriteTime): Write {
  const { leaseUntil = 0 } = request;
  if (leaseUntil >= at.now) return rescheduleCheck(request, leaseUntil, at);
  if (request.cancelRequested) return endExpiredLease(request, 'CANCELLED', cancelledOutcome(request), at);
  if (isOverdue(request, at.now)) return endExpiredLease(request, 'FAILED', overdueOutcome(), at);
  return request.attempt < request.maxAttempts
    ? requeueExpiredLease(request, at)
    : endExpiredLease(request, 'FAILED', lostOutcome(request), at);
}

export const lostOutcome = ({ attempt }: RequestItem): Outcome => {
  const message = 'The function that ran the request died, and no attempts are left.';
  return deadOutcome(new StreamerError('ATTEMPT_LOST', message, { details: { attempt } }).toWire());
};
