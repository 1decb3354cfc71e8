import type { CancelReason } from './cancellation';
import { logKey, subscriptionKey } from './keys';
import type { RequestItem, Viewer } from './request';
import { requestCancel, type WriteTime } from './transitions';
import { absent, and, type Delete, eq, type Item, type Key, type Put, type Update } from './write';

/**
 * Requests that are cancelled after their viewers have left: requests with `cancelAfterMs`.
 *
 * The subscription of each viewer stays after the viewer has left, and contains the time at which it left. So the subscriptions show since when a
 * request has no viewer. Each viewer writes only its own subscription, so no two viewers write the same item.
 */

/** Time to live of a connection in seconds. API Gateway ends a connection after 2 h. Its items expire a little later, in case `$disconnect` is lost. */
export const CONNECTION_TTL_SECONDS = 2 * 3600 + 600;

/** Reason of the cancellation of a request whose viewers have left. */
export const LEFT: CancelReason = { cancelReason: 'all viewers have left' };

/** The attributes of a request that decide whether it is cancelled after its viewers have left. */
export type Leavable = Pick<
  RequestItem,
  'requestKey' | 'epoch' | 'run' | 'fence' | 'origin' | 'createdAt' | 'cancelAfterMs'
>;

/** Returns the attributes that a function needs to watch the viewers of a request; none if the request continues without viewers. */
export function leavableIn(request: RequestItem): { readonly leavable?: Leavable } {
  const { requestKey, epoch, run, fence, origin, createdAt, cancelAfterMs } = request;
  if (cancelAfterMs === undefined) return {};
  return { leavable: { requestKey, epoch, run, fence, origin, createdAt, cancelAfterMs } };
}

/** A subscription to create. */
export interface Subscription {
  readonly key: Key;
  /** Run of the request. A subscription with a run stays after its viewer has left. */
  readonly run?: number;
}

export const viewerOf = (request: Leavable, connectionId: string): Subscription => ({
  key: subscriptionKey(logKey(request), connectionId),
  ...(request.cancelAfterMs !== undefined && { run: request.run }),
});

/**
 * Returns the time at which the request is cancelled, unless a viewer attaches before that time; undefined if the request is not cancelled.
 *
 * A run to which no viewer attached is not cancelled: a program has submitted it, or an operator has redriven it. The subscription of the connection that
 * sent the request was stored before the request. If this subscription no longer exists, its viewer has left.
 */
export function cancelAt(request: Leavable, viewers: readonly Viewer[]): number | undefined {
  const { cancelAfterMs, createdAt, origin, run } = request;
  if (cancelAfterMs === undefined) return undefined;
  const hadViewer = (run === 1 && origin !== undefined) || viewers.some((viewer) => viewer.run === run);
  return hadViewer ? Math.max(createdAt, ...viewers.map(presentUntil)) + cancelAfterMs : undefined;
}

/** Latest time at which a viewer may be present. Without `leftAt`, the connection may have ended without a notice, so its longest lifetime counts. */
const presentUntil = ({ connectedAt, leftAt }: Viewer): number => leftAt ?? connectedAt + CONNECTION_TTL_SECONDS * 1000;

/** Creates the write by which an attempt cancels its run. It applies only while the attempt holds the claim. */
export function cancelLeft(request: Leavable): Update {
  const write = requestCancel(request, LEFT);
  return { ...write, when: and(write.when, eq('fence', request.fence)) };
}

/** Removes the subscription of a connection that has ended, unless the subscription has to stay. */
export const removeSubscription = (key: Key, connectedAt: number): Delete => ({
  kind: 'delete',
  table: 'subscriptions',
  key,
  when: and(eq('connectedAt', connectedAt), absent('run')),
});

/** Records in a subscription that its viewer has left. @param item the subscription */
export const noteLeft = (key: Key, item: Item, { now, retentionSeconds }: WriteTime): Put => ({
  kind: 'put',
  table: 'subscriptions',
  key,
  attributes: { ...item, leftAt: now, expiresAt: Math.floor(now / 1000) + retentionSeconds },
  when: and(eq('connectedAt', Number(item.connectedAt)), absent('leftAt')),
});
