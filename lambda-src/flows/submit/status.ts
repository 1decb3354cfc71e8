import { REQUESTS } from '../../../src/contract';
import {
  bodyKey,
  decodeHead,
  decodeRequest,
  headKey,
  logKey,
  type Owner,
  type RequestItem,
  type RequestSummary,
  requestKey,
  summaryOf,
} from '../../core';
import { type Json, type JsonObject, StreamerError, type WireError } from '../../protocol';
import { reportOf } from '../log/read-log';
import type { Deps } from '../ports';

export type StatusDeps = Pick<Deps, 'store' | 'platform'>;

/** Status of a request. */
export interface StatusReport extends RequestSummary {
  /** Number of the latest attempt within the run; 0 before the first. */
  readonly attempt: number;
  /** The latest progress of the running attempt. */
  readonly progress?: { readonly percentage?: number; readonly message?: string; readonly metadata?: JsonObject };
  /** Present if the status is `COMPLETED`. */
  readonly result?: Json;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: WireError;
}

/**
 * Reads the status of a request of the owner. All reads are strongly consistent.
 *
 * @throws StreamerError `NOT_FOUND` if the request does not exist, or no longer exists
 */
export async function statusOf(deps: StatusDeps, owner: Owner, id: string): Promise<StatusReport> {
  const item = await deps.store.get('requests', { [REQUESTS.partitionKey]: requestKey(owner, id) });
  // time to live removes an item some time after the item has expired
  if (!item || Number(item.expiresAt) * 1000 < deps.platform.now())
    throw notFound(`There is no request ${id} of this user`);
  const request = decodeRequest(item);
  const report = { ...summaryOf(request), attempt: request.attempt };
  return { ...report, ...(await outcomeOf(deps, request)), ...(await progressOf(deps, request)) };
}

const notFound = (reason: string): StreamerError => new StreamerError('NOT_FOUND', `${reason}.`);

async function outcomeOf(deps: StatusDeps, request: RequestItem): Promise<Pick<StatusReport, 'result' | 'error'>> {
  const { outcome } = request;
  if (!outcome) return {};
  if (outcome.kind === 'error') return { error: JSON.parse(outcome.error) as WireError };
  const text = 'body' in outcome ? outcome.body : await bodyOf(deps, request, outcome.bodyAt);
  return { result: JSON.parse(text) as Json };
}

/** Reads a long result, which is a separate item. */
async function bodyOf(deps: StatusDeps, request: RequestItem, offset: number): Promise<string> {
  const item = await deps.store.get('events', bodyKey(logKey(request), offset));
  if (typeof item?.body !== 'string') throw notFound(`The result of ${request.id} is past its retention`);
  return item.body;
}

async function progressOf(deps: StatusDeps, request: RequestItem): Promise<Pick<StatusReport, 'progress'>> {
  if (request.status !== 'RUNNING') return {};
  return reportOf(request, decodeHead(await deps.store.get('events', headKey(logKey(request)))));
}
