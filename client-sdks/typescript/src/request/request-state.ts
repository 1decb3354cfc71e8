import type { OrderedLog } from '../log/ordered-log';
import type { Move, MoveInput } from '../resend/move';
import type { PaceEffect } from '../resend/pace';
import type { Download, Json, LogFrame, RequestFrame, RequestStatus, WireError } from '../wire/messages';

/** State of one request. It is immutable: each input creates a new state. */
export interface RequestState extends OrderedLog<LogFrame> {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Whether any frame has named the request. Such a frame proves that the server has stored the request. */
  readonly accepted: boolean;
  readonly connected: boolean;
  readonly settled: boolean;
  readonly ref: string | undefined;
  /** The next offset to deliver. A request reads its log from the beginning. */
  readonly offset: number;
  /** Whether the client starts at the latest snapshot, and does not have the answer yet. Until then, it holds the frames of the log. */
  readonly isLate: boolean;
  /** Number of the current run; 0 if it is not known yet. */
  readonly run: number;
  /** Number of the latest attempt that was seen, within its run; 0 if none was seen yet. */
  readonly attempt: number;
  /** Fence of the latest attempt; 0 if none was seen yet. Frames with a lower fence belong to earlier attempts. */
  readonly fence: number;
  /** Number of the slice of the latest attempt; undefined in the first slice, or if the number is not known yet. */
  readonly slice: number | undefined;
  /** Number of the last progress report of the latest attempt. */
  readonly seq: number;
  /** The highest percentage of the latest attempt. */
  readonly percentage: number;
  /** The message that waits for its answer; undefined if none does. */
  readonly awaiting: 'request' | 'attach' | undefined;
  /** Number of messages that were sent since the last answer with new content. */
  readonly sends: number;
  /**
   * Number of times that the request was sent, over all connections. If the request was sent more than once, a refusal of one message does not prove
   * that no other one was stored.
   */
  readonly posts: number;
  /** `offset` when the client last attached. */
  readonly asked: number;
  /** Whether the current message is sent again after a delay, because the server did not receive it or because its outcome is unknown. */
  readonly delayed: boolean;
  /** Number of consecutive delays. */
  readonly delays: number;
  readonly move: Move;
}

export interface RequestTimes {
  readonly ackTimeoutMs: number;
  readonly watchMs: number;
  readonly pingMs: number;
}

export type RequestInput =
  | { readonly type: 'open' }
  | { readonly type: 'lost' }
  | MoveInput
  /** `isPrevious`: the frame came over the previous connection. */
  | { readonly type: 'frame'; readonly frame: RequestFrame; readonly isPrevious?: boolean }
  /** The server did not receive a message. */
  | { readonly type: 'throttled' }
  /** The answer to a `cancel` has a terminal status, so the request has ended. */
  | { readonly type: 'ended'; readonly status: RequestStatus }
  /** `alive`: whether the connection has answered since the message was last sent. */
  | { readonly type: 'timer'; readonly alive?: boolean };

/** Progress as the application sees it. */
export interface ProgressReport {
  /** Percentage from 0 to 100. Within an attempt it never falls. */
  readonly percentage: number;
  readonly message?: string;
  readonly metadata?: { readonly [key: string]: Json };
  /** Number of the run, from 1. */
  readonly run: number;
  /** Number of the attempt within the run, from 1. With a new attempt, the percentage starts over. */
  readonly attempt: number;
  /** Number of the slice of a request that continues, from 2. A new slice keeps the percentage. Absent in the first slice. */
  readonly slice?: number;
}

export interface EventReport {
  readonly name: string;
  readonly data: Json | undefined;
  readonly offset: number;
}

/** A snapshot that a late viewer starts with. */
export interface SnapshotReport {
  readonly data: Json;
  /** Offset of the first entry that the snapshot does not contain. The next event has this offset or a higher one. */
  readonly offset: number;
  /** Number of entries of the log that are skipped: those with the offsets 0 to `skipped` - 1. The snapshot stands for them. */
  readonly skipped: number;
  /** Number of the run, from 1, and of the attempt within the run, from 1, that stored the snapshot. */
  readonly run: number;
  readonly attempt: number;
}

/** Outcome of a request. `at` is the URL of its result or partial result, if the client must download it. */
export type Outcome =
  | { readonly ok: true; readonly result: Json; readonly at?: undefined }
  | { readonly ok: true; readonly result?: undefined; readonly at: Download }
  | { readonly ok: false; readonly error: WireError; readonly partial?: Json; readonly at?: Download };

export type RequestEffect =
  | { readonly type: 'send-request' }
  /** `offset` is undefined if the client starts at the latest snapshot. */
  | { readonly type: 'send-attach'; readonly offset: number | undefined; readonly epoch: string | undefined }
  | PaceEffect
  /** The server has started a new log. Events may be delivered again. */
  | { readonly type: 'reset' }
  | { readonly type: 'progress'; readonly progress: ProgressReport }
  | { readonly type: 'event'; readonly event: EventReport }
  | { readonly type: 'snapshot'; readonly snapshot: SnapshotReport }
  | { readonly type: 'settle'; readonly outcome: Outcome };

/** The position from which an application continues a request after a reload. */
export interface Position {
  readonly offset?: number;
  readonly epoch?: string;
  readonly run?: number;
  readonly attempt?: number;
  readonly fence?: number;
  readonly slice?: number;
  readonly percentage?: number;
}

/** Creates the state of a request that was never sent. */
export function newRequest(id: string, action: string): RequestState {
  return {
    id,
    action,
    status: 'PENDING',
    accepted: false,
    connected: false,
    settled: false,
    epoch: undefined,
    ref: undefined,
    offset: 0,
    isLate: false,
    tail: 0,
    held: new Map(),
    run: 0,
    attempt: 0,
    fence: 0,
    slice: undefined,
    seq: -1,
    percentage: 0,
    awaiting: undefined,
    sends: 0,
    posts: 0,
    asked: 0,
    delayed: false,
    delays: 0,
    move: undefined,
  };
}

/**
 * Creates the state of a request that the application sent before a reload.
 *
 * @param mayStartLate whether the client starts at the latest snapshot if the position has no offset
 */
export function knownRequest(id: string, action: string, position: Position, mayStartLate = false): RequestState {
  const { offset = 0, epoch, run = 0, attempt = 0, fence = 0, slice, percentage = 0 } = position;
  const known = { offset, tail: offset, epoch, run, attempt, fence, slice, percentage };
  const isLate = mayStartLate && position.offset === undefined;
  return { ...newRequest(id, action), accepted: true, ...known, isLate };
}
