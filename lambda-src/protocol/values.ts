/** Types that the messages of `streamer.v1` have in common. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RequestStatus = 'PENDING' | 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export interface WireError {
  /** A code of `constants.json`, or a handler's own code of the same form. */
  code: string;
  /** Description of the problem and its fix. It is safe to show to a person. */
  message: string;
  /** Whether the same message may succeed later. */
  retryable: boolean;
  details?: Json;
  /** Seconds to wait before sending the message again. */
  retryAfter?: number;
}

/** A value that does not match its schema. */
export interface Issue {
  /** Dotted path from the message's root, such as `input.items.0.price`; empty for the root. */
  path: string;
  message: string;
}

/** Fields that any client message may have. */
export interface Envelope {
  /** Version of the envelope. The default is 1. */
  v?: number;
  /** Opaque trace id, for example a W3C `traceparent`. */
  trace?: string;
}

/** State of a request's work after the entries below `offset`. */
export interface SnapshotField {
  offset: number;
  run: number;
  attempt: number;
  fence: number;
  slice?: number;
  data: Json;
}

/** The content of a payload. */
export interface PayloadDigest {
  bytes: number;
  /** SHA-256 of the bytes in base64. */
  sha256: string;
}

/** A presigned URL that reads a payload. */
export interface Download extends PayloadDigest {
  url: string;
}

/** A presigned URL that stores a payload by PUT. */
export interface Upload {
  url: string;
  /** Headers that the PUT must have, in addition to `content-length`. */
  headers: Record<string, string>;
}

export interface DebounceRule {
  key: string;
  /** Minimum milliseconds from the acceptance of this request to the start of the work. */
  waitMs: number;
  /** Maximum milliseconds from the first request with the key to the start. */
  maxWaitMs?: number;
}

/** Filter for the requests of the user that a list contains. */
export interface ListFilter {
  action?: string;
  /** Statuses. The list contains requests with any of them. */
  status?: RequestStatus[];
  /** Maximum number of requests in the answer. */
  limit?: number;
  /** The `cursor` of the previous page. */
  cursor?: string;
}

/** A request in a list. */
export interface ListedRequest {
  id: string;
  action: string;
  status: RequestStatus;
  /** Time of the acceptance, in epoch milliseconds. */
  createdAt: number;
  epoch: string;
  ref: string;
  run: number;
  /** Number of the latest attempt within the run; 0 before the first. */
  attempt: number;
  /** The input, if it is short. */
  input?: Json;
  /** The last report of the latest attempt, unless the request completed. */
  progress?: { percentage?: number; message?: string; metadata?: JsonObject };
  /** Present if the request failed or was cancelled. */
  error?: WireError;
}
