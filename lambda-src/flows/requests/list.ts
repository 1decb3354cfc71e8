import { REQUESTS } from '../../../src/contract';
import {
  decodeRequest,
  fromCursor,
  headKey,
  headOf,
  isExpired,
  isRequest,
  type Key,
  logKey,
  type Owner,
  PARTITION_KEYS,
  placeOf,
  type RequestItem,
  summaryOf,
  toCursor,
  userKey,
} from '../../core';
import {
  CONSTANTS,
  exceedsBytes,
  type Json,
  type ListedRequest,
  type ListFilter,
  StreamerError,
  type WireError,
} from '../../protocol';
import { PAGE_BYTES, reportOf } from '../log/read-log';
import type { Deps } from '../ports';

/** One page of a user's requests. */
export interface RequestPage {
  readonly requests: ListedRequest[];
  /** Place of the next page; absent at the end of the list. */
  readonly cursor?: string;
}

type ListDeps = Pick<Deps, 'store' | 'platform'>;

/** Maximum number of requests that are read for one page. A filter may leave out all of them. The page then has a cursor, but no request. */
const MAX_READ = 100;

/**
 * Lists the owner's requests, the newest first.
 *
 * The index has only keys, so that a change of a request needs no write of the index. Therefore, each page also reads the requests themselves. If a
 * request has started and has not completed, the head of its log is read, too, because it contains the last progress. All these reads are eventually
 * consistent.
 *
 * @throws StreamerError `INVALID_MESSAGE` if the cursor does not come from this server
 */
export async function listRequests(deps: ListDeps, owner: Owner, filter: ListFilter): Promise<RequestPage> {
  const { limit = CONSTANTS.limits.listDefault } = filter;
  const { found, next } = await find(deps, owner, filter, limit);
  const rows = await rowsOf(deps, found.slice(0, limit));
  const requests = fitting(rows);
  const last = found[requests.length - 1];
  const rest = requests.length < found.length && last ? placeOf({ ...last }) : next;
  return { requests, ...(rest && { cursor: toCursor(rest) }) };
}

interface Found {
  readonly found: readonly RequestItem[];
  /** Place of the last request that was read; absent if it is the last of the list. */
  readonly next?: Key;
}

/** Reads the list until enough requests match, up to the bound. */
async function find(deps: ListDeps, owner: Owner, filter: ListFilter, limit: number): Promise<Found> {
  const found: RequestItem[] = [];
  let after = startOf(owner, filter);
  for (let read = 0; read < MAX_READ && found.length < limit; ) {
    const size = isFiltered(filter) ? MAX_READ - read : limit - found.length;
    const keys = await deps.store.query({
      table: 'requests',
      index: REQUESTS.byUser,
      partition: userKey(owner),
      newestFirst: true,
      after,
      limit: size,
    });
    found.push(...(await readMatching(deps, keys.map(placeOf), filter)));
    if (keys.length < size) return { found };
    read += size;
    after = placeOf(keys[size - 1] ?? {});
  }
  return { found, next: after };
}

const isFiltered = ({ action, status }: ListFilter): boolean => action !== undefined || status !== undefined;

function startOf(owner: Owner, { cursor }: ListFilter): Key | undefined {
  if (cursor === undefined) return undefined;
  const place = fromCursor(owner, cursor);
  if (place) return place;
  const message = 'must be the `cursor` of an earlier answer';
  throw new StreamerError('INVALID_MESSAGE', `\`cursor\` ${message}.`, {
    details: { issues: [{ path: 'cursor', message }] },
  });
}

/** Reads the requests at the given places. Returns those that match the filter, in the order of the places. */
async function readMatching(
  { store, platform }: ListDeps,
  places: readonly Key[],
  { action, status }: ListFilter,
): Promise<RequestItem[]> {
  const name = PARTITION_KEYS.requests;
  const items = await store.getAll(
    'requests',
    places.map((place) => ({ [name]: String(place[name]) })),
  );
  const byKey = new Map(items.filter(isRequest).map((item) => [item[name], decodeRequest(item)]));
  const now = platform.now();
  return places
    .flatMap((place) => byKey.get(place[name]) ?? [])
    .filter((request) => !isExpired(request, now))
    .filter((request) => action === undefined || request.action === action)
    .filter((request) => status === undefined || status.includes(request.status));
}

async function rowsOf({ store }: ListDeps, requests: readonly RequestItem[]): Promise<ListedRequest[]> {
  const reported = requests.filter(({ fence, status }) => fence > 0 && status !== 'COMPLETED');
  const keys = reported.map((request) => headKey(logKey(request)));
  const items = keys.length > 0 ? await store.getAll('events', keys) : [];
  const byLog = new Map(items.map((item) => [item[PARTITION_KEYS.events], item]));
  const heads = new Map(reported.map((request) => [request, headOf(request, byLog.get(logKey(request)))]));
  return requests.map((request) => ({
    ...summaryOf(request),
    attempt: request.attempt,
    ...(request.input !== undefined && { input: JSON.parse(request.input) as Json }),
    ...reportOf(request, heads.get(request)),
    ...errorOf(request),
  }));
}

function errorOf({ outcome }: RequestItem): Pick<ListedRequest, 'error'> {
  return outcome?.kind === 'error' ? { error: JSON.parse(outcome.error) as WireError } : {};
}

/** Returns the first rows that fit into one answer. A single row always fits. */
function fitting(rows: readonly ListedRequest[]): ListedRequest[] {
  let text = '';
  const tooMany = rows.findIndex((row, index) => {
    text += JSON.stringify(row);
    return index > 0 && exceedsBytes(text, PAGE_BYTES);
  });
  return tooMany < 0 ? [...rows] : rows.slice(0, tooMany);
}
