import { CONSTANTS } from '../protocol';
import { untilDeadline } from './cancellation';
import type { Cap, HeldSlot } from './caps';
import { deadAt, dueAt, requestItemKey } from './keys';
import { historyWith, isDeadLetter, lostAttempt, type Outcome, type RequestItem, withHistory } from './request';
import { absent, and, type Condition, eq, exists, gt, lt, or, type Put, type Update } from './write';

/**
 * Every change of a request's state. Each change is one conditional write.
 *
 *   accept → PENDING ─claim→ RUNNING ─finish→ COMPLETED | FAILED | CANCELLED
 *             ▲ │ ▲             │
 *         wake│ │ └────retry────┘         (also: an expired lease)
 *             │ ▼park
 *            WAITING
 *
 *   FAILED | CANCELLED ─redrive→ PENDING, in the next run
 *
 * A cancellation ends a request that waits (PENDING, WAITING) directly. On a RUNNING request, it sets a flag. With this flag, the attempt can only
 * end as CANCELLED, and no claim and no retry is possible.
 *
 * If two functions write at the same time, only one write applies. The other function gets the item that was written, and chooses its next write by
 * that item.
 */

export const LEASE_MS = CONSTANTS.timing.leaseSeconds * 1000;
/** Time in milliseconds after which the sweeper checks a request that should have started. */
export const GRACE_MS = 60_000;
/**
 * Time in milliseconds after which a request fails if no function has started any request of its action. The function then cannot be initialized,
 * lacks a permission, or is throttled completely. As long as the action starts other requests, the request keeps waiting.
 */
export const SILENCE_MS = 6 * 3_600_000;
/** Time in milliseconds after which a waiting request always fails, because SQS keeps no message longer. */
export const MAX_WAIT_MS = 14 * 86_400_000;
/** Longest delay of a queue message in milliseconds. The sweeper starts requests that must wait longer. */
export const MAX_QUEUE_DELAY_MS = 900_000;

/** Time at which a write takes place, and retention of the written items. */
export interface WriteTime {
  readonly now: number;
  readonly retentionSeconds: number;
}

/** The claim that a processor holds on a request. */
export interface Claim {
  readonly requestKey: string;
  readonly fence: number;
  /** Slots of the action's caps that the attempt holds. */
  readonly slots?: readonly HeldSlot[];
}

export const expiry = ({ now, retentionSeconds }: WriteTime): number => Math.floor(now / 1000) + retentionSeconds;

/** Whether the retention of an item is over. DynamoDB's time to live removes an item some time after this. */
export const isExpired = ({ expiresAt }: { readonly expiresAt?: unknown }, now: number): boolean =>
  Number(expiresAt) * 1000 < now;

/** Returns the due key of a request that may not start before `notBefore`. The key contains the minute in which the sweeper must check the request. */
export function dueOfPending(requestKey: string, notBefore: number, now: number) {
  const inQueueRange = notBefore - now <= MAX_QUEUE_DELAY_MS;
  return dueAt(requestKey, inQueueRange ? Math.max(now, notBefore) + GRACE_MS : notBefore - MAX_QUEUE_DELAY_MS / 2);
}

type Deadline = Pick<RequestItem, 'deadlineMs' | 'deadlineAt'>;

/** Deadline and due key of a run that begins now. */
export function startOfRun(requestKey: string, now: number, deadline: Deadline, notBefore = now) {
  const due = dueOfPending(requestKey, notBefore, now);
  const { deadlineMs } = deadline;
  if (deadlineMs === undefined) return due;
  const { deadlineAt = now + deadlineMs } = deadline;
  return { deadlineMs, deadlineAt, ...dueAt(requestKey, Math.min(deadlineAt, due.dueAt)) };
}

export const notCancelled = absent('cancelRequested');
export const heldBy = (claim: Claim): Condition => and(eq('status', 'RUNNING'), eq('fence', claim.fence));
export const notOverdue = (now: number): Condition => or(absent('deadlineAt'), gt('deadlineAt', now));
/** Status of a request that has ended. */
type EndStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';

const NO_LONGER_DUE = ['dueBucket', 'dueAt', 'leaseUntil', 'messageId', 'notBefore'] as const;

export function accept(request: RequestItem, { now }: { readonly now: number }): Put {
  const { requestKey, ...attributes } = request;
  return {
    kind: 'put',
    table: 'requests',
    key: requestItemKey(requestKey),
    attributes,
    when: or(absent('requestKey'), lt('expiresAt', Math.floor(now / 1000))),
  };
}

export const attemptsLeft = lt('attempt', { attribute: 'maxAttempts' });

/** A write with its condition. */
export type ConditionalUpdate = Update & { readonly when: Condition };

/**
 * Puts a request that may start into the line of a cap that has no free slot. While the request waits, no queue message refers to it. The end of
 * another attempt or the sweeper wakes the request.
 *
 * @param mayStart condition of the claim
 */
export function park(request: RequestItem, mayStart: Condition, line: Cap, ticket: number, at: WriteTime): Update {
  const { requestKey, fence, run } = request;
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: {
      status: 'WAITING',
      line,
      ticket,
      ...(request.status === 'RUNNING' && { attempts: historyWith(request, lostAttempt(request)) }),
      expiresAt: expiry(at),
      ...dueAt(requestKey, untilDeadline(request, at.now + GRACE_MS)),
    },
    remove: ['leaseUntil', 'messageId', 'notBefore'],
    when: and(mayStart, eq('fence', fence), eq('run', run)),
  };
}

/**
 * Creates the write that returns a waiting request to its queue. The request keeps its ticket until its claim, so that no other request starts in its
 * place.
 */
