import { dueAt, requestItemKey } from './keys';
import { historyWith, lostAttempt, type RequestItem } from './request';
import {
  attemptsLeft,
  type ConditionalUpdate,
  expiry,
  GRACE_MS,
  LEASE_MS,
  leaseLost,
  notCancelled,
  notOverdue,
  type WriteTime,
} from './transitions';
import { absent, and, type Condition, eq, lte, or } from './write';

/** The claim of a request by a processor: the transition from PENDING, or from an expired lease, to RUNNING. */

/** The queue message from which a processor received a request. */
export interface Delivered {
  readonly messageId: string;
  /** The `notBefore` in the message. The queue delayed the message until this time. */
  readonly notBefore?: number;
}

/**
 * Condition that a pending request has waited for its delay. Either the queue has delivered a message with this delay, or the delay has ended by this
 * function's clock. The queue's delivery alone is sufficient, because the clocks of two functions may differ.
 */
function mayStart({ notBefore }: Delivered, now: number): Condition {
  const waited = [absent('notBefore'), lte('notBefore', now)];
  return and(eq('status', 'PENDING'), or(...waited, ...(notBefore === undefined ? [] : [eq('notBefore', notBefore)])));
}

/**
 * Whether a claim moves the request's due key to the end of its lease. A move costs two writes of the due index. A claim `keeps` a key that makes the
 * sweeper check the request soon enough, and the write fails if the key is later than that. Most claims follow a minute or less after the write that
 * made the request pending, so they keep its key.
 */
export type DueKey = 'keeps' | 'moves';

/** Starts the next attempt of a pending request. */
export const claim = (requestKey: string, delivered: Delivered, at: WriteTime, due: DueKey): ConditionalUpdate =>
  start(requestKey, delivered, at, due, mayStart(delivered, at.now));

/** Latest due key that a claim keeps: the sweeper then checks the lease as soon after its end as it checks a request that is pending. */
const latestKept = (now: number): number => now + LEASE_MS + GRACE_MS;

/** Returns whether the claim of a request that was read keeps or moves its due key. */
export const dueKeyOf = ({ dueAt: due = Number.POSITIVE_INFINITY }: Pick<RequestItem, 'dueAt'>, now: number): DueKey =>
  due <= latestKept(now) ? 'keeps' : 'moves';

/**
 * Starts the next attempt of a request whose processor died. In contrast to `claim`, it needs a read of the request, because it adds the lost attempt
 * to the history.
 */
export function takeOver(request: RequestItem, delivered: Delivered, at: WriteTime): ConditionalUpdate {
  const mayTakeOver = and(leaseLost(request, at.now), attemptsLeft);
  const write = start(request.requestKey, delivered, at, dueKeyOf(request, at.now), mayTakeOver);
  return { ...write, set: { ...write.set, attempts: historyWith(request, lostAttempt(request)) } };
}

function start(
  requestKey: string,
  { messageId }: Delivered,
  at: WriteTime,
  due: DueKey,
  when: Condition,
): ConditionalUpdate {
  const leaseUntil = at.now + LEASE_MS;
  const lease = { leaseUntil, messageId, expiresAt: expiry(at), ...(due === 'moves' && dueAt(requestKey, leaseUntil)) };
  const isSoon = due === 'keeps' ? [lte('dueAt', latestKept(at.now))] : [];
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: { status: 'RUNNING', startedAt: at.now, ...lease },
    add: { fence: 1, attempt: 1 },
    remove: ['notBefore'],
    when: and(when, notCancelled, notOverdue(at.now), ...isSoon),
  };
}
