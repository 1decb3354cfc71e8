import { untilDeadline } from './cancellation';
import { dueAt, requestItemKey } from './keys';
import type { RequestItem } from './request';
import { type Claim, dueOfPending, expiry, heldBy, notCancelled, type WriteTime } from './transitions';
import { and, type Update } from './write';

/**
 * The state that a slice leaves for the next one, and the positions up to which messages were read. The state is stored on the request itself, or as
 * an item of the events table.
 */
export type StoredState = Pick<RequestItem, 'state' | 'stateAt' | 'messagesRead'>;

/**
 * Creates the write by which the claim's holder ends its attempt and its slice. The next slice starts at `notBefore` with the state, and its attempts
 * count from 1.
 *
 * State, slice and status change in one write. If the function dies before this write, the attempt is repeated with the state that it had. If the
 * function dies after this write, the stream's record or the sweeper starts the next slice. If the deadline is earlier than the start of the next
 * slice, the request ends at the deadline.
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
