import type { TERMINAL_STATUSES } from './tables';

/** Items of the tables that the functions write and the local run reads. */

export type StoredStatus = 'PENDING' | 'WAITING' | 'RUNNING' | (typeof TERMINAL_STATUSES)[number];

/**
 * A value of a handler. A short value is stored as a JSON string. For a long value, the events table holds the string, and the offset of its item is
 * stored.
 */
export type StoredBody = { readonly body: string } | { readonly bodyAt: number };

/** Outcome of a run, as the request's item stores it. The log's terminal entry is derived from it. */
export type StoredOutcome = ({ readonly kind: 'result' } & StoredBody) | StoredFailure;

export interface StoredFailure {
  readonly kind: 'error';
  /** JSON string of an error. It is a string because a handler's details may contain JSON that a table cannot store. */
  readonly error: string;
  /** True if the failure needs an operator: the attempts are used up or the request cannot be run. Absent if the error is an answer to the client. */
  readonly deadLetter?: true;
  /** The value that the handler returned although the run was stopped. */
  readonly partial?: StoredBody;
}

/** An attempt that ended, in the history of its request. */
export interface EndedAttempt {
  readonly run: number;
  readonly attempt: number;
  /** Number of the slice, if it is not the first. */
  readonly slice?: number;
  /** Time of the claim. */
  readonly startedAt: number;
  /** Time of the write that ended the attempt; if its function died, the end of its lease. */
  readonly endedAt: number;
  /** Absent if the attempt returned a result or ended its slice. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Description of the error behind `error`, truncated and without secrets. It is for operators: no client receives it. */
  readonly cause?: string;
}

/** The connection that sent the request and is its first viewer. */
export interface Origin {
  readonly connectionId: string;
  readonly connectedAt: number;
}

/** A request as the requests table stores it. Times are epoch milliseconds; only `expiresAt` is epoch seconds. */
export interface RequestItem {
  readonly requestKey: string;
  readonly tenant: string;
  readonly user: string;
  readonly id: string;
  readonly action: string;
  /** Opaque name by which other users of the tenant refer to the request. */
  readonly ref: string;
  readonly epoch: string;
  readonly status: StoredStatus;
  /** Number of claims. It is never reset. If a processor holds an earlier claim, its writes are rejected. */
  readonly fence: number;
  /** Number of the latest attempt within the run; 0 before the first. Each claim adds 1, and a redrive sets the number to 0. */
  readonly attempt: number;
  /** Maximum number of attempts of a run. */
  readonly maxAttempts: number;
  /** Number of the run, from 1. A redrive adds 1. */
  readonly run: number;
  /** Number of slices of the request that have ended with a continuation; absent: none. The current slice has the next number. */
  readonly continued?: number;
  /** JSON string of an object: for each message name, the offset up to which the previous slices have read messages of that name. */
  readonly messagesRead?: string;
  /** JSON string of the state that the last continuation left, if it is small. */
  readonly state?: string;
  /** Offset of the item of the events table that holds a larger state. */
  readonly stateAt?: number;
  readonly createdAt: number;
  /** Earliest time of the next attempt, if the attempt must wait. The clock is that of the function that wrote the value. */
  readonly notBefore?: number;
  /**
   * Time since which the request has been waiting for a function. The wait began at one of these times: the acceptance of the request, the end of a
   * retry's delay, the loss of the request's function, or its turn in the line of a cap.
   */
  readonly pendingSince: number;
  /** Start of the running attempt, or of the latest one. */
  readonly startedAt?: number;
  /** The latest attempts that ended, over all runs, the oldest first. */
  readonly attempts?: readonly EndedAttempt[];
  /** End of the run. */
  readonly endedAt?: number;
  /**
   * Cap for which the request waits or has waited. `key` is the partition of the events table that contains the cap's slots and line. `max` is the
   * number of slots.
   */
  readonly line?: { readonly key: string; readonly max: number };
  /** Place in the line. */
  readonly ticket?: number;
  readonly leaseUntil?: number;
  /** Id of the queue message of the current claim. */
  readonly messageId?: string;
  /** Whether the running attempt has to cancel the run. A waiting request is cancelled at once, so it never has this attribute. */
  readonly cancelRequested?: boolean;
  readonly cancelReason?: string;
  /** Milliseconds that a run may take from its start: the acceptance, or a redrive. */
  readonly deadlineMs?: number;
  /** Time by which the run must end. If the run has not ended by then, the request fails, whatever its status is. */
  readonly deadlineAt?: number;
  /** Milliseconds after which a run without viewers is cancelled; absent if such a run continues. */
  readonly cancelAfterMs?: number;
  readonly inputHash: string;
  /** JSON string of a small input. A larger input is an item of the events table. */
  readonly input?: string;
  readonly origin?: Origin;
  readonly outcome?: StoredOutcome;
  /**
   * JSON string of the last report of the attempt that ended a run, with the attempt's counters. Absent if no run has ended with a report that the log's
   * head does not contain.
   */
  readonly lastProgress?: string;
  readonly trace?: string;
  /** Priority class, whose queue the request's messages use; absent if they use the action's own queue. */
  readonly priority?: string;
  /** Partition of the due index: the minute in which the sweeper checks the request, and a shard. */
  readonly dueBucket?: string;
  readonly dueAt?: number;
  /** Owner of the request. It is the key of the index that contains the requests of each user. */
  readonly userKey: string;
  readonly expiresAt: number;
}
