import { untilDeadline } from './cancellation';
import { dueAt, requestItemKey } from './keys';
import type { RequestItem } from './request';
import { type Claim, dueOfPending, expiry, heldBy, notCancelled, type WriteTime } from './transitions';
import { and, type Update } from './write';

/** The state that a slice leaves for the next one, on the request itself or as an item of the events table, and the messages that it has read. */
export type StoredState = Pick<RequestItem, 'state' | 'stateAt' | 'messagesRead'>;

/**
 * Ends the attempt of the claim's holder and its slice. The next slice starts at `notBefore` with the state, and its attempts count from 1.
 *
 * State, slice and status change in one write. If the function dies before it, the attempt is repeated with the state that it had; after it, the next slice
 * starts, by the stream's record or by the sweeper. A deadline before the next slice ends the request at the deadline.
 */
export function continueLater(
  request: RequestItem,
  mine: Claim,
  stored: StoredState,
  notBefore: number,
  at: WriteTime,
): Update {
  const isDelayed = notBefore > at.now;
  const due = dueOfPending(mine.requestKey, notBefore, at.now).dueAt;
  const next: StoredState & { readonly notBefore?: number } = { ...stored, ...(isDelayed && { notBefore }) };
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(mine.requestKey),
    set: {
      ...next,
      status: 'PENDING',
      attempt: 0,
      pendingSince: notBefore,
      expiresAt: expiry({ ...at, now: notBefore }),
      ...dueAt(mine.requestKey, untilDeadline(request, due)),
    },
    add: { continued: 1 },
    remove: ['leaseUntil', 'messageId', ...SLICE_FIELDS.filter((name) => next[name] === undefined)],
    when: and(heldBy(mine), notCancelled),
  };
}

const SLICE_FIELDS = ['state', 'stateAt', 'notBefore'] as const;
