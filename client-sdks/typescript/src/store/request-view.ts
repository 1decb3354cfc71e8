import type { ProgressReport } from '../request/request-state';
import type { EventOf, ResultOf } from '../types';
import type { StreamerError } from '../wire/errors';
import type { RequestStatus } from '../wire/messages';

/** State of one request, as a page shows it. */
export interface RequestView<Action = unknown> {
  /**
   * `IDLE`: nothing was requested. `FAILED`: the request failed or was refused, or the client cannot follow it at present; `error` has the reason. The
   * other values are those of the server.
   */
  readonly status: 'IDLE' | RequestStatus;
  /** Whether the request was sent and has not ended. */
  readonly isActive: boolean;
  readonly id?: string;
  /** Percentage from 0 to 100. It starts over with each attempt. */
  readonly percentage: number;
  /** Message of the last progress report of the current attempt. */
  readonly message?: string;
  readonly metadata?: ProgressReport['metadata'];
  /** Number of the current attempt, from 1; 0 before the first one. */
  readonly attempt: number;
  /** Events of the handler, in order. */
  readonly events: readonly EventOf<Action>[];
  /** Result of the handler, if the status is `COMPLETED`. A handler that returns nothing has the result `null`. */
  readonly result?: ResultOf<Action>;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: StreamerError;
}

const ENDED: ReadonlySet<RequestStatus> = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

/** Whether a request with this status has ended. */
export const isEnded = (status: RequestStatus): boolean => ENDED.has(status);

export const IDLE = { status: 'IDLE', isActive: false, percentage: 0, attempt: 0, events: [] } as const;

/** Fields that are empty at the start of an attempt. */
export const NEW_ATTEMPT = { message: undefined, metadata: undefined } as const;

/** A view without a request. It replaces all fields of another view. */
export const EMPTY = { ...IDLE, ...NEW_ATTEMPT, id: undefined, result: undefined, error: undefined } as const;
