import type { RequestItem } from '../../core';
import { StreamerError, toStreamerError } from '../../protocol';
import { checkFilter, type OperationDeps, type RequestFilter, select, timeOf } from './select';

/** Requests of a list, the latest first. */
export interface RequestPage {
  readonly requests: readonly RequestItem[];
  /** Position at which the next page begins; absent on the last page. */
  readonly next?: string;
}

export interface PageOptions {
  /** Maximum number of requests, 1 to 2,500. @default 50 */
  readonly limit?: number;
  /** `next` of the previous page. */
  readonly cursor?: string;
}

const MAX_LIMIT = 2_500;

/**
 * Lists the requests that a filter selects, by their time, the latest first. An index contains the dead letters. For other requests, each page reads
 * the whole table.
 *
 * @throws StreamerError `INVALID_MESSAGE` for a filter or options that are not valid
 */
export async function listRequests(
  deps: OperationDeps,
  filter: RequestFilter = {},
  { limit = 50, cursor }: PageOptions = {},
): Promise<RequestPage> {
  checkFilter(filter);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw invalid(`\`limit\` must be 1 to ${MAX_LIMIT}.`);
  const after = cursor === undefined ? undefined : positionOf(cursor);
  const to = after ? Math.min(filter.to ?? after.time, after.time) : filter.to;
  const found: RequestItem[] = [];
  for await (const request of select(deps, { ...filter, to })) {
    if (after && order(after, position(request)) >= 0) continue;
    if (filter.dead && isFull(found, limit, request)) break;
    found.push(request);
    if (found.length > limit + SPARE) keepLatest(found, limit + 1);
  }
  keepLatest(found, limit + 1);
  const requests = found.slice(0, limit);
  const last = requests.at(-1);
  return { requests, ...(found.length > limit && last && { next: cursorOf(last) }) };
}

/** Number of requests beyond one page that are collected, before all except the latest ones are dropped. */
const SPARE = 1_000;

/**
 * Whether the page is complete, so that no further dead letter belongs to it. Dead letters are read in the order of their times, but those of the
 * same time in any order.
 */
function isFull(found: readonly RequestItem[], limit: number, next: RequestItem): boolean {
  const beyond = found[limit];
  return beyond !== undefined && timeOf(next) < timeOf(beyond);
}

function keepLatest(found: RequestItem[], count: number): void {
  found.sort((a, b) => order(position(a), position(b)));
  found.length = Math.min(found.length, count);
}

/** Place of a request in the order of lists. */
interface Position {
  readonly time: number;
  readonly key: string;
}

const position = (request: RequestItem): Position => ({ time: timeOf(request), key: request.requestKey });

/** Compares two positions. The latest comes first, and requests of the same time are ordered by their keys. */
const order = (a: Position, b: Position): number => b.time - a.time || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const cursorOf = (request: RequestItem): string => `${timeOf(request)}:${request.requestKey}`;

function positionOf(cursor: string): Position {
  const [, time, key] = /^(\d+):(.+)$/s.exec(cursor) ?? [];
  if (key === undefined) throw invalid('`cursor` must be the `next` of another page.');
  return { time: Number(time), key };
}

const invalid = (message: string): StreamerError => new StreamerError('INVALID_MESSAGE', message);

/** Outcome for one request of a bulk operation. It is `skipped` if another program has changed the request since it was selected. */
export interface BulkStep {
  readonly request: RequestItem;
  readonly outcome: 'changed' | 'skipped' | 'failed';
  readonly error?: Error;
}

export interface BulkOptions {
  /** Whether the requests are only counted and reported. @default false */
  readonly dryRun?: boolean;
  /** Maximum number of requests that are changed at the same time, 1 to 100. @default 10 */
  readonly concurrency?: number;
  /** Maximum number of requests. @default - all that the filter selects */
  readonly limit?: number;
  /** Called with each request, in a dry run too. */
  readonly onStep?: (step: BulkStep) => void;
  /** Stops the operation after the changes that are in progress. */
  readonly signal?: AbortSignal;
}

/** Result of a bulk operation. */
export interface BulkReport {
  readonly selected: number;
  readonly changed: number;
  readonly skipped: number;
  readonly failed: number;
  /** `to` of the filter, or the start of the operation. A repetition with this time and the same filter continues an operation that was interrupted. */
  readonly to: number;
}

/**
 * Changes all requests that a filter selects, several at a time.
 *
 * The operation can be repeated: a request that was changed is no longer selected. Requests that end after the start are not selected either, so a request that
 * fails again is not changed twice.
 */
export async function changeAll(
  deps: OperationDeps,
  filter: RequestFilter,
  change: (request: RequestItem) => Promise<unknown>,
  { dryRun = false, concurrency = 10, limit = Number.POSITIVE_INFINITY, onStep, signal }: BulkOptions = {},
): Promise<BulkReport> {
  checkFilter(filter);
  const to = filter.to ?? deps.platform.now();
  const selected = select(deps, { ...filter, to });
  const counts = { selected: 0, changed: 0, skipped: 0, failed: 0 };
  const work = async () => {
    while (counts.selected < limit && !signal?.aborted) {
      const { done, value } = await selected.next();
      if (done || counts.selected >= limit) return;
      counts.selected += 1;
      const step: BulkStep = dryRun ? { request: value, outcome: 'changed' } : await attempt(value, change);
      counts[step.outcome] += 1;
      onStep?.(step);
    }
  };
  await Promise.all(Array.from({ length: Math.min(100, Math.max(1, concurrency)) }, work));
  return { ...counts, to };
}

/** Changes one request. A refusal means that the request has changed since it was selected. */
async function attempt(request: RequestItem, change: (request: RequestItem) => Promise<unknown>): Promise<BulkStep> {
  try {
    await change(request);
    return { request, outcome: 'changed' };
  } catch (error) {
    const { code } = toStreamerError(error);
    const outcome = code === 'CONFLICT' || code === 'NOT_FOUND' ? 'skipped' : 'failed';
    return { request, outcome, error: error as Error };
  }
}
