/** The messages of `streamer.v1` that this client sends and reads. `protocol/PROTOCOL.md` defines them. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Status of a request. The last three are terminal. */
export type RequestStatus = 'PENDING' | 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** An error in a message. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: Json;
  /** Seconds to wait before a retry. */
  readonly retryAfter?: number;
}

export interface AttachMessage {
  readonly type: 'attach';
  readonly id: string;
  /** If it is absent, the answer begins at the latest snapshot. */
  readonly offset?: number;
  readonly epoch?: string;
  readonly ref?: string;
}

export interface EventFrame {
  readonly type: 'event';
  readonly id: string;
  readonly offset: number;
  readonly run: number;
  readonly attempt: number;
  readonly fence: number;
  readonly slice?: number;
  readonly name: string;
  readonly data?: Json;
}

export interface ResultFrame {
  readonly type: 'result';
  readonly id: string;
  readonly offset: number;
  readonly run: number;
  readonly result: Json;
}

export interface LogErrorFrame {
  readonly type: 'error';
  readonly id: string;
  readonly offset: number;
  readonly run: number;
  readonly error: WireError;
  /** The value that the handler returned although its run was stopped. */
  readonly partial?: Json;
  /** The same value, if it does not fit into a message. */
  readonly partialAt?: Download;
  /** The result, if it does not fit into a message. The run completed, and `error` is for clients that cannot download. */
  readonly resultAt?: Download;
}

/** The content of a payload. */
export interface PayloadDigest {
  readonly bytes: number;
  /** SHA-256 of the bytes in base64. */
  readonly sha256: string;
}

/** A presigned URL that reads a payload. */
export interface Download {
  readonly url: string;
  readonly bytes: number;
}

/** A presigned URL that stores a payload, with the headers that the PUT must have. */
export interface Upload {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
}

/** A frame with an offset. It is delivered once and in order. */
export type LogFrame = EventFrame | ResultFrame | LogErrorFrame;

export interface ProgressFrame {
  readonly type: 'progress';
  readonly id: string;
  readonly run: number;
  readonly attempt: number;
  readonly fence: number;
  readonly slice?: number;
  readonly seq: number;
  readonly afterOffset: number;
  readonly percentage?: number;
  readonly message?: string;
  readonly metadata?: { [key: string]: Json };
}

export interface AckFrame {
  readonly type: 'ack';
  readonly for?: undefined;
  readonly id: string;
  readonly status: RequestStatus;
  readonly epoch: string;
  readonly ref: string;
  readonly offset: number;
  readonly run: number;
  readonly entries?: readonly LogFrame[];
  readonly progress?: ProgressFrame;
  /** The latest snapshot, from which the entries continue. */
  readonly snapshot?: SnapshotField;
  readonly more?: boolean;
  readonly recovered?: boolean;
}

/** State of a request's work after the entries below `offset`. */
export interface SnapshotField {
  readonly offset: number;
  readonly run: number;
  readonly attempt: number;
  readonly fence: number;
  readonly slice?: number;
  readonly data: Json;
}

export interface ResponseFrame {
  readonly type: 'response';
  readonly id: string;
  readonly result: Json;
}

/** Refusal of one message. It has no offset, so it is not a part of a log. */
export interface RefusalFrame {
  readonly type: 'error';
  readonly offset?: undefined;
  readonly id?: string;
  /** Topic of the refused message. */
  readonly topic?: string;
  readonly for?: string;
  /** Whether the sync action ran. If it ran, the error comes from the handler, whatever its code is. */
  readonly ran?: boolean;
  readonly error: WireError;
}

export interface SubscribeMessage {
  readonly type: 'subscribe';
  readonly topic: string;
  readonly offset?: number;
  readonly epoch?: string;
}

/** A message of a topic. It is delivered once and in order. */
export interface TopicMessageFrame {
  readonly type: 'message';
  readonly topic: string;
  readonly offset: number;
  readonly epoch: string;
  readonly data: Json;
}

export interface CancelAckFrame {
  readonly type: 'ack';
  readonly for: 'cancel';
  readonly id: string;
  readonly status: RequestStatus;
  readonly run: number;
}

export interface SubscribeAckFrame {
  readonly type: 'ack';
  readonly for: 'subscribe';
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  readonly entries?: readonly TopicMessageFrame[];
  readonly more?: boolean;
  readonly recovered?: boolean;
}

export interface UnsubscribeAckFrame {
  readonly type: 'ack';
  readonly for: 'unsubscribe';
  readonly topic: string;
}

export interface PublishAckFrame {
  readonly type: 'ack';
  readonly for: 'publish';
  readonly id: string;
  readonly topic: string;
}

/** Acknowledges a message to a request. */
export interface InputAckFrame {
  readonly type: 'ack';
  readonly for: 'input';
  readonly id: string;
  readonly request: string;
}

/** Answers an `upload`. */
export interface UploadAckFrame extends Upload {
  readonly type: 'ack';
  readonly for: 'upload';
  readonly id: string;
}

export type TopicAckFrame = SubscribeAckFrame | UnsubscribeAckFrame | PublishAckFrame;

/** A request in a list, as it is in the frame. */
export interface ListedRequestFields {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  readonly createdAt: number;
  readonly epoch: string;
  readonly ref: string;
  readonly run: number;
  readonly attempt: number;
  readonly input?: Json;
  readonly progress?: {
    readonly percentage?: number;
    readonly message?: string;
    readonly metadata?: { readonly [key: string]: Json };
  };
  readonly error?: WireError;
}

export interface RequestsFrame {
  readonly type: 'requests';
  readonly id: string;
  readonly requests: readonly ListedRequestFields[];
  readonly cursor?: string;
}

export interface PongFrame {
  readonly type: 'pong';
}

/** Frames that name a request. */
export type RequestFrame =
  | AckFrame
  | ResponseFrame
  | ProgressFrame
  | LogFrame
  | (RefusalFrame & { readonly id: string });

/** A frame that API Gateway itself sends. */
export interface GatewayFrame {
  readonly type: 'gateway';
  /** Whether API Gateway throttled a message, so that the server did not receive it. If not, the server failed, or did not answer in time. */
  readonly throttled: boolean;
}

export type ServerFrame =
  | RequestFrame
  | CancelAckFrame
  | TopicMessageFrame
  | TopicAckFrame
  | RequestsFrame
  | InputAckFrame
  | UploadAckFrame
  | RefusalFrame
  | PongFrame;
