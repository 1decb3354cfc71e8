import {
  and,
  apply,
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
  type Update,
} from '../../core';
import { type Deps, type Store, writeTimeOf } from '../ports';

export interface ClaimDeps extends Deps {
  /** Name of the action if it runs one attempt at a time: an attempt then holds the action's lock. */
  readonly serialAction?: string;
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly request: RequestItem; readonly claim: Claim }
  /** The request may start, but an attempt of another request holds the action's lock. */
  | { readonly kind: 'locked' }
  /** The request does not exist or must not start. */
  | { readonly kind: 'refused'; readonly request?: RequestItem };

/** Claims a request for one attempt; of a serial action together with the action's lock. */
export async function claimRequest(deps: ClaimDeps, requestKey: string, delivered: Delivered): Promise<ClaimResult> {
  if (deps.serialAction !== undefined) return claimAlone(deps, deps.serialAction, requestKey, delivered);
  const { applied, item } = await deps.store.write(claim(requestKey, delivered, writeTimeOf(deps)));
  const request = item && decodeRequest(item);
  if (!applied || !request) return { kind: 'refused', request };
  return { kind: 'claimed', request, claim: { requestKey, fence: request.fence } };
}

/**
 * Lock and request are claimed in one transaction with one lease, so that neither is ever held without the other.
 *
 * A transaction returns no items: the claim is conditional on the state that was read, from which the state after it follows.
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
  const write = claim(requestKey, delivered, at);
  const request = item && decodeRequest(item);
  if (!request || !holds(write.when, item)) return { kind: 'refused', request };
  if (isLocked(lock, at.now)) return { kind: 'locked' };
  const mine: Claim = { requestKey, fence: request.fence + 1, serialAction: action };
  const unchanged: Update = { ...write, when: and(write.when, eq('fence', request.fence), eq('run', request.run)) };
  if (!(await store.transact([takeLock(action, mine, at.now), unchanged]))) return { kind: 'locked' };
  return { kind: 'claimed', request: decodeRequest(apply(unchanged, item) ?? {}), claim: mine };
}

/**
 * Renews the lease of an attempt, with that of the lock that it holds.
 *
 * @returns false if the lease belongs to another attempt, or the attempt has ended
 */
export async function renewClaim(store: Pick<Store, 'write' | 'transact'>, mine: Claim, now: number): Promise<boolean> {
  if (mine.serialAction === undefined) return (await store.write(renew(mine, now))).applied;
  return store.transact([renewLock(mine.serialAction, mine, now), renew(mine, now)]);
}

/** Releases the lock of an attempt that has ended. Never rejects: a lock that could not be released expires with its lease. */
export async function unlock({ store, log }: Pick<Deps, 'store' | 'log'>, mine: Claim): Promise<void> {
  if (mine.serialAction === undefined) return;
  try {
    await store.write(releaseLock(mine.serialAction, mine));
  } catch (error) {
    log.warn('the lock of the action could not be released: the next request starts when its lease ends', { error });
  }
}

/** Interval at which a process records that it starts requests, which is much shorter than the time after which requests fail without a record. */
const INTERVAL_MS = SILENCE_MS / 36;

/** Records that the action's function starts requests: at its first request, and then at most once per interval. */
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
