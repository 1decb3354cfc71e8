import { EVENTS } from '../../src/contract';
import { type DebounceRule, StreamerError } from '../protocol';
import { type Owner, quietPeriodPartition } from './keys';
import { errorOutcome, type RequestItem } from './request';
import { endWaiting, type WriteTime } from './transitions';
import { absent, and, decode, eq, type Item, type Key, type Put, type Shape, type Update } from './write';

/**
 * The quiet period of a debounce key. It begins with a request. Each later request replaces the previous one, as long as the previous one has not started.
 * An item of the events table names the latest request.
 */
export interface QuietPeriod {
  readonly requestKey: string;
  /** The random `ref` of the request. If a request with the same id is created after the retention of this request, it has another `ref`. */
  readonly ref: string;
  /** Time of the first request of the period. */
  readonly firstAt: number;
}

const PERIOD: Shape<QuietPeriod> = { requestKey: 'string', ref: 'string', firstAt: 'number' };

/** @throws InvalidItem if the item is not a quiet period */
export const decodePeriod = (item: Item): QuietPeriod => decode(item, 'quiet period', PERIOD);

/** @param digest digest of the action and the debounce key */
export const periodKey = (owner: Owner, digest: string): Key => ({
  [EVENTS.partitionKey]: quietPeriodPartition(owner, digest),
  [EVENTS.sortKey]: 0,
});

/** Makes a request the latest one of its period, unless another request has become the latest one in the meantime. */
export const putPeriod = (key: Key, next: QuietPeriod, previous: QuietPeriod | undefined, expiresAt: number): Put => ({
  kind: 'put',
  table: 'events',
  key,
  attributes: { ...next, expiresAt },
  when: previous ? eq('ref', previous.ref) : absent('ref'),
});

/** Place of a request in its quiet period. */
export interface Debounced {
  /** Time of the first request of the period. */
  readonly firstAt: number;
  /** Earliest start of the request. */
  readonly start: number;
  /** The earlier request that this request replaces; absent if this request begins a period. */
  readonly earlier?: RequestItem;
}

/**
 * Decides whether a new request replaces the latest one, and when the new request starts.
 *
 * The latest request stays if a processor has claimed it, if it has ended, or if it may not be delayed further. Otherwise, requests that follow each other
 * quickly would delay the start without a limit, although each has a maximum delay.
 */
export function debounced(
  { waitMs, maxWaitMs = Number.POSITIVE_INFINITY }: DebounceRule,
  latest: { readonly period: QuietPeriod; readonly request: RequestItem } | undefined,
  now: number,
): Debounced {
  const mustStart = (latest?.period.firstAt ?? now) + maxWaitMs;
  const takesPlace = latest !== undefined && hasNotStarted(latest) && now < mustStart;
  if (!takesPlace) return { firstAt: now, start: now + Math.min(waitMs, maxWaitMs) };
  const { period, request } = latest;
  return { firstAt: period.firstAt, start: Math.min(now + waitMs, mustStart), earlier: request };
}

function hasNotStarted({ period, request }: { readonly period: QuietPeriod; readonly request: RequestItem }): boolean {
  const { status, fence, ref } = request;
  return ref === period.ref && fence === 0 && (status === 'PENDING' || status === 'WAITING');
}

/** Ends a request that has not started, because a later request replaces it. */
export function supersede(request: RequestItem, by: string, at: WriteTime): Update {
  const error = new StreamerError('SUPERSEDED', 'Before this request started, a later request replaced it.', {
    details: { by },
  });
  const write = endWaiting(request, errorOutcome(error.toWire()), at);
  return { ...write, when: and(write.when, eq('ref', request.ref)) };
}
