import { DEFAULTS } from '../../../src/contract';
import { decodeEntry, decodeRequest, isTerminal, logKey, mayRedrive, type RequestItem, redrive } from '../../core';
import {
  checkMessage,
  type InputMessage,
  type Json,
  type LogFrame,
  type ProgressFrame,
  StreamerError,
  type WireError,
} from '../../protocol';
import { frameOf, lastProgress } from '../log/read-log';
import { appendTerminal } from '../log/terminal';
import { writeTimeOf } from '../ports';
import { cancel } from '../requests/cancel';
import { sendToRequest } from '../requests/send';
import { storedInput } from '../requests/stored-request';
import { findByKey, type OperationDeps } from './select';

/** Everything about one request that an operator may want to see. */
export interface RequestReport {
  readonly request: RequestItem;
  readonly input?: Json;
  readonly result?: Json;
  readonly error?: WireError;
  /** The last progress of the latest attempt. */
  readonly progress?: ProgressFrame;
  /** The last entries of the log, in order. */
  readonly entries: readonly LogFrame[];
}

/** Maximum number of entries in a report. */
const MAX_ENTRIES = 100;

/** @param key key of the request. @throws StreamerError `NOT_FOUND` */
export async function showRequest(deps: OperationDeps, key: string): Promise<RequestReport> {
  const request = await findByKey(deps, key);
  const [input, entries, progress] = await Promise.all([
    storedInput(deps.store, request),
    lastEntries(deps, request),
    latestProgress(deps, request),
  ]);
  return { request, entries, ...outcomeOf(request, entries), ...(input !== undefined && { input }), ...progress };
}

async function lastEntries(deps: OperationDeps, request: RequestItem): Promise<LogFrame[]> {
  const query = {
    table: 'events',
    partition: logKey(request),
    from: 0,
    newestFirst: true,
    limit: MAX_ENTRIES,
  } as const;
  const items = await deps.store.query(query);
  return Promise.all(items.reverse().map((item) => frameOf(deps, request, decodeEntry(item))));
}

async function latestProgress(deps: OperationDeps, request: RequestItem) {
  const progress = await lastProgress(deps, request);
  return progress?.fence === request.fence ? { progress } : {};
}

/** Returns the result or the error. A result may be stored separately from the request, but the log also contains it. */
function outcomeOf({ outcome }: RequestItem, entries: readonly LogFrame[]): Pick<RequestReport, 'result' | 'error'> {
  if (outcome?.kind === 'error') return { error: JSON.parse(outcome.error) as WireError };
  const last = entries.at(-1);
  if (outcome && 'body' in outcome) return { result: JSON.parse(outcome.body) as Json };
  return outcome && last?.type === 'result' ? { result: last.result } : {};
}

/**
 * Starts the next run of a request that failed or was cancelled: under the same id, with the same input, log and viewers, and with all attempts of its action.
 *
 * If the log does not have the terminal entry of the ended run yet, the entry is appended first. The entry is derived from the outcome, and the
 * redrive removes the outcome.
 *
 * @param key key of the request
 * @returns the request in its new run
 * @throws StreamerError `NOT_FOUND`; `CONFLICT` if the request has not ended, has completed, or was changed at the same time
 */
export async function redriveRequest(deps: OperationDeps, key: string): Promise<RequestItem> {
  const request = await findByKey(deps, key);
  if (!mayRedrive(request))
    throw conflict(`${request.id} is ${request.status}: only FAILED and CANCELLED can run again.`);
  await appendTerminal(deps, request);
  const { applied, item } = await deps.store.write(redrive(request, writeTimeOf(deps)));
  if (!applied || !item) throw conflict(`${request.id} was changed at the same time.`);
  return decodeRequest(item);
}

/**
 * Cancels a request that has not ended, as its user can. A request that runs is ended by its attempt.
 *
 * @returns the request after the call
 * @throws StreamerError `NOT_FOUND`; `CONFLICT` if the request has ended
 */
export async function cancelRequest(deps: OperationDeps, key: string, reason?: string): Promise<RequestItem> {
  const request = await findByKey(deps, key);
  if (isTerminal(request.status)) throw conflict(`${request.id} has ended: it is ${request.status}.`);
  return cancel(deps, request, { id: request.id, reason });
}

/** A message of an operator to a running request. */
export interface OperatorMessage {
  readonly name: string;
  /** Data of the message. @default - no data */
  readonly data?: Json;
  /** Idempotency key: messages to one request with the same id are one message. @default - a new id */
  readonly id?: string;
}

/**
 * Sends a message to a running request, as its user can. This function cannot check the schemas of the action's messages. The handler skips a message that does
 * not match its schema.
 *
 * @returns the id of the message
 * @throws StreamerError `NOT_FOUND`, `REQUEST_ENDED`, `TOO_MANY_INPUTS`; `INVALID_MESSAGE` and other codes for a message that no client can send
 */
export async function sendMessage(
  deps: OperationDeps,
  key: string,
  { name, data, id = deps.platform.newId() }: OperatorMessage,
): Promise<string> {
  const request = await findByKey(deps, key);
  const message = checkMessage({ type: 'input', id, request: request.id, name, data }) as InputMessage;
  await sendToRequest({ ...deps, limits: DEFAULTS.limits }, request, message, async () => undefined);
  return id;
}

const conflict = (message: string): StreamerError => new StreamerError('CONFLICT', message);
