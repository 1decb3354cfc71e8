/** `cdk-streamer-client`: requests with live progress that survive reconnects. */

export {
  type AttachTo,
  type PublishOptions,
  type RequestOptions,
  type StateListener,
  StreamerClient,
  type StreamerClientOptions,
} from './client';
export type { Clock } from './clock';
export type { ConnectionState, StateDetail } from './connection';
export { type ErrorCode, type ProtocolErrorCode, StreamerError, type StreamerErrorOptions } from './errors';
export type { AbortSignalLike, RequestSnapshot } from './live-request';
export type { SubscribeOptions, Subscription, TopicMessage } from './live-topic';
export type { Json, RequestStatus } from './messages';
export type { Timing } from './protocol';
export type { ProgressReport } from './request-state';
export type { WebSocketConstructor, WebSocketLike } from './socket';
export type { TokenSource } from './token';
export type { TopicPosition } from './topic-state';
export type {
  ActionEvent,
  ActionsOf,
  ActionTypes,
  EventOf,
  InputOf,
  Jsonified,
  ResultOf,
  UntypedActions,
} from './types';
export { type VisitorStorage, type VisitorTokenOptions, visitorToken } from './visitor';
export type { Wake } from './wake';
