/** The messages of `streamer.v1`. `protocol/PROTOCOL.md` defines the meaning of each message. */

import type {
  DebounceRule,
  Download,
  Envelope,
  Json,
  JsonObject,
  ListedRequest,
  ListFilter,
  PayloadDigest,
  RequestStatus,
  SnapshotField,
  Upload,
  WireError,
} from './values';

export type * from './values';

// Messages from client to server.

export interface RequestMessage extends Envelope {
  type: 'request';
  /** Id that the client chooses. Two messages with the same id are the same request. */
  id: string;
  action: string;
  input?: Json;
  /** The uploaded input, in place of `input`. */
  upload?: PayloadDigest;
  /** Epoch milliseconds before which the request must not start. */
  notBefore?: number;
  /** Milliseconds after the acceptance within which the request must end. */
  deadlineMs?: number;
  /** Priority class of the action. */
  priority?: string;
  /** Rule by which the request replaces earlier requests with the same key that have not started. */
  debounce?: DebounceRule;
}

/** Asks for a URL to which the client uploads the input of a request. */
export interface UploadMessage extends Envelope, PayloadDigest {
  type: 'upload';
  /** Id of the request whose input it is. */
  id: string;
  action: string;
}

export interface AttachMessage extends Envelope {
  type: 'attach';
  id: string;
  /** The next log offset that the client expects. If it is absent, the answer begins at the latest snapshot, or at the start of the log. */
  offset?: number;
  epoch?: string;
  /** Opaque `ref` from another user's `ack`. It gives access to that user's request. */
  ref?: string;
}

export interface CancelMessage extends Envelope {
  type: 'cancel';
  id: string;
  reason?: string;
}

export interface SubscribeMessage extends Envelope {
  type: 'subscribe';
  topic: string;
  offset?: number;
  epoch?: string;
}

export interface UnsubscribeMessage extends Envelope {
  type: 'unsubscribe';
  topic: string;
}

export interface PublishMessage extends Envelope {
  type: 'publish';
  topic: string;
  /** Idempotency key of the message to publish. */
  id: string;
  data: Json;
}

export interface AuthRefreshMessage extends Envelope {
  type: 'auth.refresh';
  token: string;
}

export interface PingMessage extends Envelope {
  type: 'ping';
  /** Id that the `pong` returns. */
  id?: string;
}

export interface ListMessage extends Envelope, ListFilter {
  type: 'list';
  /** Id that the answer returns. */
  id: string;
}

export interface InputMessage extends Envelope {
  type: 'input';
  /** Idempotency key of the message. */
  id: string;
  /** Id of the request that gets the message. */
  request: string;
  name: string;
  data?: Json;
}

export type ClientMessage =
  | RequestMessage
  | AttachMessage
  | CancelMessage
  | SubscribeMessage
  | UnsubscribeMessage
  | PublishMessage
  | AuthRefreshMessage
  | ListMessage
  | InputMessage
  | UploadMessage
  | PingMessage;

export type ClientMessageType = ClientMessage['type'];

// Messages from server to client that are part of the log of a request.

export interface EventFrame {
  type: 'event';
  id: string;
  offset: number;
  /** Number of the run, from 1. */
  run: number;
  /** Number of the attempt within the run, from 1. */
  attempt: number;
  /** Number of claims of the request over all runs. It grows with each attempt. */
  fence: number;
  /** Number of the slice; 1 when left out. */
  slice?: number;
  /** Name that the handler chose, or `$attempt`. An event `$attempt` marks the beginning of an attempt, and its data is `{ attempt, run }`. */
  name: string;
  data?: Json;
}

export interface ResultFrame {
  type: 'result';
  id: string;
  offset: number;
  run: number;
  attempt?: number;
  result: Json;
}

/** The end of a run that failed or was cancelled. */
export interface LogErrorFrame {
  type: 'error';
  id: string;
  offset: number;
  run: number;
  attempt?: number;
  error: WireError;
  /** The value that the handler returned although its run was stopped. */
  partial?: Json;
  /** The partial value, if it does not fit into a message. */
  partialAt?: Download;
  /** The result, if it does not fit into a message. The run then completed, and `error` is only for clients that cannot download it. */
  resultAt?: Download;
}

/** A frame with an offset. It is delivered once and in order. */
export type LogFrame = EventFrame | ResultFrame | LogErrorFrame;

// Messages from server to client that are not part of a log.

