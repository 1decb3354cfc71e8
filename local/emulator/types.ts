/** Interfaces that the emulated services share. They describe AWS's services, not the application that uses them. */

/** Current time and timers. Tests can pass a virtual clock. */
export interface Clock {
  /** Returns milliseconds since the epoch. */
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

/** A log line for the developer. It never contains a token or the body of a message. */
export interface LogEvent {
  /** Part of the run or function that logs the line. */
  readonly source: string;
  readonly message: string;
  readonly level: 'info' | 'warn' | 'error';
  /**
   * Additional lines, which are always printed below the log line: positions of a stack trace, or a part of a source.
   */
  readonly below?: readonly string[];
  /** Text that is printed only with verbose output. */
  readonly detail?: string;
  /** Request to which the log line belongs. */
  readonly subject?: LogSubject;
  /** Error that the line reports. */
  readonly thrown?: { readonly title: string; readonly place?: string };
}

/** A request in a log line. */
export interface LogSubject {
  readonly id: string;
  readonly action?: string;
  readonly run?: number;
  /** Number of the attempt within the run. */
  readonly attempt?: number;
}

export type LogSink = (event: LogEvent) => void;

/** Error that a function returned instead of a result. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: string[];
}

export type InvokeResult =
  | { readonly ok: true; readonly payload: unknown; readonly durationMs: number }
  | {
      readonly ok: false;
      /** `Handled` means that the handler threw. `Unhandled` means that the process ended or timed out. */
      readonly kind: 'Handled' | 'Unhandled';
      readonly error: FunctionError;
      readonly durationMs: number;
    };

/** Invokes functions by name, as the Invoke API does. */
export interface FunctionInvoker {
  /**
   * Invokes a function and waits. An error of the function is a result, not a rejection.
   *
   * @throws ThrottledError if the function's reserved concurrency is reached
   */
  invoke(functionName: string, event: unknown, options?: InvokeOptions): Promise<InvokeResult>;

  /**
   * Invokes a function asynchronously. The event is queued and retried twice with the same request id. Then it is sent
   * to the on-failure destination.
   *
   * @param onFirstAttempt called with the result of the first attempt. A rejected invocation is also a result.
   */
  invokeAsync(
    functionName: string,
    event: unknown,
    options?: InvokeOptions,
    onFirstAttempt?: (result: InvokeResult) => void,
  ): void;
}

/** Values of one invocation in the function's context. */
export interface InvokeOptions {
  /** Id of the trace. @default - a trace that is not sampled */
  readonly traceId?: string;
  /** Request id (`awsRequestId`). @default - a new id */
  readonly requestId?: string;
  /**
   * ARN in `invokedFunctionArn`. It has a qualifier if the caller named a version or an alias. @default - the
   * function's own ARN
   */
  readonly invokedArn?: string;
  /** Client context as a JSON string. @default - none */
  readonly clientContext?: string;
}

/** Error for a function whose environments are all in use: `TooManyRequestsException`, HTTP 429. */
export class ThrottledError extends Error {
  public override readonly name = 'TooManyRequestsException';
}

/** A stream record in the format of a function's event. */
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
  /** Present if time to live removed the item. */
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
}

/** Records from one read of a stream. */
export interface StreamPage {
  readonly records: StreamRecord[];
  /**
   * Times of the records' writes in milliseconds since the epoch. The records themselves contain only seconds. Absent
   * if the reader does not have these times.
   */
  readonly writtenAt?: readonly number[];
}

/** Reads a table's stream, for a poller. */
export interface StreamReader {
  shards(): Promise<string[]>;
  read(
    shardId: string,
    position: 'LATEST' | 'TRIM_HORIZON' | { readonly after: string },
    limit: number,
  ): Promise<StreamPage>;
  /**
   * Calls the listener whenever there may be new records.
   *
   * @returns a function that removes the listener
   */
  onRecords(listener: () => void): () => void;
}
