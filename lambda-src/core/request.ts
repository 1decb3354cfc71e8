import type { EndedAttempt, Origin, RequestItem, StoredBody, StoredFailure, StoredOutcome } from '../../src/contract';
import type { Json, RequestStatus, WireError } from '../protocol';
import { decode, type Item, type Shape, type Update } from './write';

export type { EndedAttempt, Origin, RequestItem, StoredBody } from '../../src/contract';

export type Outcome = StoredOutcome;

/**
 * Outcome of a run whose error is an answer to the client. An operator need not repair anything.
 *
 * @param partial the value that the handler returned although the run was stopped
 */
export const errorOutcome = (error: WireError, partial?: StoredBody): StoredFailure => ({
  kind: 'error',
  error: JSON.stringify(error),
  ...(partial && { partial }),
});

/** Returns the handler's value in an outcome: the result or the partial result. */
export const bodyOf = (outcome: Outcome): StoredBody | undefined =>
  outcome.kind === 'result' ? outcome : outcome.partial;

/** Outcome of a run that failed without a final answer of its handler. An operator should see it, and may redrive the request. */
export const deadOutcome = (error: WireError): Outcome => ({ ...errorOutcome(error), deadLetter: true });

/** Whether the request failed in a way that an operator should see. */
export const isDeadLetter = ({ status, outcome }: Pick<RequestItem, 'status' | 'outcome'>): boolean =>
  status === 'FAILED' && outcome?.kind === 'error' && outcome.deadLetter === true;

/** The fields of a request that every answer about a submission contains. */
export type RequestSummary = Pick<RequestItem, 'id' | 'action' | 'status' | 'createdAt' | 'ref' | 'epoch' | 'run'>;

export const summaryOf = ({ id, action, status, createdAt, ref, epoch, run }: RequestItem): RequestSummary => ({
  id,
  action,
  status,
  createdAt,
  ref,
  epoch,
  run,
});

const REQUEST: Shape<RequestItem> = {
  requestKey: 'string',
  tenant: 'string',
  user: 'string',
  id: 'string',
  action: 'string',
  ref: 'string',
  epoch: 'string',
  status: 'string',
  fence: 'number',
  attempt: 'number',
  maxAttempts: 'number',
  run: 'number',
  continued: 'number?',
  messagesRead: 'string?',
  state: 'string?',
  stateAt: 'number?',
  createdAt: 'number',
  notBefore: 'number?',
  pendingSince: 'number',
  startedAt: 'number?',
  attempts: 'object?',
  endedAt: 'number?',
  line: 'object?',
  ticket: 'number?',
  leaseUntil: 'number?',
  messageId: 'string?',
  cancelRequested: 'boolean?',
  cancelReason: 'string?',
  deadlineMs: 'number?',
  deadlineAt: 'number?',
  cancelAfterMs: 'number?',
  inputHash: 'string',
  input: 'string?',
  origin: 'object?',
  outcome: 'object?',
  lastProgress: 'string?',
  trace: 'string?',
  priority: 'string?',
  dueBucket: 'string?',
  dueAt: 'number?',
  userKey: 'string',
  expiresAt: 'number',
};

/**
 * Whether an item of the requests table is a request. Locks, starts of functions and the sweeper's watermark are stored in the same table, but have
 * no status.
 */
export const isRequest = (item: Item): boolean => item.status !== undefined;

/** @throws InvalidItem if the item is not a request */
export const decodeRequest = (item: Item): RequestItem => decode(item, 'request', REQUEST);

/** Number of the request's current slice, from 1. */
export const sliceOf = ({ continued = 0 }: Pick<RequestItem, 'continued'>): number => continued + 1;

/** A viewer of a request, or a member of a topic. */
export interface Viewer extends Origin {
  /** Run of the request when the viewer attached; absent if the request continues without viewers. */
  readonly run?: number;
  /** Time at which the viewer left. */
  readonly leftAt?: number;
}

const VIEWER: Shape<Viewer> = { connectionId: 'string', connectedAt: 'number', run: 'number?', leftAt: 'number?' };

/** Reads an item of the subscriptions table, and returns its viewer. @throws InvalidItem if the item is not a subscription */
export const decodeViewer = (item: Item): Viewer => decode(item, 'subscription', VIEWER);

const TERMINAL: ReadonlySet<RequestStatus> = new Set<RequestStatus>(['COMPLETED', 'FAILED', 'CANCELLED']);

export const isTerminal = (status: RequestStatus): boolean => TERMINAL.has(status);

/** The fields of a request that its handler receives. */
export interface AcceptedRequest {
  readonly id: string;
  readonly action: string;
  readonly input: Json | undefined;
}

/** A message of an action's queue. It contains only what is needed to claim the request. Everything else is in the request's item. */
export interface WorkMessage {
  readonly requestKey: string;
  /** The `notBefore` of the request at the time when the message was sent. The queue has delayed the message until then. */
  readonly notBefore?: number;
}

/** Parses a queue message; returns undefined if it is not a work message. */
export function asWorkMessage(text: string): WorkMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const { requestKey, notBefore } = (value ?? {}) as Partial<WorkMessage>;
    if (typeof requestKey !== 'string') return undefined;
    return { requestKey, ...(typeof notBefore === 'number' && { notBefore }) };
  } catch {
    return undefined;
  }
}

/** Maximum number of attempts in the history of a request. The item must stay small, because its size adds to the cost of each write. */
export const MAX_HISTORY = 10;
/** Maximum characters of a cause and of an error's message in the history. */
export const MAX_CAUSE_CHARS = 400;

/** The end of an attempt, without the fields that are copied from the request. */
export type AttemptEnd = Pick<EndedAttempt, 'endedAt' | 'error' | 'cause'>;

/** Returns the history of the request, including the running attempt, which ends now. */
export function historyWith(request: RequestItem, { endedAt, error, cause }: AttemptEnd): readonly EndedAttempt[] {
  const { run, attempt, continued, attempts = [], startedAt = endedAt } = request;
  const ended: EndedAttempt = {
    ...{ run, attempt, ...(continued !== undefined && { slice: sliceOf({ continued }) }), startedAt, endedAt },
    ...(error && { error: { code: error.code, message: error.message.slice(0, MAX_CAUSE_CHARS) } }),
    ...(cause !== undefined && { cause: cause.slice(0, MAX_CAUSE_CHARS) }),
  };
  return [...attempts, ended].slice(-MAX_HISTORY);
}

/**
 * Adds the end of the running attempt to the write that ends it. The write must be conditional on the fence of the request. This condition ensures
 * that the history is still the one that was read with the claim.
 */
export const withHistory = (write: Update, request: RequestItem, end: AttemptEnd): Update => ({
  ...write,
  set: { ...write.set, attempts: historyWith(request, end) },
});

/** The end of an attempt whose function died. The attempt may have run until its lease ended, so its end is the end of the lease. */
export const lostAttempt = ({ leaseUntil = 0 }: RequestItem): AttemptEnd => ({
  endedAt: leaseUntil,
  error: { code: 'ATTEMPT_LOST', message: 'The function that ran the attempt died.' },
});
