/** `cdk-streamer-client`: requests with live progress that continue after a reconnect. */

export { StreamerClient } from './client';
export type {
  AttachOptions,
  PublishOptions,
  RequestOptions,
  StateListener,
  StreamerClientOptions,
} from './client-options';
export type { ConnectionState, StateDetail } from './connection/connection';
export type { WebSocketConstructor, WebSocketLike } from './connection/socket';
export type { TokenSource } from './connection/token';
export { type VisitorStorage, type VisitorTokenOptions, visitorToken } from './connection/visitor';
export type { Wake } from './connection/wake';
export type { Fetch } from './payload/transfer';
export type { AttachTo } from './request/check-options';
export type { CancelResult, RequestHandle, SendOptions } from './request/handle';
export type { RequestSnapshot } from './request/live-request';
export type { ProgressReport, SnapshotReport } from './request/request-state';
export type { SubscribeOptions, Subscription, TopicMessage } from './topic/live-topic';
export type { TopicPosition } from './topic/topic-state';
export type {
  ActionEvent,
  ActionSnapshot,
  ActionsOf,
  ActionTypes,
  EventOf,
  InputOf,
  Jsonified,
  ListedRequest,
  ListOptions,
  MessagesOf,
  PriorityOf,
  RequestPage,
  ResultOf,
  SnapshotOf,
  UntypedActions,
} from './types';
export type { Clock } from './util/clock';
export type { AbortSignalLike } from './util/stop';
export type { Debounce } from './wire/encode';
export { type ErrorCode, type ProtocolErrorCode, StreamerError, type StreamerErrorOptions } from './wire/errors';
export type { Json, RequestStatus, WireError } from './wire/messages';
export type { Timing } from './wire/protocol';
