import {
  type CancelReason,
  cancelWrite,
  decodeRequest,
  expiry,
  hintCancel,
  logKey,
  type Owner,
  type RequestItem,
} from '../../core';
import type { CancelAckFrame, CancelMessage } from '../../protocol';
import { type Deps, writeTimeOf } from '../ports';
import { findRequest, notFound } from './stored-request';

export type CancelDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

/** Answers a `cancel`. */
export async function answerCancel(deps: CancelDeps, owner: Owner, message: CancelMessage): Promise<CancelAckFrame> {
  const { id, status, run } = await cancel(deps, owner, message);
  return { type: 'ack', for: 'cancel', id, status, run };
}

/**
 * Cancels a request of the owner. If no attempt runs, the request has ended when this function returns. Otherwise, the attempt has been notified, and ends
 * the request. A request that has ended stays unchanged.
 *
 * A second call repeats the notification, because the first call may have failed before its notification.
 *
 * @returns the request after the call
 * @throws StreamerError `NOT_FOUND`
 */
export async function cancel(
  deps: CancelDeps,
  owner: Owner,
  { id, reason: cancelReason }: Pick<CancelMessage, 'id' | 'reason'>,
): Promise<RequestItem> {
  const request = await settle(deps, await findRequest(deps, owner, id), { cancelReason });
  if (mayRun(request)) await notify(deps, request);
  return request;
}

/** Whether a handler may run. If an attempt lost its lease, its handler may still run although the request is already `CANCELLED` or `FAILED`. */
const mayRun = ({ status, fence }: RequestItem): boolean =>
  status === 'RUNNING' || (fence > 0 && (status === 'CANCELLED' || status === 'FAILED'));

/**
 * Writes until no further write is needed. If another function has changed the request, the write returns the changed item, and the next write is
 * chosen by that item.
 */
async function settle(deps: CancelDeps, found: RequestItem, reason: CancelReason): Promise<RequestItem> {
  let request = found;
  for (;;) {
    const write = cancelWrite(request, reason, writeTimeOf(deps));
    if (!write) return request;
    const { item } = await deps.store.write(write);
    if (!item) throw notFound(found.id);
    request = decodeRequest(item);
  }
}

async function notify(deps: CancelDeps, request: RequestItem): Promise<void> {
  await deps.store.write(hintCancel(logKey(request), request, expiry(writeTimeOf(deps))));
}
