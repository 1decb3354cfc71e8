import { StreamerError } from '../protocol';
import { deadOutcome, errorOutcome, type Outcome, type RequestItem } from './request';
import {
  dueOfPending,
  endExpiredLease,
  endPending,
  requeueExpiredLease,
  rescheduleCheck,
  type WriteTime,
} from './transitions';
import type { Write } from './write';

/** The longest interval at which a waiting request is woken: the first one is a minute, and each further one is twice as long. */
const MAX_WAKING_MS = 15 * 60_000;

/** The write that brings a request forward that the due index named; undefined if its time has not come. */
export function recoveryWrite(request: RequestItem, at: WriteTime): Write | undefined {
  if (request.dueAt === undefined || request.dueAt > at.now) return undefined;
  if (request.status === 'PENDING') return recoverPending(request, at);
  if (request.status === 'RUNNING') return recoverRunning(request, at);
  return undefined;
}

/**
 * Wakes a request that waits in a long queue. The intervals grow, because such a request is not lost, and waking would otherwise be most of
 * the work.
 */
function recoverPending(request: RequestItem, at: WriteTime): Write {
  if (request.cancelRequested) return endPending(request, 'CANCELLED', cancelledOutcome(), at);
  const { requestKey, notBefore = at.now, pendingSince } = request;
  const soonest = dueOfPending(requestKey, notBefore, at.now).dueAt;
  const waited = at.now - pendingSince;
  return rescheduleCheck(request, Math.max(soonest, at.now + Math.min(waited, MAX_WAKING_MS)), at);
}

function recoverRunning(request: RequestItem, at: WriteTime): Write {
  const { leaseUntil = 0 } = request;
  if (leaseUntil >= at.now) return rescheduleCheck(request, leaseUntil, at);
  if (request.cancelRequested) return endExpiredLease(request, 'CANCELLED', cancelledOutcome(), at);
  return request.attempt < request.maxAttempts
    ? requeueExpiredLease(request, at)
    : endExpiredLease(request, 'FAILED', lostOutcome(request), at);
}

export const cancelledOutcome = (): Outcome =>
  errorOutcome(new StreamerError('CANCELLED', 'The request was cancelled.').toWire());

export const lostOutcome = ({ attempt }: RequestItem): Outcome => {
  const message = 'The function that ran the request died, and no attempts are left.';
  return deadOutcome(new StreamerError('ATTEMPT_LOST', message, { details: { attempt } }).toWire());
};