export function wake(requestKey: string, ticket: number, at: WriteTime): Update {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: {
      status: 'PENDING',
      pendingSince: at.now,
      expiresAt: expiry(at),
      ...dueOfPending(requestKey, at.now, at.now),
    },
    when: and(eq('status', 'WAITING'), eq('ticket', ticket)),
  };
}

/**
 * Renews the lease. The due key stays unchanged. The sweeper changes it when it finds that the lease is still valid. That is cheaper than one index
 * write per renewal.
 */
export function renew(mine: Claim, now: number): Update {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(mine.requestKey),
    set: { leaseUntil: now + LEASE_MS },
    when: heldBy(mine),
  };
}

/**
 * Creates the write by which the claim's holder ends the run. If the request is being cancelled, this write fails, and the holder then writes
 * `cancelled`.
 */
export function finish(mine: Claim, outcome: Outcome, at: WriteTime): Update {
  const status = outcome.kind === 'result' ? 'COMPLETED' : 'FAILED';
  return end(mine.requestKey, status, outcome, at, and(heldBy(mine), notCancelled));
}

export function retry(mine: Claim, notBefore: number, at: WriteTime): Update {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(mine.requestKey),
    set: {
      status: 'PENDING',
      notBefore,
      pendingSince: notBefore,
      expiresAt: expiry({ ...at, now: notBefore }),
      ...dueOfPending(mine.requestKey, notBefore, at.now),
    },
    remove: ['leaseUntil', 'messageId'],
    when: and(heldBy(mine), notCancelled),
  };
}

/** Creates the write by which the claim's holder ends the run as cancelled. */
export function cancelled(mine: Claim, outcome: Outcome, at: WriteTime): Update {
  return end(mine.requestKey, 'CANCELLED', outcome, at, and(heldBy(mine), exists('cancelRequested')));
}

/** Creates the write that ends a request as cancelled while its handler does not run. The request waits, or was just claimed. */
export function endWaiting(request: RequestItem, outcome: Outcome, at: WriteTime): ConditionalUpdate {
  const when = and(eq('status', request.status), eq('fence', request.fence), eq('run', request.run));
  return end(request.requestKey, 'CANCELLED', outcome, at, when);
}

/** Creates the write that requests a cancellation. The running attempt, or the attempt that takes over from it, then ends the run as cancelled. */
export function requestCancel(
  { requestKey, run }: Pick<RequestItem, 'requestKey' | 'run'>,
  { cancelReason }: Pick<RequestItem, 'cancelReason'>,
): ConditionalUpdate {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: { cancelRequested: true, cancelReason },
    when: and(eq('status', 'RUNNING'), eq('run', run), notCancelled),
  };
}

/** Creates the write that ends a pending request that cannot start. Its action no longer exists, or the request was cancelled before a claim. */
export function endPending(
  request: RequestItem,
  status: 'FAILED' | 'CANCELLED',
  outcome: Outcome,
  at: WriteTime,
): Update {
  const when = and(eq('status', request.status), eq('fence', request.fence));
  return end(request.requestKey, status, outcome, at, when);
}

/** Condition that the lease of the claim that was read has ended. */
export const leaseLost = (request: RequestItem, now: number): Condition =>
  and(eq('status', 'RUNNING'), eq('fence', request.fence), lt('leaseUntil', now));

/** Creates the write that returns a request to the queue after its processor died. */
export function requeueExpiredLease(request: RequestItem, at: WriteTime): Update {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(request.requestKey),
    set: {
      status: 'PENDING',
      pendingSince: at.now,
      attempts: historyWith(request, lostAttempt(request)),
      expiresAt: expiry(at),
      ...dueOfPending(request.requestKey, at.now, at.now),
    },
    remove: ['leaseUntil', 'messageId', 'notBefore'],
    when: and(leaseLost(request, at.now), attemptsLeft, notCancelled),
  };
}

/**
 * Creates the write that ends a request after its processor died. The processor died in the last attempt, or before it noticed a cancellation. No other end
 * overrides a cancellation.
 */
export function endExpiredLease(
  request: RequestItem,
  status: 'FAILED' | 'CANCELLED',
  outcome: Outcome,
  at: WriteTime,
): Update {
  const lost = leaseLost(request, at.now);
  return withHistory(
    end(request.requestKey, status, outcome, at, status === 'CANCELLED' ? lost : and(lost, notCancelled)),
    request,
    lostAttempt(request),
  );
}

/**
 * Key of the item in the requests table that records an action's last start. The item's tenant part is empty, and no tenant's name is empty. So the
 * key never equals that of a request.
 */
export const startedKey = (action: string) => requestItemKey(`#started#${action}`);

/** Creates the write that records that an action's function has started a request. */
export const noteStart = (action: string, now: number): Update => ({
  kind: 'update',
  table: 'requests',
  key: startedKey(action),
  set: { startedAt: now },
});

/**
 * Creates the write that schedules the next check of the sweeper. If the request is pending, the write's stream record makes the dispatcher send the
 * request again.
 */
export function rescheduleCheck(request: RequestItem, until: number, at: WriteTime): Update {
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(request.requestKey),
    set: { ...dueAt(request.requestKey, until), expiresAt: expiry(at) },
    when: and(eq('status', request.status), eq('fence', request.fence), eq('dueAt', request.dueAt ?? 0)),
  };
}

/** A dead letter keeps a key in the due index, by which operators find it. */
function end(
  requestKey: string,
  status: EndStatus,
  outcome: Outcome,
  at: WriteTime,
  when: Condition,
): ConditionalUpdate {
  const dead = isDeadLetter({ status, outcome }) ? deadAt(requestKey, at.now) : {};
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: { status, outcome, endedAt: at.now, expiresAt: expiry(at), ...dead },
    remove: NO_LONGER_DUE.filter((attribute) => !(attribute in dead)),
    when,
  };
}
