import type { AbortSignalLike } from '../request/live-request';
import type { ProgressReport } from '../request/request-state';
import type { Json, RequestStatus, WireError } from '../wire/messages';

/** Whose requests they are. Whoever may invoke the submit function may act for anybody: take it from where you trust it. */
export interface ServerIdentity {
  readonly user: string;
  /** Default: `default`. */
  readonly tenant?: string;
}

/** How one request is submitted. */
export interface SubmitOptions {
  /** Matches `/^[A-Za-z0-9_-]{1,64}$/`; the same id and input is the same request. Default: a new one. */
  readonly id?: string;
}

/** A request that was submitted. `Action` is only a type: it says what `wait` resolves with. */
export interface SubmittedRequest<Action = unknown> {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Names the request's log, for a client that attaches. */
  readonly epoch: string;
  readonly ref: string;
  readonly run: number;
  /** The same request had been submitted before. */
  readonly replayed: boolean;
  readonly '~action'?: Action;
}

/** Where a request stands. */
export interface RequestReport {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly epoch: string;
  readonly ref: string;
  /** Number of the run, from 1. */
  readonly run: number;
  /** Number of the latest attempt within the run; 0 before the first. */
  readonly attempt: number;
  /** While it runs: the last report of the attempt. */
  readonly progress?: {
    readonly percentage?: number;
    readonly message?: string;
    readonly metadata?: { readonly [key: string]: Json };
  };
  /** Once it is COMPLETED. */
  readonly result?: Json;
  /** Once it is FAILED or CANCELLED. */
  readonly error?: WireError;
}

/** How long to wait for a request, and who is told of its progress. */
export interface WaitOptions {
  /** Ends the waiting with `TIMEOUT`; milliseconds. Default: none. */
  readonly timeoutMs?: number;
  /** Ends the waiting with `ABORTED`. The work itself goes on. */
  readonly signal?: AbortSignalLike;
  /** Is told what has changed since it was asked last: of reports in between it sees the latest. */
  readonly onProgress?: (progress: ProgressReport) => void;
}
