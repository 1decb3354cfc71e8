import {
  deadOutcome,
  endPending,
  expiry,
  isDeadLetter,
  isTerminal,
  letterKey,
  logKey,
  MAX_QUEUE_DELAY_MS,
  noteLetter,
  type RequestItem,
} from '../../core';
import { StreamerError } from '../../protocol';
import { leaveLine } from '../caps/line';
import { ensureTerminal } from '../log/terminal';
import { type Deps, type OutgoingMessage, type Queues, writeTimeOf } from '../ports';

/** A request as its stream record contains it. The record may be older than the item in the table. */
export interface OutboxRecord {
  readonly sequenceNumber: string;
  readonly request: RequestItem;
}

export interface DispatchDeps extends Deps {
  readonly queues: Queues;
}

/**
 * Sends requests that became pending to the queue of their action. Appends the terminal entry of requests that ended.
 *
 * @returns sequence numbers of the records that Lambda must deliver again
 */
export async function dispatch(deps: DispatchDeps, records: readonly OutboxRecord[]): Promise<string[]> {
  const failed = await Promise.all([
    ...byQueue(deps, records).map((pending) => sendAll(deps, pending)),
    ...records.filter(({ request }) => isTerminal(request.status)).map((record) => logEnd(deps, record)),
    ...records
      .filter(({ request }) => request.status === 'PENDING' && !deps.queues.serves(request.action))
      .map((record) => refuseUnserved(deps, record)),
  ]);
  return failed.flat();
}

/** Groups the records of the requests that may be sent, by queue: an action and a priority class. */
function byQueue(deps: DispatchDeps, records: readonly OutboxRecord[]): OutboxRecord[][] {
  const groups = new Map<string, OutboxRecord[]>();
  const horizon = deps.platform.now() + MAX_QUEUE_DELAY_MS;
  for (const record of records) {
    const { request } = record;
    // If the delay is longer than a queue allows, the sweeper starts the request.
    const { status, notBefore = 0, action, priority } = request;
    if (status !== 'PENDING' || notBefore > horizon || !deps.queues.serves(action)) continue;
    const queue = JSON.stringify([action, priority]);
    groups.set(queue, [...(groups.get(queue) ?? []), record]);
  }
  return [...groups.values()];
}

async function sendAll(deps: DispatchDeps, records: OutboxRecord[]): Promise<string[]> {
  const { action, priority } = records[0].request;
  const messages = records.map((record) => message(deps, record.request));
  try {
    const unsent = await deps.queues.send(action, messages, priority);
    return unsent.map((index) => records[index].sequenceNumber);
  } catch (error) {
    deps.log.error('could not send to the queue', { action, error });
    return records.map((record) => record.sequenceNumber);
  }
}

function message(deps: DispatchDeps, request: RequestItem): OutgoingMessage {
  const { requestKey, tenant, notBefore } = request;
  const delayMs = Math.max(0, (notBefore ?? 0) - deps.platform.now());
  return {
    body: { requestKey, ...(notBefore !== undefined && { notBefore }) },
    group: tenant,
    delaySeconds: Math.ceil(delayMs / 1000),
  };
}

async function logEnd(deps: DispatchDeps, { request, sequenceNumber }: OutboxRecord): Promise<string[]> {
  return orAgain(deps, sequenceNumber, async () => {
    await ensureTerminal(deps, request, 'dispatcher');
    await leaveLine(deps, request);
    if (isDeadLetter(request) && deps.queues.serves(request.action)) await leaveLetter(deps, request);
  });
}

/**
 * Sends one dead letter per run, although Lambda may deliver a record again because other records of its batch failed. If a dispatcher dies before it
 * records that it sent the letter, a second letter is sent.
 */
async function leaveLetter(deps: DispatchDeps, request: RequestItem): Promise<void> {
  const log = logKey(request);
  const sent = await deps.store.get('events', letterKey(log));
  if (Number(sent?.run ?? 0) >= request.run) return;
  await deps.queues.deadLetter(request.action, deadLetterBody(request));
  await deps.store.write(noteLetter(log, request.run, expiry(writeTimeOf(deps))));
}

/** Returns the body of a dead letter. It contains the key of the request, which remains in its table, and the reason why the request failed. */
function deadLetterBody(request: RequestItem): string {
  const { requestKey, tenant, user, id, action, run, attempt, createdAt, outcome } = request;
  return JSON.stringify({ requestKey, tenant, user, id, action, run, attempt, createdAt, outcome });
}

/** Fails a request whose action was removed from the app after the request was accepted. */
async function refuseUnserved(deps: DispatchDeps, { request, sequenceNumber }: OutboxRecord): Promise<string[]> {
  const error = new StreamerError('UNKNOWN_ACTION', `The action ${request.action} is no longer served.`).toWire();
  return orAgain(deps, sequenceNumber, () =>
    deps.store.write(endPending(request, 'FAILED', deadOutcome(error), writeTimeOf(deps))),
  );
}

async function orAgain(deps: DispatchDeps, sequenceNumber: string, work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    deps.log.error('could not handle a record', { sequenceNumber, error });
    return [sequenceNumber];
  }
}
