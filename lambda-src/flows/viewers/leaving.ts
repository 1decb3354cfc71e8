import {
  type CancelReason,
  cancelAt,
  cancelLeft,
  channelOf,
  decodeViewer,
  LEFT,
  type Leavable,
  logKey,
} from '../../core';
import type { Deps, Store } from '../ports';

/** Interval at which an attempt reads the viewers, if its request is cancelled after they have left. */
const WATCH_MS = 1_000;

type WatchDeps = Pick<Deps, 'platform' | 'log'> & { readonly store: Pick<Store, 'query' | 'write'> };

/**
 * Watches the viewers of a running attempt, until the signal fires or the request has had no viewer for its `cancelAfterMs`.
 *
 * @param onCancelled called at most once, when the attempt has to stop
 */
export async function watchViewers(
  deps: WatchDeps,
  request: Leavable,
  signal: AbortSignal,
  onCancelled: (reason: CancelReason) => void,
): Promise<void> {
  while (!signal.aborted) {
    const reason = await cancelIfLeft(deps, request).catch((error) => {
      deps.log.warn('the viewers could not be read', { error });
      return undefined;
    });
    if (reason) return onCancelled(reason);
    await deps.platform.sleep(WATCH_MS, signal);
  }
}

/**
 * Cancels the run of an attempt if the request has had no viewer for its `cancelAfterMs`. An attempt that has lost its claim cannot cancel the run, but has
 * to stop, too.
 *
 * @returns the reason for which the attempt has to stop; undefined if it continues
 */
export async function cancelIfLeft(
  deps: Pick<WatchDeps, 'store' | 'platform'>,
  request: Leavable,
): Promise<CancelReason | undefined> {
  if (!(await hasBeenLeft(deps, request))) return undefined;
  const { item } = await deps.store.write(cancelLeft(request));
  const isCancelled = item?.cancelRequested === true && item.run === request.run;
  return isCancelled ? { cancelReason: item.cancelReason as string | undefined } : LEFT;
}

/** Whether the request has had no viewer for its `cancelAfterMs`. */
export async function hasBeenLeft(
  { store, platform }: Pick<Deps, 'platform'> & { readonly store: Pick<Store, 'query'> },
  request: Leavable,
): Promise<boolean> {
  if (request.cancelAfterMs === undefined) return false;
  const rows = await store.query({ table: 'subscriptions', partition: channelOf(logKey(request)) });
  return (cancelAt(request, rows.map(decodeViewer)) ?? Number.POSITIVE_INFINITY) <= platform.now();
}
