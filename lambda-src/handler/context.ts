/** A progress report. Fields that are left out keep their last value. */
export interface ProgressReport {
  /** Percentage from 0 to 100. Within an attempt it never falls. */
  readonly percentage?: number;
  /** Message of at most 1,024 characters. A longer message is truncated. */
  readonly message?: string;
  /** Any further data, as a JSON object. */
  readonly metadata?: Record<string, unknown>;
}

/**
 * Reports progress to the viewers. Never throws and never waits. Reports that follow each other quickly are combined, and viewers get the latest one.
 *
 * In a sync handler it has no effect, because the answer is the only message that the client gets.
 */
export interface ReportProgress {
  (percentage: number, message?: string, metadata?: Record<string, unknown>): void;
  (report: ProgressReport): void;
}

/** The part of an `AbortSignal` that handlers use. It is for projects without the types of Node.js and of browsers. */
interface BasicSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * The `AbortSignal` type of the project that compiles the handler: that of `@types/node` or of TypeScript's `dom` library. If the project has
 * neither, it is a type with only the members that handlers use. At run time it is always an `AbortSignal`.
 */
export type HandlerSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : BasicSignal;

/** The request that this attempt runs. */
export interface HandlerRequest {
  /** Id that the client chose. Use it as the idempotency key of side effects, because a request may have several attempts. */
  readonly id: string;
  readonly action: string;
  /** Number of this attempt within the run, from 1 to `maxAttempts`. It is always 1 in a sync handler. */
  readonly attempt: number;
  /** Number of the run, from 1. A redrive starts the next run. */
  readonly run: number;
  /** Number of the slice, from 1. Each `continue` starts the next slice, whose attempts count from 1 again. Always 1 in a sync handler. */
  readonly slice: number;
  /** Time at which the server accepted the request, in epoch milliseconds. */
  readonly createdAt: number;
  /** Latest time at which `signal` fires, in epoch milliseconds. */
  readonly deadline: number;
}

/** The owner of the request. */
export interface HandlerIdentity {
  readonly tenant: string;
  readonly user: string;
}

/** Writes structured log lines that contain the request's id, action, run and attempt. */
export interface HandlerLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** A message that a client or a program sent to the running request. */
export interface HandlerMessage<Data = unknown> {
  /** Id that the sender chose. Two messages with the same id are the same message. */
  readonly id: string;
  readonly data: Data;
  /** Time at which the message was stored, in epoch milliseconds. */
  readonly sentAt: number;
}

/** Options of `context.messages`. */
export interface MessagesOptions {
  /** Seconds to wait for the next message, after which the iteration ends. @default - until the signal fires */
  readonly waitSeconds?: number;
}

/** Names of the events that a handler declares. `$snapshot` is not an event: it declares the type of the handler's snapshots. */
export type EventName<Events> = Exclude<keyof Events & string, '$snapshot'>;

/** Type of a handler's snapshots, from `$snapshot` in its events. Default: any JSON. */
export type SnapshotData<Events> = Events extends { readonly $snapshot: infer Data } ? Data : unknown;

/**
 * The argument of a handler's `run`.
 *
 * `State` is the type of the state that the handler receives. `Given` is the type of the state that the handler passes to `continue`.
 */
export interface HandlerContext<
  Input = unknown,
  Events = Record<string, unknown>,
  State = unknown,
  Given = State,
  Messages = Record<string, unknown>,
> {
  readonly input: Input;
  /**
   * Returns the bytes of the input as JSON in UTF-8, as they arrive. Each call reads the input from its beginning. The bytes are not validated.
   *
   * A handler with `streams: true` reads a large input in this way without having it in memory. Its `input` is `undefined`.
   *
   * ```ts
   * for await (const bytes of context.stream()) parser.write(bytes);
   * ```
   *
   * @throws HandlerError `INVALID_INPUT` if the input is not stored any more
   */
  stream(): AsyncIterable<Uint8Array>;
  readonly progress: ReportProgress;
  /**
   * Appends an event to the request's log. Events are stored, stay in order, and are delivered once to each viewer.
   *
   * @param name a letter, then letters, digits, `_`, `.` or `-`; at most 64 characters
   * @param data JSON of at most 32 KB
   * @throws HandlerError `INVALID_EVENT`
   */
  emit<Name extends EventName<Events>>(name: Name, data?: Events[Name]): Promise<void>;
  /**
   * Stores a snapshot: the state of the work after all events so far. A viewer that attaches late can start at the latest snapshot, and need not read the
   * events before it. Use it if a request emits many events. The promise resolves when the snapshot is stored. In a sync handler, it does nothing.
   *
   * The type of the data is that of `$snapshot` in the handler's events.
   *
   * @param data JSON of at most 64 KB. It replaces the previous snapshot, also that of an earlier attempt
   * @throws HandlerError `INVALID_EVENT`
   */
  snapshot(data: SnapshotData<Events>): Promise<void>;
  /**
   * Resolves when everything is stored that the handler has reported so far: all events, the latest snapshot, and the latest progress. After that, a viewer that attaches
   * gets it, even if this function crashes. Without this call, progress is stored once per second, and at the end of the attempt.
   *
   * It does not promise that a viewer has received anything: a handler never waits for a viewer. In a sync handler, it does nothing.
   *
   * @throws the error of the first event or snapshot since the last call that was not stored, or of the write of the progress
   */
  flush(): Promise<void>;
  /** The state that the previous slice passed to `continue`, also in each retry of this slice; `undefined` in the first slice. */
  readonly state: State | undefined;
  /**
   * Ends this slice of the request. The request continues in a new attempt, which gets this state and the full time of the function. So the work of
   * one request may take hours. The request still has one log and one result. The percentage of the progress continues, too.
   *
   * The handler must return the value: `return context.continue({ page: 7 })`.
   *
   * @param state JSON of at most 256 KB, which matches the handler's `state` schema
   * @throws HandlerError `INVALID_CONTINUE` for an invalid state or delay, in a sync handler, and after 10,000 slices
   */
  continue(state: Given, options?: ContinueOptions): Continuation;
  /**
   * Iterates over the messages with this name that were sent to the request, each once and in order. The iteration includes messages that were sent
   * before this call, and waits for further messages.
   *
   * After a failure, the next attempt also gets the messages that the failed attempt read in this slice. When the signal fires, the iteration throws
   * the signal's reason.
   *
   * ```ts
   * for await (const { data } of context.messages('approve')) if (data.ok) break;
   * ```
   */
  messages<Name extends keyof Messages & string>(
    name: Name,
    options?: MessagesOptions,
  ): AsyncIterable<HandlerMessage<Messages[Name]>>;
  /** Signal that fires at the deadline, when the request is cancelled, and when another attempt has taken over. */
  readonly signal: HandlerSignal;
  readonly request: HandlerRequest;
  readonly identity: HandlerIdentity;
  readonly log: HandlerLog;
}

/** Return value of `context.continue`. A handler returns it to end its slice. */
export interface Continuation {
  readonly [CONTINUATION]: true;
}

/** Exists only as a type. Because of it, no other value is a `Continuation`. */
declare const CONTINUATION: unique symbol;

/** Options of `context.continue`. */
export interface ContinueOptions {
  /** Seconds before the next slice starts, from 0 to 2,592,000 (30 days). @default 0 */
  readonly delay?: number;
}
