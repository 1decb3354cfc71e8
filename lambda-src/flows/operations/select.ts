import { DUE_SHARDS, REQUESTS } from '../../../src/contract';
import {
  decodeRequest,
  type Item,
  isDeadLetter,
  isExpired,
  isRequest,
  type Key,
  type Owner,
  placeOf,
  type RequestItem,
  requestItemKey,
  requestKey,
  userKey,
} from '../../core';
import { type RequestStatus, StreamerError } from '../../protocol';
import type { Deps } from '../ports';

/** Key of a dead letter in the due index. */
export interface DeadLetterKey {
  readonly requestKey: string;
  /** Epoch milliseconds of the end of its run. */
  readonly dueAt: number;
}

/** Range of times in epoch milliseconds, both ends included. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/** Reads many requests. No function of an API needs these reads. Each result is read page by page, as it is consumed. */
export interface RequestReader {
  /** Keys of the dead letters of one shard. The dead letter whose run ended last comes first. The index may lag slightly behind the table. */
  deadLetters(shard: number, range: TimeRange): AsyncIterable<DeadLetterKey>;
  /** All items of the requests table, in no useful order. It reads the whole table. */
  scan(): AsyncIterable<Item>;
}

/** Dependencies of the operations. */
export interface OperationDeps extends Pick<Deps, 'store' | 'platform' | 'retentionSeconds' | 'payloads'> {
  readonly reader: RequestReader;
}

/** Selection of requests. A request must meet all conditions that are given. */
export interface RequestFilter {
  /** Id that a client chose; requests of several users may have it. */
  readonly id?: string;
  readonly action?: string;
  readonly tenant?: string;
  readonly user?: string;
  readonly status?: RequestStatus;
  /** Whether only dead letters are selected: requests that failed in a way that an operator should see. @default false */
  readonly dead?: boolean;
  /** Epoch milliseconds: the earliest time of a selected request, see `timeOf`. */
  readonly from?: number;
  /** Epoch milliseconds: the latest time of a selected request. */
  readonly to?: number;
}

/** Time by which requests are selected and ordered: the time of the end. For a request that has not ended, it is the time of the acceptance. */
export const timeOf = ({ endedAt, createdAt }: Pick<RequestItem, 'endedAt' | 'createdAt'>): number =>
  endedAt ?? createdAt;

/** Whether the filter selects the request. */
export function matches(filter: RequestFilter, request: RequestItem): boolean {
  const { id, action, tenant, user, status, dead = false, from = 0, to = Number.POSITIVE_INFINITY } = filter;
  const equals = (wanted: string | undefined, value: string) => wanted === undefined || wanted === value;
  const at = timeOf(request);
  return (
    equals(id, request.id) &&
    equals(action, request.action) &&
    equals(tenant, request.tenant) &&
    equals(user, request.user) &&
    equals(status, request.status) &&
    (!dead || isDeadLetter(request)) &&
    at >= from &&
    at <= to
  );
}

/** @throws StreamerError `INVALID_MESSAGE` for a filter that can select nothing */
export function checkFilter({ status, dead, from, to }: RequestFilter): void {
  if (dead && status !== undefined && status !== 'FAILED') {
    throw new StreamerError('INVALID_MESSAGE', `Dead letters are FAILED, so \`status\` cannot be ${status}.`);
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new StreamerError('INVALID_MESSAGE', '`from` must not be later than `to`.');
  }
}

/** @throws StreamerError `NOT_FOUND` */
export async function findByKey(
  { store, platform }: Pick<OperationDeps, 'store' | 'platform'>,
  key: string,
): Promise<RequestItem> {
  const item = await store.get('requests', requestItemKey(key));
  const request = item && liveRequest(item, platform.now());
  if (!request) throw new StreamerError('NOT_FOUND', `There is no request with the key ${key}.`);
  return request;
}

/** Returns the request of an item; undefined if its retention is over. */
function liveRequest(item: Item, now: number): RequestItem | undefined {
  return isRequest(item) && !isExpired(item, now) ? decodeRequest(item) : undefined;
}

/**
 * Returns the requests that a filter selects. Dead letters come from an index, the latest first. The requests of a tenant's user come from another index. For all
 * other filters, the table is scanned, in no useful order.
 */
export function select(deps: OperationDeps, filter: RequestFilter): AsyncGenerator<RequestItem> {
  if (filter.dead) return selectDead(deps, filter);
  const { id, tenant, user } = filter;
  const isOwned = tenant !== undefined && user !== undefined;
  return selectFrom(isOwned ? ownedItems(deps.store, { tenant, user }, id) : deps.reader.scan(), deps, filter);
}

async function* selectFrom(
  items: AsyncIterable<Item>,
  { platform }: OperationDeps,
  filter: RequestFilter,
): AsyncGenerator<RequestItem> {
  for await (const item of items) {
    const request = liveRequest(item, platform.now());
    if (request && matches(filter, request)) yield request;
  }
}

/** Maximum number of items that one read returns. */
const PAGE_ITEMS = 100;

/** Returns the requests of an owner, or only the request with the id. The index contains only keys, so the requests are read from the table. */
async function* ownedItems(store: OperationDeps['store'], owner: Owner, id: string | undefined): AsyncGenerator<Item> {
  if (id !== undefined) {
    const item = await store.get('requests', requestItemKey(requestKey(owner, id)));
    if (item) yield item;
    return;
  }
  const [index, partition, limit] = [REQUESTS.byUser, userKey(owner), PAGE_ITEMS];
  for (let after: Key | undefined; ; ) {
    const places = (await store.query({ table: 'requests', index, partition, newestFirst: true, after, limit })).map(
      placeOf,
    );
    const keys = places.map((place) => requestItemKey(String(place[REQUESTS.partitionKey])));
    if (keys.length > 0) yield* await store.getAll('requests', keys);
    if (keys.length < limit) return;
    after = places.at(-1);
  }
}

/** Returns dead letters. The index has only keys, and may lag behind the table, so each request is read from the table. */
async function* selectDead(deps: OperationDeps, filter: RequestFilter): AsyncGenerator<RequestItem> {
  const { from, to } = filter;
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => deps.reader.deadLetters(shard, { from, to }));
  for await (const { requestKey, dueAt } of latestFirst(shards)) {
    const item = await deps.store.get('requests', requestItemKey(requestKey));
    const request = item && liveRequest(item, deps.platform.now());
    if (request?.dueAt === dueAt && matches(filter, request)) yield request;
  }
}

/** Merges several ordered sequences into one ordered sequence. */
async function* latestFirst(sources: readonly AsyncIterable<DeadLetterKey>[]): AsyncGenerator<DeadLetterKey> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    const at = indexOfLatest(heads.map((head) => (head.done ? undefined : head.value.dueAt)));
    if (at === undefined) return;
    yield heads[at].value;
    heads[at] = await iterators[at].next();
  }
}

function indexOfLatest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.flatMap((time, index) => (time === undefined ? [] : [{ time, index }]));
  return known.sort((a, b) => b.time - a.time)[0]?.index;
}
