import {
  bodyOf,
  decodeHead,
  headKey,
  logKey,
  type Outcome,
  type Owner,
  type RequestItem,
  type RequestSummary,
  summaryOf,
} from '../../core';
import { type Json, type JsonObject, StreamerError, type WireError } from '../../protocol';
import { reportOf } from '../log/read-log';
import type { Deps } from '../ports';
import { findRequest, storedValue } from '../requests/stored-request';

export type StatusDeps = Pick<Deps, 'store' | 'platform' | 'payloads'>;

/** Status of a request. */
export interface StatusReport extends RequestSummary {
  /** Number of the latest attempt within the run; 0 before the first. */
  readonly attempt: number;
  /** Epoch milliseconds before which the next attempt does not start. */
  readonly notBefore?: number;
  /** The latest progress of the running attempt. */
  readonly progress?: { readonly percentage?: number; readonly message?: string; readonly metadata?: JsonObject };
  /** Present if the status is `COMPLETED`. */
  readonly result?: Json;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: WireError;
  /** The value that the handler returned although the run was stopped. */
  readonly partial?: Json;
}

/**
 * Reads the status of a request of the owner. All reads are strongly consistent.
 *
 * @throws StreamerError `NOT_FOUND` if the request does not exist, or no longer exists
 */
export async function statusOf(deps: StatusDeps, owner: Owner, id: string): Promise<StatusReport> {
  const request = await findRequest(deps, owner, id);
  const { attempt, notBefore } = request;
  const report = { ...summaryOf(request), attempt, ...(notBefore !== undefined && { notBefore }) };
  return { ...report, ...(await outcomeOf(deps, request)), ...(await progressOf(deps, request)) };
}

async function outcomeOf(
  deps: StatusDeps,
  request: RequestItem,
): Promise<Pick<StatusReport, 'result' | 'error' | 'partial'>> {
  const { outcome } = request;
  if (!outcome) return {};
  const value = await valueIn(deps, request, outcome);
  if (outcome.kind === 'result') return { result: value };
  return { error: JSON.parse(outcome.error) as WireError, ...(value !== undefined && { partial: value }) };
}

async function valueIn(deps: StatusDeps, request: RequestItem, outcome: Outcome): Promise<Json | undefined> {
  const stored = bodyOf(outcome);
  if (!stored) return undefined;
  const text = 'body' in stored ? stored.body : await storedValue(deps, request, stored);
  if (text === undefined) throw new StreamerError('NOT_FOUND', `The result of ${request.id} is past its retention.`);
  return JSON.parse(text) as Json;
}

async function progressOf(deps: StatusDeps, request: RequestItem): Promise<Pick<StatusReport, 'progress'>> {
  if (request.status !== 'RUNNING') return {};
  return reportOf(request, decodeHead(await deps.store.get('events', headKey(logKey(request)))));
}
