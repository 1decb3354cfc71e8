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
