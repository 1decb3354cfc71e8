import {
  and,
  apply,
  type CancelReason,
  type Claim,
  claim,
  type Delivered,
  decodeRequest,
  eq,
  holds,
  isLocked,
  lockKey,
  noteStart,
  type RequestItem,
  releaseLock,
  renew,
  renewLock,
  SILENCE_MS,
  takeLock,
  takeOver,
  type Update,
} from '../../core';
import { type Deps, type Store, type WriteResult, writeTimeOf } from '../ports';

export interface ClaimDeps extends Deps {
  /** Name of the action if it runs only one attempt at a time. An attempt of such an action holds the action's lock. */
  readonly serialAction?: string;
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly request: RequestItem; readonly claim: Claim }
  /** The request may start, but an attempt of another request holds the lock of the action. */
  | { readonly kind: 'locked' }
  /** The request does not exist or must not start. */
  | { readonly kind: 'refused'; readonly request?: RequestItem };

/** Claims a request for one attempt. For a serial action, the action's lock is claimed together with the request. */
export async function claimRequest(deps: ClaimDeps, requestKey: string, delivered: Delivered): Promise<ClaimResult> {
  if (deps.serialAction !== undefined) return claimAlone(deps, deps.serialAction, requestKey, delivered);
  const at = writeTimeOf(deps);
  const claimed = resultOf(await deps.store.write(claim(requestKey, delivered, at)));
  const lost = claimed.kind === 'refused' ? claimed.request : undefined;
  if (!lost || !holds(takeOver(lost, delivered, at).when, { ...lost })) return claimed;
  return resultOf(await deps.store.write(takeOver(lost, delivered, at)));
}

function resultOf({ applied, item }: WriteResult): Exclude<ClaimResult, { kind: 'locked' }> {
  const request = item && decodeRequest(item);
  if (!applied || !request) return { kind: 'refused', request };
  const { requestKey, fence } = request;
  return { kind: 'claimed', request, claim: { requestKey, fence } };
}

/**
 * Claims lock and request in one transaction with one lease, so that an attempt never holds only one of them.
 *
 * A transaction returns no items. So the claim requires the state that was read before, and the new state is computed from that state.
 */
async function claimAlone(
  deps: ClaimDeps,
  action: string,
  requestKey: string,
  delivered: Delivered,
): Promise<ClaimResult> {
  const { store } = deps;
  const [item, lock] = await Promise.all([
    store.get('requests', { requestKey }),
    store.get('requests', lockKey(action)),
  ]);
  const at = writeTimeOf(deps);
  const request = item && decodeRequest(item);
  const write = request?.status === 'RUNNING' ? takeOver(request, delivered, at) : claim(requestKey, delivered, at);
  if (!request || !holds(write.when, item)) return { kind: 'refused', request };
  if (isLocked(lock, at.now)) return { kind: 'locked' };
  const mine: Claim = { requestKey, fence: request.fence + 1, serialAction: action };
  const unchanged: Update = { ...write, when: and(write.when, eq('fence', request.fence), eq('run', request.run)) };
  if (!(await store.transact([takeLock(action, mine, at.now), unchanged]))) return { kind: 'locked' };
  return { kind: 'claimed', request: decodeRequest(apply(unchanged, item) ?? {}), claim: mine };
}

/** State of a claim after its renewal. */
export interface Renewal {
  /** False if the lease belongs to another attempt, or the attempt has ended. */
  readonly held: boolean;
  /** Present if the write has shown that the run is to be cancelled. A transaction, which also renews a lock, shows nothing. */
  readonly cancelled?: CancelReason;
}

/** Renews the lease of an attempt, with that of the lock that it holds. */
export async function renewClaim(store: Pick<Store, 'write' | 'transact'>, mine: Claim, now: number): Promise<Renewal> {
  if (mine.serialAction !== undefined) {
    return { held: await store.transact([renewLock(mine.serialAction, mine, now), renew(mine, now)]) };
  }
  const { applied, item } = await store.write(renew(mine, now));
  if (!applied || !item?.cancelRequested) return { held: applied };
  return { held: true, cancelled: { cancelReason: item.cancelReason as string | undefined } };
}

/** Releases the lock of an attempt that has ended. Never rejects: if the lock cannot be released, it expires with its lease. */
export async function unlock({ store, log }: Pick<Deps, 'store' | 'log'>, mine: Claim): Promise<void> {
  if (mine.serialAction === undefined) return;
  try {
    await store.write(releaseLock(mine.serialAction, mine));
  } catch (error) {
    log.warn('the lock of the action could not be released: the next request starts when its lease ends', { error });
  }
}

/**
 * Interval at which a process records that it starts requests. It is much shorter than the time after which requests fail if there is no such record.
 */
const INTERVAL_MS = SILENCE_MS / 36;

/** Returns a function that records that the action's function starts requests. It writes at the first request, and then at most once per interval. */
export function startNoter(deps: Pick<Deps, 'store' | 'platform' | 'log'>, action: string): () => Promise<void> {
  let notedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = deps.platform.now();
    if (now - notedAt < INTERVAL_MS) return;
    notedAt = now;
    try {
      await deps.store.write(noteStart(action, now));
    } catch (error) {
      notedAt = Number.NEGATIVE_INFINITY;
      deps.log.warn('the start of a request could not be noted', { error });
    }
  };
}
