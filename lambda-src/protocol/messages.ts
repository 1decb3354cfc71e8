/** The messages of `streamer.v1`. `protocol/PROTOCOL.md` defines what each one means. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RequestStatus = 'PENDING' | 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export interface WireError {
  /** A code of `constants.json`, or a handler's own code of the same form. */
  code: string;
  /** The problem and its fix; safe to show to a person. */
  message: string;
  /** Whether the same message may succeed later. */
  retryable: boolean;
  details?: Json;
  /** Seconds to wait before trying again. */
  retryAfter?: number;
}

/** A value that breaks its schema. */
export interface Issue {
  /** Dotted path from the message's root, such as `input.items.0.price`; empty for the root. */
  path: string;
  message: string;
}

/** Fields that any client message may carry. */
export interface Envelope {
  /** Version of the envelope; 1 when left out. */
  v?: number;
  /** Opaque trace id; a W3C `traceparent` fits. */
  trace?: string;
}

// client → server

export interface RequestMessage extends Envelope {
  type: 'request';
  /** Chosen by the client; the same id is the same request. */
  id: string;
  action: string;
  input?: Json;
  /** Epoch milliseconds before which the work must not start. */
  notBefore?: number;
}

export interface AttachMessage extends Envelope {
  type: 'attach';
  id: string;
  /** The next log offset that the client expects. */
  offset: number;
  epoch?: string;
  /** Opaque `ref` from another user's `ack`, which gives access to that request. */
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
  /** Idempotency key of the publish. */
  id: string;
  data: Json;
}

export interface AuthRefreshMessage extends Envelope {
  type: 'auth.refresh';
  token: string;
}

export interface PingMessage extends Envelope {
  type: 'ping';
  /** Returned in the `pong`. */
  id?: string;
}

export type ClientMessage =
  | RequestMessage
  | AttachMessage
  | CancelMessage
  | SubscribeMessage
  | UnsubscribeMessage
  | PublishMessage
  | AuthRefreshMessage
  | PingMessage;

export type ClientMessageType = ClientMessage['type'];

// server → client: the log of a request

export interface EventFrame {
  type: 'event';
  id: string;
  offset: number;
  /** Number of the run, from 1. */
  run: number;
  /** Number of the attempt within the run, from 1. */
  attempt: number;
  /** Number of the attempt over all runs. It grows with each attempt. */
  fence: number;
  /** A handler's name, or `$attempt`: a new attempt begins, data `{ attempt, run }`. */
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
}

/** A frame with an offset: delivered once and in order. */
export type LogFrame = EventFrame | ResultFrame | LogErrorFrame;

// server → client: everything else

/** A frame without an offset: it may be lost, repeated or overtaken, and the latest wins. */
export interface ProgressFrame {
  type: 'progress';
  id: string;
  run: number;
  attempt: number;
  fence: number;
  seq: number;
  /** The log's next offset at the time of the report. */
  afterOffset: number;
  /** From 0 to 100. */
  percentage?: number;
  message?: string;
  metadata?: JsonObject;
}

/** Answer to `request` of an async action, to `attach` and to `cancel`. */
export interface AckFrame {
  type: 'ack';
  for?: undefined;
  id: string;
  status: RequestStatus;
  epoch: string;
  /** Opaque; lets other users of the tenant attach, if the action allows it. */
  ref: string;
  /** The next offset to expect, after `entries`. */
  offset: number;
  run: number;
  entries?: LogFrame[];
  progress?: ProgressFrame;
  /** The log continues: attach again from `offset`. */
  more?: boolean;
  /** `false`: the log could not be read from the requested offset; start over with `entries`. */
  recovered?: boolean;
  /** `true`: the request existed before this message. */
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

export interface AuthRefreshAckFrame {
  type: 'ack';
  for: 'auth.refresh';
  /** Epoch milliseconds until which the new token is valid. */
  expiresAt: number;
}

/** Acks of messages that a later version serves. */
export type LaterAckFrame = SubscribeAckFrame | UnsubscribeAckFrame | PublishAckFrame | AuthRefreshAckFrame;

/** Answer to `request` of a sync action. */
export interface ResponseFrame {
  type: 'response';
  id: string;
  result: Json;
}

/** Refusal of a message. It has no offset, so it is not part of a log. */
export interface RefusalFrame {
  type: 'error';
  offset?: undefined;
  /** The refused request or attach; absent if no id could be read. */
  id?: string;
  /** The topic of the refused message. */
  topic?: string;
  /** Type of the refused message. */
  for?: string;
  /** Whether the message was accepted and the sync action ran; the error is then the handler's, regardless of its code. */
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

export interface PongFrame {
  type: 'pong';
  id?: string;
}

export type ServerMessage =
  | AckFrame
  | LaterAckFrame
  | ResponseFrame
  | ProgressFrame
  | LogFrame
  | RefusalFrame
  | TopicMessageFrame
  | PongFrame;

export type ServerMessageType = ServerMessage['type'];

/** API Gateway's own frame: a throttle, or an integration that failed. */
export interface GatewayFrame {
  message: string;
  connectionId: string;
  requestId: string;
}
