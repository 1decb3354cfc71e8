import type { Json, RequestStatus, WireError } from '../protocol';
import type { Due } from './keys';
import type { Item } from './write';

/** Outcome of a run as stored on the request. The terminal entry of the log is derived from it. */
export type Outcome =
  | { readonly kind: 'result'; readonly body: string }
  | { readonly kind: 'result'; readonly bodyAt: number }
  /** JSON string of a `WireError`, because a handler's details may be JSON that a table cannot store. */
  | { readonly kind: 'error'; readonly error: string };

export const errorOutcome = (error: WireError): Outcome => ({ kind: 'error', error: JSON.stringify(error) });

/** The connection that sent the request and is its first viewer. */
export interface Origin {
  readonly connectionId: string;
  readonly connectedAt: number;
}

/** A request as it is in the requests table. Times are epoch milliseconds, `expiresAt` is epoch seconds. */
export interface RequestItem extends Partial<Due> {
  readonly requestKey: string;
  readonly tenant: string;
  readonly user: string;
  readonly id: string;
  readonly action: string;
  /** Opaque name of the request for other users of the tenant. */
  readonly ref: string;
  readonly epoch: string;
  readonly status: RequestStatus;
  /** Number of claims, never reset. A write of an earlier claim is rejected. */
  readonly fence: number;
  /** Number of the latest attempt within the run; 0 before the first. Each claim adds 1, a redrive sets it to 0. */
  readonly attempt: number;
  /** Maximum number of attempts of a run. */
  readonly maxAttempts: number;
  /** Number of the run, from 1. A redrive adds 1. */
  readonly run: number;
  readonly createdAt: number;
  /** Earliest time of the next attempt, if it must wait, by the clock of the function that wrote it. */
  readonly notBefore?: number;
  /** Time since which the request has been waiting for a function: its acceptance, the end of a retry's delay, or the loss of its function. */
  readonly pendingSince: number;
  readonly leaseUntil?: number;
  /** Id of the queue message of the current claim. */
  readonly messageId?: string;
  readonly cancelRequested?: boolean;
  readonly inputHash: string;
  /** JSON string of a small input; a larger one is an item of the events table. */
  readonly input?: string;
  readonly origin?: Origin;
  readonly outcome?: Outcome;
  readonly trace?: string;
  readonly tenantShard: string;
  readonly expiresAt: number;
}

/** The fields of a request that every answer to a submission contains. */
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

export const asRequest = (item: Item): RequestItem => item as unknown as RequestItem;

const TERMINAL: ReadonlySet<RequestStatus> = new Set<RequestStatus>(['COMPLETED', 'FAILED', 'CANCELLED']);

export const isTerminal = (status: RequestStatus): boolean => TERMINAL.has(status);

/** The fields of its request that a handler receives. */
export interface AcceptedRequest {
  readonly id: string;
  readonly action: string;
  readonly input: Json | undefined;
}

/** A message of an action's queue: it contains enough to claim the request, which holds everything else. */
export interface WorkMessage {
  readonly requestKey: string;
  /** The request's `notBefore`, until which the queue has delayed the message. */
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