/** A frame without an offset. It may be lost, repeated or overtaken. Only the latest one counts. */
export interface ProgressFrame {
  type: 'progress';
  id: string;
  run: number;
  attempt: number;
  fence: number;
  /** Number of the slice; 1 when left out. */
  slice?: number;
  seq: number;
  /** Next offset of the log at the time of the report. */
  afterOffset: number;
  /** Percentage from 0 to 100. */
  percentage?: number;
  message?: string;
  metadata?: JsonObject;
}

/** Answer to `request` of an async action, and to `attach`. */
export interface AckFrame {
  type: 'ack';
  for?: undefined;
  id: string;
  status: RequestStatus;
  epoch: string;
  /** Opaque id. Other users of the tenant can attach with it, if the action allows it. */
  ref: string;
  /** The next offset that the client should expect, after `entries`. */
  offset: number;
  run: number;
  entries?: LogFrame[];
  progress?: ProgressFrame;
  /** Latest snapshot, from which the entries continue. The entries before its offset are skipped. */
  snapshot?: SnapshotField;
  /** True if the log continues after `entries`. The client should attach again from `offset`. */
  more?: boolean;
  /** False if the log could not be read from the requested offset. The client must start over with `entries`. */
  recovered?: boolean;
  /** True if the request existed before this message. */
  replayed?: boolean;
}

export interface SubscribeAckFrame {
  type: 'ack';
  for: 'subscribe';
  topic: string;
  epoch: string;
  offset: number;
  entries?: TopicMessageFrame[];
  more?: boolean;
  recovered?: boolean;
}

export interface UnsubscribeAckFrame {
  type: 'ack';
  for: 'unsubscribe';
  topic: string;
}

export interface PublishAckFrame {
  type: 'ack';
  for: 'publish';
  id: string;
  topic: string;
}

export interface CancelAckFrame {
  type: 'ack';
  for: 'cancel';
  id: string;
  /** `CANCELLED`: the request has ended. `RUNNING`: the running attempt ends the request. Another terminal status: the request had already ended. */
  status: RequestStatus;
  run: number;
}

export interface AuthRefreshAckFrame {
  type: 'ack';
  for: 'auth.refresh';
  /** Epoch milliseconds until which the new token is valid. */
  expiresAt: number;
}

export interface InputAckFrame {
  type: 'ack';
  for: 'input';
  id: string;
  request: string;
}

/** Answer to `upload`. */
export interface UploadAckFrame extends Upload {
  type: 'ack';
  for: 'upload';
  id: string;
}

/** Acks that name the type of the message that they answer. */
export type NamedAckFrame =
  | CancelAckFrame
  | SubscribeAckFrame
  | UnsubscribeAckFrame
  | PublishAckFrame
  | InputAckFrame
  | UploadAckFrame
  | AuthRefreshAckFrame;

/** Answer to `request` of a sync action. */
export interface ResponseFrame {
  type: 'response';
  id: string;
  result: Json;
}

/** Refusal of a message. It has no offset, so it is not a part of a log. */
export interface RefusalFrame {
  type: 'error';
  offset?: undefined;
  /** Id of the refused request or attach; absent if no id could be read. */
  id?: string;
  /** Topic of the refused message. */
  topic?: string;
  /** Type of the refused message. */
  for?: string;
  /** True if the message was accepted and the sync action ran. The error then comes from the handler, whatever its code is. */
  ran?: boolean;
  error: WireError;
}

export interface TopicMessageFrame {
  type: 'message';
  topic: string;
  offset: number;
  epoch: string;
  data: Json;
}

/** Answer to `list`. */
export interface RequestsFrame {
  type: 'requests';
  /** The id of the `list`. */
  id: string;
  /** The newest first. */
  requests: ListedRequest[];
  /** Present if the list continues. Send it in the next `list`. */
  cursor?: string;
}

export interface PongFrame {
  type: 'pong';
  id?: string;
}

export type ServerMessage =
  | AckFrame
  | NamedAckFrame
  | ResponseFrame
  | ProgressFrame
  | LogFrame
  | RefusalFrame
  | TopicMessageFrame
  | RequestsFrame
  | PongFrame;

export type ServerMessageType = ServerMessage['type'];

/** A frame that API Gateway itself sends, because it throttled a frame or because an integration failed. */
export interface GatewayFrame {
  message: string;
  connectionId: string;
  requestId: string;
}
