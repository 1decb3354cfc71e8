import type { MessageArguments } from '../types';
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

/** A request of this client: the promise of its result, with the id of the request and with functions that act on the request. */
export interface RequestHandle<Result, Messages = Record<string, unknown>> extends Promise<Result> {
  readonly id: string;
  /**
   * Cancels the request, for all its viewers. The promise of the result then rejects with `CANCELLED`, unless the request ends earlier. If the server
   * has not acknowledged the request yet, the cancellation waits for the acknowledgment.
   *
   * @param reason for the handler and the viewers; at most 256 characters
   * @throws StreamerError as `StreamerClient.cancel` does
   */
  cancel(reason?: string): Promise<CancelResult>;
  /**
   * Sends a message to the handler of the request. When the promise resolves, the message is stored. If the server has not acknowledged the request
   * yet, the message waits for the acknowledgment.
   *
   * @param name the name of the message, which the handler declares with the type of its data
   * @throws StreamerError as `StreamerClient.send` does
   */
  send<Name extends keyof Messages & string>(
    name: Name,
    ...[data, options]: MessageArguments<Messages[Name], SendOptions>
  ): Promise<void>;
}

/** Options of one message to a request. */
export interface SendOptions {
  /**
   * Id of the message, which must match `/^[A-Za-z0-9_-]{1,64}$/`. Two calls with the same id for the same request are one message. Default: a new
   * id.
   */
  readonly id?: string;
}

/** Functions of a client that act on a request. */
export interface HandleActions {
  cancel(id: string, reason?: string): Promise<CancelResult>;
  send(id: string, name: string, data: unknown, options?: SendOptions): Promise<void>;
}

/** Adds the functions of a handle to the promise of a result. */
export const handleOf = <Result, Messages>(
  id: string,
  result: Promise<Result>,
  actions: HandleActions,
): RequestHandle<Result, Messages> =>
  Object.assign(result, {
    id,
    cancel: (reason?: string) => actions.cancel(id, reason),
    send: (name: string, data?: unknown, options?: SendOptions) => actions.send(id, name, data, options),
  }) as RequestHandle<Result, Messages>;
