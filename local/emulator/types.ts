/** Interfaces that the emulated services share. They describe AWS's services, not the application that uses them. */

/** Time as an argument, so that tests can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(fn: () => void, ms: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
}

export type Timer = unknown;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
};

/** One line that a person can follow. It never holds a token or a message's body. */
export interface LogEvent {
  /** The part or function that speaks. */
  readonly source: string;
  readonly message: string;
  readonly level: 'info' | 'warn' | 'error';
  /** Lines printed under it, always: the places that a stack names, a piece of a source. */
  readonly below?: readonly string[];
  /** Printed only when asked for more. */
  readonly detail?: string;
  /** The request that the line refers to. */
  readonly subject?: LogSubject;
  /** The error that the line reports. */
  readonly thrown?: { readonly title: string; readonly place?: string };
}

/** A request as identified in a log line. */
export interface LogSubject {
  readonly id: string;
  readonly action?: string;
  readonly run?: number;
  /** Number of the attempt within the run. */
  readonly attempt?: number;
}

export type LogSink = (event: LogEvent) => void;

/** Error that a function returned in place of a result. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: string[];
}

export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown; readonly durationMs: number }
  | {
      readonly ok: false;
      /** `Handled`: the handler threw. `Unhandled`: the process died or timed out. */
      readonly kind: 'Handled' | 'Unhandled';
      readonly error: FunctionError;
      readonly durationMs: number;
    };

/** Runs functions by name, as the Invoke API does. */
export interface FunctionInvoker {
  /**
   * Synchronous invocation. A function's own failure is a result, not a rejection.
   *
   * @throws ThrottledError when the function is at its reserved concurrency
   */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<InvokeResult>;

  /** Asynchronous invocation: queued, retried twice under one request id, then given to the on-failure destination. */
  invokeAsync(functionName: string, event: unknown, options?: InvokeOptions): void;
}

/** Values of one invocation in the function's context. */
export interface InvokeOptions {
  /** @default - a trace that is not sampled */
  readonly traceId?: string;
  /** `awsRequestId`. @default - a new id */
  readonly requestId?: string;
  /** `invokedFunctionArn`, qualified where the caller named a version or an alias. @default - the function's own */
  readonly invokedArn?: string;
  /** JSON text. @default - none */
  readonly clientContext?: string;
}

/** The function has no environment to spare: `TooManyRequestsException`, HTTP 429. */
export class ThrottledError extends Error {
  public override readonly name = 'TooManyRequestsException';
}

/** A record as an event source mapping passes it to a function. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Record<string, unknown>;
    readonly NewImage?: Record<string, unknown>;
    readonly OldImage?: Record<string, unknown>;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  /** Present on records of items that were removed by time to live. */
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
}

/** Records of one read of a stream. */
export interface StreamPage {
  readonly records: StreamRecord[];
  /** Times of the records' writes in epoch milliseconds, which records have in seconds only. Absent where the reader does not know them. */
  readonly writtenAt?: readonly number[];
}

/** A table's stream, as a poller sees it. */
export interface StreamReader {
  shards(): Promise<string[]>;
  read(
    shardId: string,
    position: 'LATEST' | 'TRIM_HORIZON' | { readonly after: string },
    limit: number,
  ): Promise<StreamPage>;
  /** Calls the listener whenever there may be new records. Returns the unsubscription. */
  onRecords(listener: () => void): () => void;
}
