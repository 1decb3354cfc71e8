import { REQUESTS } from '../../src/contract';
import { type Claim, LEASE_MS } from './transitions';
import { absent, type Condition, eq, type Item, lt, or, type Update } from './write';

/**
 * The lock of a serial action, which runs one attempt at a time.
 *
 * The lock is one item of the requests table. It has no status, so the dispatcher gets no record of it, and no due key, so the sweeper does not find it. Its
 * lease is written together with that of the holder's request, so that both end at the same time.
 */

/** No tenant's name is empty, so that no request has this key. */
export const lockKey = (action: string) => ({ [REQUESTS.partitionKey]: `#serial#${action}` });

/** A request's fence grows with each claim and is never reset: no two attempts have the same name. */
const holderOf = ({ requestKey, fence }: Claim): string => `${fence}#${requestKey}`;

const isHolder = (claim: Claim): Condition => eq('holder', holderOf(claim));

export const isLocked = (lock: Item | undefined, now: number): boolean =>
  lock?.holder !== undefined && Number(lock.leaseUntil) >= now;

/** Condition that no attempt holds the lock, or the holder's lease has ended. */
export const takeLock = (action: string, claim: Claim, now: number): Update => ({
  kind: 'update',
  table: 'requests',
  key: lockKey(action),
  set: { holder: holderOf(claim), leaseUntil: now + LEASE_MS },
  when: or(absent('holder'), lt('leaseUntil', now)),
});

export const renewLock = (action: string, claim: Claim, now: number): Update => ({
  kind: 'update',
  table: 'requests',
  key: lockKey(action),
  set: { leaseUntil: now + LEASE_MS },
  when: isHolder(claim),
});

export const releaseLock = (action: string, claim: Claim): Update => ({
  kind: 'update',
  table: 'requests',
  key: lockKey(action),
  remove: ['holder', 'leaseUntil'],
  when: isHolder(claim),
});
