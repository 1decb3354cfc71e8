import type { RequestItem } from '../../core';
import {
  type BulkOptions,
  type BulkReport,
  changeAll,
  listRequests,
  type PageOptions,
  type RequestPage,
} from './many-requests';
import {
  cancelRequest,
  type OperatorMessage,
  type RequestReport,
  redriveRequest,
  sendMessage,
  showRequest,
} from './one-request';
import type { OperationDeps, RequestFilter } from './select';

export type { BulkOptions, BulkReport, BulkStep, PageOptions, RequestPage } from './many-requests';
export type { OperatorMessage, RequestReport } from './one-request';
export {
  type DeadLetterKey,
  matches,
  type OperationDeps,
  type RequestFilter,
  type RequestReader,
  type TimeRange,
  timeOf,
} from './select';

/**
 * The operations on requests for operators. Operators use them through a command, a page or a function. A request is identified by its key, which
 * lists contain.
 */
export interface RequestOperations {
  /** Lists the requests that a filter selects, the latest first. */
  list(filter?: RequestFilter, options?: PageOptions): Promise<RequestPage>;
  /** Reads everything about one request. @throws StreamerError `NOT_FOUND` */
  show(key: string): Promise<RequestReport>;
  /** Starts the next run of a request that failed or was cancelled. @throws StreamerError `NOT_FOUND`, `CONFLICT` */
  redrive(key: string): Promise<RequestItem>;
  /** Cancels a request that has not ended. @param reason for the handler and the client. @throws StreamerError `NOT_FOUND`, `CONFLICT` */
  cancel(key: string, reason?: string): Promise<RequestItem>;
  /**
   * Sends a message to a running request, whose handler reads it.
   *
   * @returns the id of the message
   * @throws StreamerError `NOT_FOUND`, `REQUEST_ENDED`, `TOO_MANY_INPUTS`, `INVALID_MESSAGE`
   */
  send(key: string, message: OperatorMessage): Promise<string>;
  /** Cancels every request that a filter selects and that has not ended. */
  cancelAll(filter: RequestFilter, options?: BulkOptions & { readonly reason?: string }): Promise<BulkReport>;
  /** Starts the next run of every request that a filter selects. */
  redriveAll(filter: RequestFilter, options?: BulkOptions): Promise<BulkReport>;
}

export function createOperations(deps: OperationDeps): RequestOperations {
  const redrive = (key: string) => redriveRequest(deps, key);
  return {
    list: (filter, options) => listRequests(deps, filter, options),
    show: (key) => showRequest(deps, key),
    redrive,
    cancel: (key, reason) => cancelRequest(deps, key, reason),
    send: (key, message) => sendMessage(deps, key, message),
    cancelAll: (filter, options) =>
      changeAll(deps, filter, ({ requestKey }) => cancelRequest(deps, requestKey, options?.reason), options),
    redriveAll: (filter, options) => changeAll(deps, filter, ({ requestKey }) => redrive(requestKey), options),
  };
}
