import type { EndedAttempt } from '../../src/contract';
import { type RequestItem, sliceOf } from './request';
import type { Update } from './write';

export type { EndedAttempt } from '../../src/contract';

/** Attempts that a request keeps in its history: the item must stay small, because its size adds to the cost of each write. */
export const MAX_HISTORY = 10;
/** Maximum characters of a cause and of an error's message in the history. */
export const MAX_CAUSE_CHARS = 400;

/** The end of an attempt, without what the request knows of it. */
export type AttemptEnd = Pick<EndedAttempt, 'endedAt' | 'error' | 'cause'>;

/** The history of the request with its running attempt, which ends now. */
export function historyWith(request: RequestItem, { endedAt, error, cause }: AttemptEnd): readonly EndedAttempt[] {
  const { run, attempt, continued, attempts = [], startedAt = endedAt } = request;
  const ended: EndedAttempt = {
    ...{ run, attempt, ...(continued !== undefined && { slice: sliceOf({ continued }) }), startedAt, endedAt },
    ...(error && { error: { code: error.code, message: error.message.slice(0, MAX_CAUSE_CHARS) } }),
    ...(cause !== undefined && { cause: cause.slice(0, MAX_CAUSE_CHARS) }),
  };
  return [...attempts, ended].slice(-MAX_HISTORY);
}

/**
 * Adds the end of the running attempt to the write that ends it. The write must be conditional on the fence of the request: the history then still is the one
 * that was read with the claim.
 */
export const withHistory = (write: Update, request: RequestItem, end: AttemptEnd): Update => ({
  ...write,
  set: { ...write.set, attempts: historyWith(request, end) },
});

/** The end of an attempt whose function died: the end of its lease is the last time at which it may have run. */
export const lostAttempt = ({ leaseUntil = 0 }: RequestItem): AttemptEnd => ({
  endedAt: leaseUntil,
  error: { code: 'ATTEMPT_LOST', message: 'The function that ran the attempt died.' },
});
