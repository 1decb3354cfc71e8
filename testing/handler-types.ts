import type { Jsonified } from '../client-sdks/typescript/src/types';
import type { Handler } from '../lambda-src/handler';

/** Any module's default export that `defineHandler` made. */
export type AnyHandler = Pick<Handler, 'input' | 'run'> & {
  readonly '~types'?: { readonly input: unknown; readonly result: unknown; readonly events: unknown };
};

type TypesOf<H> = H extends { readonly '~types'?: infer Types } ? NonNullable<Types> : never;

/** What the handler's schema takes. */
export type HandlerInput<H> = TypesOf<H> extends { readonly input: infer Input } ? Input : unknown;

/** The result after its way through JSON: a `Date` is a string. */
export type HandlerResult<H> = TypesOf<H> extends { readonly result: infer Result } ? Jsonified<Result> : unknown;

/** An event that the handler emitted: its name tells which type `data` has. */
export type HandlerEvent<H> =
  TypesOf<H> extends { readonly events: infer Events }
    ? { [Name in keyof Events & string]: RecordedEvent<Name, Jsonified<Events[Name]>> }[keyof Events & string]
    : RecordedEvent<string, unknown>;

/** An event that the handler emitted. */
export interface RecordedEvent<Name, Data> {
  readonly name: Name;
  /** As JSON brings it; `undefined` where the handler gave none. */
  readonly data: Data;
}

/** The input may be left out if it may be `undefined`, as where a handler has no schema. */
export type RunArguments<H> =
  undefined extends HandlerInput<H>
    ? [input?: HandlerInput<H>, options?: RunOptions]
    : [input: HandlerInput<H>, options?: RunOptions];

/** Who asks for what, and when the attempt ends. */
export interface RunOptions {
  /** Who asks. @default - tenant `test-tenant`, user `test-user` */
  readonly identity?: { readonly tenant?: string; readonly user?: string };
  /** The request that the handler is given. @default - id `test-request`, action `test-action`, first attempt, first run */
  readonly request?: {
    readonly id?: string;
    readonly action?: string;
    readonly attempt?: number;
    readonly run?: number;
    /** Epoch milliseconds. @default - now */
    readonly createdAt?: number;
  };
  /** A schema that lies in a module of its own. @default - the handler's `input` */
  readonly schema?: unknown;
  /** Those that the API sets, in bytes of JSON and events. @default - those of an API that sets none */
  readonly limits?: { readonly maxInputBytes?: number; readonly maxResultBytes?: number; readonly maxEvents?: number };
  /** Milliseconds that the attempt may take; the handler's signal fires then. @default 300000 */
  readonly timeoutMs?: number;
  /** Ends the attempt as a cancellation does: the handler's signal fires, and a second later the attempt is over. */
  readonly signal?: AbortLike;
  /** Ends it in the same way after so many reports of progress. */
  readonly abortAfterProgress?: number;
}

/** As much of an `AbortSignal` as is used. */
export interface AbortLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Progress as a viewer that misses no report would see it. */
export interface RecordedProgress {
  /** 0 to 100; never falls. Absent until the handler has reported one. */
  readonly percentage?: number;
  readonly message?: string;
  readonly metadata?: { readonly [key: string]: unknown };
}

/** A line of the log. */
export interface RecordedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** With the request's `id`, `action`, `run` and `attempt`. */
  readonly fields: { readonly [name: string]: unknown };
}

/** Why the attempt failed, as the client would see it. */
export interface RecordedError {
  /** The `HandlerError`'s, or one of the protocol's: `INVALID_INPUT`, `HANDLER_ERROR`, `RESULT_NOT_JSON`, … */
  readonly code: string;
  /** `The handler failed.` for whatever is no `HandlerError`. */
  readonly message: string;
  /** Whether the processor would start another attempt, if `maxAttempts` allows it. */
  readonly retryable: boolean;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly details?: unknown;
  /** What was thrown; no client sees it. */
  readonly cause?: unknown;
}

interface Recorded<H> {
  readonly progress: readonly RecordedProgress[];
  readonly events: readonly HandlerEvent<H>[];
  /** What the handler logged, and what the runtime logged of it. */
  readonly log: readonly RecordedLine[];
}

/** One attempt: its result or its error, and what was reported on the way. */
export type HandlerRun<H> =
  | (Recorded<H> & { readonly result: HandlerResult<H>; readonly error?: undefined })
  | (Recorded<H> & { readonly result?: undefined; readonly error: RecordedError });
