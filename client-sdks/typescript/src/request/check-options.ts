import { checkCount, checkNumber } from '../util/numbers';
import { checkId, checkName, checkPosition, refuseField } from '../wire/encode';
import { PATTERNS } from '../wire/protocol';
import type { LiveRequestOptions, RequestSnapshot } from './live-request';

/** A snapshot from `onState`, or an object with those of its fields that are known. */
export type AttachTo = Partial<Omit<RequestSnapshot, 'id'>> & { readonly id: string };

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkWaiting({ timeoutMs, ackTimeoutMs, signal }: LiveRequestOptions): void {
  if (timeoutMs !== undefined) checkNumber('timeoutMs', timeoutMs);
  if (ackTimeoutMs !== undefined) checkNumber('ackTimeoutMs', ackTimeoutMs, 1);
  if (signal && typeof signal.addEventListener !== 'function') refuseField('signal', 'must be an AbortSignal');
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkSnapshot(to: AttachTo): void {
  if (typeof to !== 'object' || to === null)
    refuseField('to', 'must be a snapshot from `onState`, or an object with the `id`');
  checkId(to.id);
  checkPosition(to);
  checkCount('run', to.run);
  checkCount('attempt', to.attempt);
  checkCount('fence', to.fence);
  checkCount('slice', to.slice);
  if (to.percentage !== undefined) checkNumber('percentage', to.percentage, 0, 100);
  if (to.ref !== undefined) checkName('ref', to.ref, PATTERNS.ref);
}
