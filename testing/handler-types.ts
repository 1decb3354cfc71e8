import type { Jsonified } from '../client-sdks/typescript/src/types';
import type { EventName, Handler, SnapshotData } from '../lambda-src/handler';

/** Default export of a module that uses `defineHandler`. */
export type AnyHandler = Pick<Handler, 'input' | 'streams' | 'state' | 'messages' | 'run' | 'retryIf'> & {
  readonly '~types'?: {
    readonly input: unknown;
    readonly result: unknown;
    readonly events: unknown;
    readonly continues: boolean;
  };
};

type TypesOf<H> = H extends { readonly '~types'?: infer Types } ? NonNullable<Types> : never;

/** Type of the input that the handler's schema accepts. */
export type HandlerInput<H> = TypesOf<H> extends { readonly input: infer Input } ? Input : unknown;

/** Type of the result after it was converted to JSON and parsed again. For example, a `Date` becomes a string. */
export type HandlerResult<H> = TypesOf<H> extends { readonly result: infer Result } ? Jsonified<Result> : unknown;

/** An event that the handler emitted. Its name determines the type of `data`. */
export type HandlerEvent<H> =
  TypesOf<H> extends { readonly events: infer Events }
    ? { [Name in EventName<Events>]: RecordedEvent<Name, Jsonified<Events[Name]>> }[EventName<Events>]
    : RecordedEvent<string, unknown>;

/** Data of a snapshot, after it was converted to JSON and parsed again. */
export type HandlerSnapshot<H> =
  TypesOf<H> extends { readonly events: infer Events } ? Jsonified<SnapshotData<Events>> : unknown;

/** An event with its name and data, as a client would receive it. */
export interface RecordedEvent<Name, Data> {
  readonly name: Name;
  /** The data after it was converted to JSON and parsed again; `undefined` if the handler passed no data. */
  readonly data: Data;
}

/**
 * Arguments of `runHandler`. The input may be left out if it may be `undefined`, for example if the handler has no
 * schema.
 */
export type RunArguments<H> =
  undefined extends HandlerInput<H>
    ? [input?: HandlerInput<H>, options?: RunOptions]
    : [input: HandlerInput<H>, options?: RunOptions];

/** Options of one attempt: its user, its request and its limits. */
export interface RunOptions {
  /** Owner of the request. @default - tenant `test-tenant`, user `test-user` */
  readonly identity?: { readonly tenant?: string; readonly user?: string };
  /**
   * The request that the handler receives. @default - id `test-request`, action `test-action`, first attempt, first run
   */
  readonly request?: {
    readonly id?: string;
    readonly action?: string;
    readonly attempt?: number;
    readonly run?: number;
    readonly slice?: number;
    /** Time of the submission, in milliseconds since the epoch. @default - now */
    readonly createdAt?: number;
  };
  /** The state that the previous slice passed to `continue`. @default - none, as in the first slice */
  readonly state?: unknown;
  /** Messages that were sent to the request. If the handler waits for further messages, none come. @default - none */
  readonly messages?: readonly SentMessage[];
  /** A schema from a separate module. @default - the handler's `input` */
  readonly schema?: unknown;
  /**
   * Limits of the API: bytes of the JSON of input and result, and number of events. @default - those of an API that
   * sets no limits
   */
  readonly limits?: { readonly maxInputBytes?: number; readonly maxResultBytes?: number; readonly maxEvents?: number };
  /** Time limit of the attempt, in milliseconds. At the limit, the handler's signal is aborted. @default 300000 */
  readonly timeoutMs?: number;
  /**
   * Ends the attempt as a cancellation does: the handler's signal is aborted, and the attempt ends one second later.
   */
  readonly signal?: AbortLike;
  /** Number of progress reports after which the attempt ends as with `signal`. */
  readonly abortAfterProgress?: number;
}

/** A message to the request, as `send` of the client takes it. */
export interface SentMessage {
  readonly name: string;
  readonly data?: unknown;
}

/** The members of an `AbortSignal` that `runHandler` uses. */
export interface AbortLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Progress as shown by a viewer that receives every report. */
export interface RecordedProgress {
  /** Percentage from 0 to 100, which never decreases. Absent until the handler has reported one. */
  readonly percentage?: number;
  readonly message?: string;
  readonly metadata?: { readonly [key: string]: unknown };
}

/** A log line of the handler or of the runtime. */
export interface RecordedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** Fields of the log line, including the request's `id`, `action`, `run` and `attempt`. */
  readonly fields: { readonly [name: string]: unknown };
}

/** Error of the attempt, as the client would receive it. */
export interface RecordedError {
  /** Code of the `HandlerError`, or a code of the protocol: `INVALID_INPUT`, `HANDLER_ERROR`, `RESULT_NOT_JSON`, … */
  readonly code: string;
  /** Message of the `HandlerError`; `The handler failed.` for any other error. */
  readonly message: string;
  /** Whether the processor would start another attempt, if `maxAttempts` allows it. */
  readonly retryable: boolean;
  /** Seconds to wait before the next attempt. */
  readonly retryAfter?: number;
  readonly details?: unknown;
  /** The value that the handler returned although it was cancelled. */
  readonly partial?: unknown;
  /** The thrown value. Clients never receive it. */
  readonly cause?: unknown;
}

/** The end of a slice: the handler returned `context.continue(state, { delay })`. */
export interface RecordedContinuation {
  /** The state as the next slice gets it, before its schema is applied; `undefined` if the handler passed none. */
  readonly state: unknown;
  /** Seconds before the next slice starts. */
  readonly delay: number;
}

interface Recorded<H> {
  readonly progress: readonly RecordedProgress[];
  readonly events: readonly HandlerEvent<H>[];
  /** Data of the snapshots that the handler stored, in order. On AWS, only the latest one is kept. */
  readonly snapshots: readonly HandlerSnapshot<H>[];
  /** Log lines of the handler, and log lines of the runtime about it. */
  readonly log: readonly RecordedLine[];
}

/** Outcome of one attempt: its result, its error or the end of its slice, and the progress, events and log lines that it wrote. */
export type HandlerRun<H> =
  | (Recorded<H> & { readonly result: HandlerResult<H>; readonly error?: undefined; readonly continued?: undefined })
  | (Recorded<H> & { readonly result?: undefined; readonly error: RecordedError; readonly continued?: undefined })
  | (TypesOf<H> extends { readonly continues: false } ? never : Continued<H>);

/** Outcome of a slice that continues. A handler that never returns a continuation has no such outcome. */
type Continued<H> = Recorded<H> & {
  readonly result?: undefined;
  readonly error?: undefined;
  readonly continued: RecordedContinuation;
};
