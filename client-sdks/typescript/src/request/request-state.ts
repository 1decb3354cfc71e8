import type { OrderedLog } from '../log/ordered-log';
import type { PaceEffect } from '../resend/pace';
import type { Json, LogFrame, RequestFrame, RequestStatus, WireError } from '../wire/messages';

/** State of one request. Immutable: each input creates a new state. */
export interface RequestState extends OrderedLog<LogFrame> {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** Whether any frame has named the request, which proves that the server has it. */
  readonly accepted: boolean;
  readonly connected: boolean;
  readonly settled: boolean;
  readonly ref: string | undefined;
  /** The next offset to deliver: a request reads its log from the beginning. */
  readonly offset: number;
  /** The current run; 0: not known yet. */
  readonly run: number;
  /** Number of the latest attempt seen, within its run; 0: not known yet. */
  readonly attempt: number;
  /** Fence of that attempt, by which frames of earlier attempts are recognized; 0: not known yet. */
  readonly fence: number;
  /** The last progress report of that attempt. */
  readonly seq: number;
  /** The highest percentage of that attempt. */
  readonly percentage: number;
  /** The message that waits for its answer. */
  readonly awaiting: 'request' | 'attach' | undefined;
  /** Messages sent since the last answer that brought something new. */
  readonly sends: number;
  /** Requests sent over all connections: after a second one no refusal proves that the first was not stored. */
  readonly posts: number;
  /** `offset` at the time of the last attach. */
  readonly asked: number;
  /** The current message was not delivered to the server, or its outcome is unknown: it is sent again after a delay. */
  readonly delayed: boolean;
  /** Number of consecutive delays. */
  readonly delays: number;
}

export interface RequestTimes {
  readonly ackTimeoutMs: number;
  readonly watchMs: number;
  readonly pingMs: number;
}

export type RequestInput =
  | { readonly type: 'open' }
  | { readonly type: 'lost' }
  | { readonly type: 'frame'; readonly frame: RequestFrame }
  /** A message was not delivered to the server. */
  | { readonly type: 'throttled' }
  /** `alive`: the connection answered since the message was sent last. */
  | { readonly type: 'timer'; readonly alive?: boolean };

/** Progress as the application sees it. */
export interface ProgressReport {
  /** From 0 to 100; within an attempt it never falls. */
  readonly percentage: number;
  readonly message?: string;
  readonly metadata?: { readonly [key: string]: Json };
  /** Number of the run, from 1. */
  readonly run: number;
  /** Number of the attempt within the run, from 1. A new attempt starts over. */
  readonly attempt: number;
}

export interface EventReport {
  readonly name: string;
  readonly data: Json | undefined;
  readonly offset: number;
}

export type Outcome = { readonly ok: true; readonly result: Json } | { readonly ok: false; readonly error: WireError };

export type RequestEffect =
  | { readonly type: 'send-request' }
  | { readonly type: 'send-attach'; readonly offset: number; readonly epoch: string | undefined }
  | PaceEffect
  /** The server has started a new log: events may be delivered again. */
  | { readonly type: 'reset' }
  | { readonly type: 'progress'; readonly progress: ProgressReport }
  | { readonly type: 'event'; readonly event: EventReport }
  | { readonly type: 'settle'; readonly outcome: Outcome };

/** The position from which a reloaded application continues a request. */
export interface Position {
  readonly offset?: number;
  readonly epoch?: string;
  readonly run?: number;
  readonly attempt?: number;
  readonly fence?: number;
  readonly percentage?: number;
}

/** A request that was never sent. */
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
    tail: 0,
    held: new Map(),
    run: 0,
    attempt: 0,
    fence: 0,
    seq: -1,
    percentage: 0,
    awaiting: undefined,
    sends: 0,
    posts: 0,
    asked: 0,
    delayed: false,
    delays: 0,
  };
}

/** A request that the application sent before a reload. */
export function knownRequest(id: string, action: string, position: Position): RequestState {
  const { offset = 0, epoch, run = 0, attempt = 0, fence = 0, percentage = 0 } = position;
  const known = { offset, tail: offset, epoch, run, attempt, fence, percentage };
  return { ...newRequest(id, action), accepted: true, ...known };
}
