import type { ProgressReport } from '../request/request-state';
import type { PriorityOf } from '../types';
import type { AbortSignalLike } from '../util/stop';
import type { Debounce } from '../wire/encode';
import type { Json, RequestStatus, WireError } from '../wire/messages';

/**
 * The owner of requests. A program that may invoke the submit function may act for every user. So take these names from a trusted source.
 */
export interface ServerIdentity {
  readonly user: string;
  /** Name of the tenant. Default: `default`. */
  readonly tenant?: string;
}

/** Options of one submission. */
export interface SubmitOptions<Action = unknown> {
  /** Id of the request, which must match `/^[A-Za-z0-9_-]{1,64}$/`. Two calls with the same id and input are one request. Default: a new id. */
  readonly id?: string;
  /**
   * Time in milliseconds, 1 to 31,622,400,000 (366 days), after which the request ends with `DEADLINE_EXCEEDED`. The time starts when the server
   * accepts the request. Default: no limit.
   */
  readonly deadlineMs?: number;
  /**
   * Time before which the work does not start: a date, or milliseconds since 1970. The time is at most 366 days ahead. The work starts within a few
   * seconds after this time. Default: at once.
   */
  readonly processAfter?: Date | number;
  /** Priority class of the action, from the `priorities` of its handler. Default: none. */
  readonly priority?: PriorityOf<Action>;
  /**
   * Rule by which the request replaces earlier requests of the user that have the same action and key and have not started. The replaced requests end
   * with `SUPERSEDED`. The rule cannot be combined with `processAfter`. Default: none.
   */
  readonly debounce?: Debounce;
}

/** A request that was submitted. `Action` exists only as a type. It determines the type of the result of `wait`. */
export interface SubmittedRequest<Action = unknown> {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Time at which the request was accepted, in epoch milliseconds. */
  readonly createdAt: number;
  /** Identifies the request's log, for a client that attaches. */
  readonly epoch: string;
  readonly ref: string;
  readonly run: number;
  /** Whether the same request had already been submitted. */
  readonly replayed: boolean;
  readonly '~action'?: Action;
}

/** Status of a request. */
export interface RequestReport {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Time at which the request was accepted, in epoch milliseconds. */
  readonly createdAt: number;
  readonly epoch: string;
  readonly ref: string;
  /** Number of the run, from 1. */
  readonly run: number;
  /** Number of the latest attempt within the run; 0 before the first attempt. */
  readonly attempt: number;
  /** Epoch milliseconds before which the next attempt does not start. */
  readonly notBefore?: number;
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
  /** The value that the handler returned although the request was cancelled. */
  readonly partial?: Json;
}

/** Options of the wait for a request. */
export interface WaitOptions {
  /** Time in milliseconds after which the wait ends with `TIMEOUT`. Default: no limit. */
  readonly timeoutMs?: number;
  /** Signal that ends the wait with `ABORTED`. The request itself continues. */
  readonly signal?: AbortSignalLike;
  /** Called with progress that has changed since the status was last read. If there were several reports in between, it gets only the latest. */
  readonly onProgress?: (progress: ProgressReport) => void;
}
