import type { TERMINAL_STATUSES } from './tables';

/** Items of the tables that the functions write and the local run reads. */

export type StoredStatus = 'PENDING' | 'WAITING' | 'RUNNING' | (typeof TERMINAL_STATUSES)[number];

/** Outcome of a run as stored on the request. The terminal entry of the log is derived from it. */
export type StoredOutcome =
  /** JSON string of a result. */
  | { readonly kind: 'result'; readonly body: string }
  /** Offset of the item of the events table that holds a long result. */
  | { readonly kind: 'result'; readonly bodyAt: number }
  /** JSON string of an error, because a handler's details may be JSON that a table cannot store. */
  | { readonly kind: 'error'; readonly error: string };

/** The connection that sent the request and is its first viewer. */
export interface Origin {
  readonly connectionId: string;
  readonly connectedAt: number;
}

/** A request as it is in the requests table. Times are epoch milliseconds, `expiresAt` is epoch seconds. */
export interface RequestItem {
  readonly requestKey: string;
  readonly tenant: string;
  readonly user: string;
  readonly id: string;
  readonly action: string;
  /** Opaque name of the request for other users of the tenant. */
  readonly ref: string;
  readonly epoch: string;
  readonly status: StoredStatus;
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
  readonly outcome?: StoredOutcome;
  readonly trace?: string;
  /** Place in the due index: the minute in which the sweeper checks the request. */
  readonly dueBucket?: string;
  readonly dueAt?: number;
  readonly tenantShard: string;
  readonly expiresAt: number;
}
