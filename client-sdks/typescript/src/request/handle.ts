import type { RequestStatus } from '../wire/messages';

/** State of a request after its cancellation was requested. */
export interface CancelResult {
  readonly id: string;
  /**
   * `CANCELLED`: the request has ended. `RUNNING`: its handler was notified, and the end follows. `COMPLETED` or `FAILED`: the request had ended before, and
   * keeps its outcome.
   */
  readonly status: RequestStatus;
  /** Number of the run, from 1. */
  readonly run: number;
}

/** A request of this client: the promise of its result, with its id and with functions that act on it. */
export interface RequestHandle<Result> extends Promise<Result> {
  readonly id: string;
  /**
   * Cancels the request, for all its viewers: the promise then rejects with `CANCELLED`, unless the request ends before. Before the server has acknowledged
   * the request, the cancellation waits for that.
   *
   * @param reason for the handler and the viewers; at most 256 characters
   * @throws StreamerError as `StreamerClient.cancel` does
   */
  cancel(reason?: string): Promise<CancelResult>;
}

/** Adds the functions of a handle to the promise of a result. */
export const handleOf = <Result>(
  id: string,
  result: Promise<Result>,
  cancel: (id: string, reason?: string) => Promise<CancelResult>,
): RequestHandle<Result> => Object.assign(result, { id, cancel: (reason?: string) => cancel(id, reason) });
