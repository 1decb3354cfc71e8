import type { AbortSignalLike } from '../request/live-request';
import type { ProgressReport } from '../request/request-state';
import type { Json, RequestStatus, WireError } from '../wire/messages';

/**
 * The owner of requests. A program that may invoke the submit function may act for every user, so take these names from a trusted source.
 */
export interface ServerIdentity {
  readonly user: string;
  /** Name of the tenant. Default: `default`. */
  readonly tenant?: string;
}

/** Options of one submission. */
export interface SubmitOptions {
  /** Matches `/^[A-Za-z0-9_-]{1,64}$/`; the same id and input is the same request. Default: a new one. */
  readonly id?: string;
}

/** A request that was submitted. `Action` is only a type: it determines the type of the result of `wait`. */
export interface SubmittedRequest<Action = unknown> {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Identifies the request's log, for a client that attaches. */
  readonly epoch: string;
  readonly ref: string;
  readonly run: number;
  /** Whether the same request had been submitted before. */
  readonly replayed: boolean;
  readonly '~action'?: Action;
}

/** Status of a request. */
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
  /** The latest progress of the running attempt. */
  readonly progress?: {
    readonly percentage?: number;
    readonly message?: string;
    readonly metadata?: { readonly [key: string]: Json };
  };
  /** Present if the status is `COMPLETED`. */
  readonly result?: Json;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: WireError;
}

/** Options of waiting for a request. */
export interface WaitOptions {
  /** Time in milliseconds after which the wait ends with `TIMEOUT`. Default: none. */
  readonly timeoutMs?: number;
  /** Ends the wait with `ABORTED`. The request itself continues. */
  readonly signal?: AbortSignalLike;
  /** Called with progress that changed since the last poll: of several reports in between, only the latest. */
  readonly onProgress?: (progress: ProgressReport) => void;
}
