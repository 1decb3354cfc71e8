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
import { type Download, type Json, type JsonObject, StreamerError, type WireError } from '../../protocol';
import { reportOf, separateValue } from '../log/read-log';
import type { Deps } from '../ports';
import { findRequest } from '../requests/stored-request';

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
  /** URL of the result, if it does not fit into a frame. */
  readonly resultAt?: Download;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: WireError;
  /** The value that the handler returned although the run was stopped. */
  readonly partial?: Json;
  /** URL of that value, if it does not fit into a frame. */
  readonly partialAt?: Download;
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

type OutcomeReport = Pick<StatusReport, 'result' | 'resultAt' | 'error' | 'partial' | 'partialAt'>;

async function outcomeOf(deps: StatusDeps, request: RequestItem): Promise<OutcomeReport> {
  const { outcome } = request;
  if (!outcome) return {};
  const { value, download } = await valueIn(deps, request, outcome);
  if (outcome.kind === 'result') return download ? { resultAt: download } : { result: value };
  const error = JSON.parse(outcome.error) as WireError;
  return { error, ...(value !== undefined && { partial: value }), ...(download && { partialAt: download }) };
}

interface Value {
  readonly value?: Json;
  readonly download?: Download;
}

async function valueIn(deps: StatusDeps, request: RequestItem, outcome: Outcome): Promise<Value> {
  const stored = bodyOf(outcome);
  if (!stored) return {};
  const { text, download } = 'body' in stored ? { text: stored.body } : await separateValue(deps, request, stored);
  if (download) return { download };
  if (text === undefined) throw new StreamerError('NOT_FOUND', `The result of ${request.id} is past its retention.`);
  return { value: JSON.parse(text) as Json };
}

async function progressOf(deps: StatusDeps, request: RequestItem): Promise<Pick<StatusReport, 'progress'>> {
  if (request.status !== 'RUNNING') return {};
  return reportOf(request, decodeHead(await deps.store.get('events', headKey(logKey(request)))));
}
