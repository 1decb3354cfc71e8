import type { Jsonified } from '../client-sdks/typescript/src/types';
import type { Handler } from '../lambda-src/handler';

/** Default export of any module that `defineHandler` created. */
export type AnyHandler = Pick<Handler, 'input' | 'run'> & {
  readonly '~types'?: { readonly input: unknown; readonly result: unknown; readonly events: unknown };
};

type TypesOf<H> = H extends { readonly '~types'?: infer Types } ? NonNullable<Types> : never;

/** The input of the handler's schema. */
export type HandlerInput<H> = TypesOf<H> extends { readonly input: infer Input } ? Input : unknown;

/** The type of the result after serialization to JSON and back: a `Date` becomes a string. */
export type HandlerResult<H> = TypesOf<H> extends { readonly result: infer Result } ? Jsonified<Result> : unknown;

/** An event that the handler emitted; its name determines the type of `data`. */
export type HandlerEvent<H> =
  TypesOf<H> extends { readonly events: infer Events }
    ? { [Name in keyof Events & string]: RecordedEvent<Name, Jsonified<Events[Name]>> }[keyof Events & string]
    : RecordedEvent<string, unknown>;

/** An event that the handler emitted. */
export interface RecordedEvent<Name, Data> {
  readonly name: Name;
  /** The data after serialization to JSON and back; `undefined` if the handler passed none. */
  readonly data: Data;
}

/** Arguments of `runHandler`: the input may be left out if it may be `undefined`, for example if the handler has no schema. */
export type RunArguments<H> =
  undefined extends HandlerInput<H>
    ? [input?: HandlerInput<H>, options?: RunOptions]
    : [input: HandlerInput<H>, options?: RunOptions];

/** Options of one attempt: its user, its request and its limits. */
export interface RunOptions {
  /** Owner of the request. @default - tenant `test-tenant`, user `test-user` */
  readonly identity?: { readonly tenant?: string; readonly user?: string };
  /** The request that the handler gets. @default - id `test-request`, action `test-action`, first attempt, first run */
  readonly request?: {
    readonly id?: string;
    readonly action?: string;
    readonly attempt?: number;
    readonly run?: number;
    /** Epoch milliseconds. @default - now */
    readonly createdAt?: number;
  };
  /** A schema that is defined in a separate module. @default - the handler's `input` */
  readonly schema?: unknown;
  /** Limits of the API: bytes of the input's JSON, and number of events. @default - those of an API that sets none */
  readonly limits?: { readonly maxInputBytes?: number; readonly maxResultBytes?: number; readonly maxEvents?: number };
  /** Milliseconds that the attempt may take; then the handler's signal fires. @default 300000 */
  readonly timeoutMs?: number;
  /** Ends the attempt in the same way as a cancellation: the handler's signal fires, and one second later the attempt is over. */
  readonly signal?: AbortLike;
  /** Number of progress reports after which the attempt ends in the same way. */
  readonly abortAfterProgress?: number;
}

/** The members of an `AbortSignal` that are used. */
export interface AbortLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Progress as a viewer that misses no report would see it. */
export interface RecordedProgress {
  /** From 0 to 100; never falls. Absent until the handler has reported a percentage. */
  readonly percentage?: number;
  readonly message?: string;
  readonly metadata?: { readonly [key: string]: unknown };
}

/** A line of the log. */
export interface RecordedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** Fields of the log line, including the request's `id`, `action`, `run` and `attempt`. */
  readonly fields: { readonly [name: string]: unknown };
}

/** Error of the attempt, as the client would get it. */
export interface RecordedError {
  /** Code of the `HandlerError`, or one of the protocol: `INVALID_INPUT`, `HANDLER_ERROR`, `RESULT_NOT_JSON`, … */
  readonly code: string;
  /** Message of the `HandlerError`; `The handler failed.` for any other error. */
  readonly message: string;
  /** Whether the processor would start another attempt, if `maxAttempts` allows it. */
  readonly retryable: boolean;
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;
  readonly details?: unknown;
  /** The thrown value; no client gets it. */
  readonly cause?: unknown;
}

interface Recorded<H> {
  readonly progress: readonly RecordedProgress[];
  readonly events: readonly HandlerEvent<H>[];
  /** Lines that the handler logged, and lines that the runtime logged about it. */
  readonly log: readonly RecordedLine[];
}

/** Outcome of one attempt: its result or its error, and the progress, events and log lines that it wrote. */
export type HandlerRun<H> =
  | (Recorded<H> & { readonly result: HandlerResult<H>; readonly error?: undefined })
  | (Recorded<H> & { readonly result?: undefined; readonly error: RecordedError });
