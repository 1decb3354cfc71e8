import { requestItemKey } from './keys';
import type { RequestItem } from './request';
import { type ConditionalUpdate, expiry, startOfRun, type WriteTime } from './transitions';
import { and, eq, or } from './write';

/** Whether a redrive may start the next run of the request. The request must have ended without a result. */
export const mayRedrive = ({ status }: Pick<RequestItem, 'status'>): boolean =>
  status === 'FAILED' || status === 'CANCELLED';

/** Attributes of the end of a run, which the next run does not have. */
const OF_THE_END = ['outcome', 'endedAt', 'cancelRequested', 'cancelReason', 'notBefore', 'line', 'ticket'] as const;

/**
 * Starts the next run of a request that failed or was cancelled. The log must already have the terminal entry of the run that ended. The entry is
 * derived from the outcome, and this write removes the outcome.
 */
export function redrive({ requestKey, run, fence, deadlineMs }: RequestItem, at: WriteTime): ConditionalUpdate {
  const ended = or(eq('status', 'FAILED'), eq('status', 'CANCELLED'));
  const start = startOfRun(requestKey, at.now, { deadlineMs });
  return {
    kind: 'update',
    table: 'requests',
    key: requestItemKey(requestKey),
    set: { status: 'PENDING', run: run + 1, attempt: 0, pendingSince: at.now, expiresAt: expiry(at), ...start },
    remove: OF_THE_END,
    when: and(ended, eq('run', run), eq('fence', fence)),
  };
}
