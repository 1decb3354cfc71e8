import {
  accept,
  type Debounced,
  debounced,
  decodePeriod,
  decodeRequest,
  isExpired,
  type Key,
  periodKey,
  putPeriod,
  type QuietPeriod,
  type RequestItem,
  requestItemKey,
  supersede,
  UncertainWrite,
} from '../../core';
import { type DebounceRule, StreamerError } from '../../protocol';
import { type Deps, type WriteResult, writeTimeOf } from '../ports';
import { hashOf } from './stored-request';

type DebounceDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

/** Maximum number of times in a row that other requests with the same key may be stored first. */
const ROUNDS = 30;

/**
 * Stores a request that replaces the previous one with the same key. One transaction stores the new request, makes it the latest one of its quiet
 * period, and ends the previous one. If another request or a claim comes in between, nothing is written, and the next round starts with the new
 * state.
 *
 * @param timesOf the fields of the request that depend on its time of acceptance and on its start, both in epoch milliseconds
 */
export async function writeDebounced(
  deps: DebounceDeps,
  rule: DebounceRule,
  built: RequestItem,
  timesOf: (now: number, start: number) => Partial<RequestItem>,
): Promise<WriteResult> {
  const key = periodKey(built, hashOf([built.action, rule.key]));
  for (let round = 0; round < ROUNDS; round++) {
    const existing = await deps.store.get('requests', requestItemKey(built.requestKey));
    if (existing && !isExpired(existing, deps.platform.now())) {
      return { applied: existing.ref === built.ref, item: existing };
    }
    const item = await deps.store.get('events', key);
    const period = item && decodePeriod(item);
    const latest = period?.requestKey === built.requestKey ? undefined : await latestOf(deps, period);
    const now = deps.platform.now();
    const place = debounced(rule, latest, now);
    const request = { ...built, ...timesOf(now, place.start) };
    if (await takePlace(deps, key, period, place, request)) return { applied: true, item: { ...request } };
  }
  throw new StreamerError('UNAVAILABLE', 'Too many requests with the same debounce key were sent at once. Try again.');
}

async function latestOf({ store }: DebounceDeps, period: QuietPeriod | undefined) {
  const item = period && (await store.get('requests', requestItemKey(period.requestKey)));
  return item && { period, request: decodeRequest(item) };
}

/** @throws UncertainWrite if the outcome of the transaction is unknown */
async function takePlace(
  deps: DebounceDeps,
  key: Key,
  previous: QuietPeriod | undefined,
  { firstAt, earlier }: Debounced,
  request: RequestItem,
): Promise<boolean> {
  const at = writeTimeOf(deps);
  const { requestKey, ref, expiresAt } = request;
  const writes = [
    accept(request, at),
    putPeriod(key, { requestKey, ref, firstAt }, previous, expiresAt),
    ...(earlier ? [supersede(earlier, request.id, at)] : []),
  ];
  return deps.store.transact(writes).catch((error) => {
    throw new UncertainWrite(error);
  });
}
