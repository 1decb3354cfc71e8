import { StreamerError } from '../protocol';
import type { HeadItem } from './log';
import { errorOutcome, type Outcome, type RequestItem, type StoredBody } from './request';
import { endExpiredLease, endWaiting, requestCancel, type WriteTime } from './transitions';
import type { Update } from './write';

/** The reason that the user gave, if any. */
export type CancelReason = Pick<RequestItem, 'cancelReason'>;

/** The error of a cancelled request, which is also the reason of its handler's signal. */
export const cancelledError = ({ cancelReason }: CancelReason): StreamerError =>
  new StreamerError('CANCELLED', 'The request was cancelled.', {
    details: cancelReason === undefined ? undefined : { reason: cancelReason },
  });

export const cancelledOutcome = (reason: CancelReason, partial?: StoredBody): Outcome =>
  errorOutcome(cancelledError(reason).toWire(), partial);

/** Whether the head of a log notifies the running attempt that the run is to be cancelled. */
export const isCancelHint = ({ cancelledRun }: HeadItem, { run }: Pick<RequestItem, 'run'>): boolean =>
  cancelledRun === run;

/**
 * Returns the next write that cancels the request. Returns undefined if no write is needed, because the request has ended, or because its attempt
 * will end it.
 *
 * The write ends a request that waits, and a request whose attempt died. In any other case, the running attempt ends the request.
 */
export function cancelWrite(request: RequestItem, reason: CancelReason, at: WriteTime): Update | undefined {
  const { status, cancelRequested, leaseUntil = 0 } = request;
  if (status === 'PENDING' || status === 'WAITING') return endWaiting(request, cancelledOutcome(reason), at);
  if (status !== 'RUNNING') return undefined;
  if (leaseUntil < at.now) {
    return endExpiredLease(request, 'CANCELLED', cancelledOutcome(cancelRequested ? request : reason), at);
  }
  return cancelRequested ? undefined : requestCancel(request, reason);
}

type HasDeadline = Pick<RequestItem, 'deadlineAt'>;

/** Whether the deadline of the request is over. */
export const isOverdue = ({ deadlineAt }: HasDeadline, now: number): boolean =>
  deadlineAt !== undefined && deadlineAt <= now;

/** The earlier of a time and the request's deadline, in epoch milliseconds. */
export const untilDeadline = ({ deadlineAt }: HasDeadline, time: number): number =>
  Math.min(time, deadlineAt ?? Number.POSITIVE_INFINITY);

/** The error of a request whose deadline is over, which is also the reason of its handler's signal. It is not retried. */
export const deadlineExceeded = (): StreamerError =>
  new StreamerError('DEADLINE_EXCEEDED', 'The request did not end before its deadline.');

export const overdueOutcome = (partial?: StoredBody): Outcome => errorOutcome(deadlineExceeded().toWire(), partial);
