import type { StateSlot } from '../state';
import type { Clock, FunctionError, LogSink } from '../types';
import type { ClockFault } from './clock-fault';
import type { Python } from './python-binary';

/** A function of the template, with its code on disk. */
export interface FunctionSpec {
  readonly functionName: string;
  /** ARN without a qualifier. It contains the function's Region. */
  readonly functionArn: string;
  /** Absolute path of the folder with the code. It is `LAMBDA_TASK_ROOT` and the working directory. */
  readonly codeDir: string;
  /** Handler as `file.export`, such as `index.handler`. */
  readonly handler: string;
  /** Runtime, for example `nodejs24.x` or `python3.12`. */
  readonly runtime: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Record<string, string>;
  /** Maximum number of concurrent invocations; others are throttled. @default - no maximum */
  readonly reservedConcurrency?: number;
  /**
   * Port of the Node.js inspector. An inspected function has one environment and no time limits, because it pauses at
   * breakpoints. @default - not inspected
   */
  readonly inspectPort?: number;
  /** Name of the log group. @default - `/aws/lambda/<functionName>` */
  readonly logGroup?: string;
  /** Called once with an asynchronous event that has failed permanently. */
  readonly onFailure?: (event: unknown, error: FunctionError) => void;
  /** Called after each invocation in an environment. */
  readonly onInvoked?: (invocation: InvocationReport) => void;
}

/** Result and duration of one invocation. */
export interface InvocationReport {
  readonly durationMs: number;
  /** Duration of the initialization in milliseconds; present for the first invocation of an environment. */
  readonly initMs?: number;
  /** Type of the error; absent if the invocation succeeded. */
  readonly errorType?: string;
}

export interface LambdaHostOptions {
  readonly clock?: Clock;
  readonly log: LogSink;
  /** Called with each line that a function writes to stdout or stderr. @default - lines are ignored */
  readonly onOutput?: (functionName: string, line: string, origin: OutputOrigin) => void;
  /**
   * Maximum number of environments that a function has at the same time; other invocations wait. @default - {@link
   * defaultEnvironments}
   */
  readonly maxEnvironments?: number;
  /**
   * Returns the path of a Node.js binary for a runtime. Undefined means the host's own binary. @default - {@link
   * findNode}
   */
  readonly nodeFor?: (runtime: string) => string | undefined;
  /** Returns the Python interpreter for a runtime, or undefined if there is none. @default - {@link findPython} */
  readonly pythonFor?: (runtime: string) => Python | undefined;
  /** Path of the bundled runtime client. @default - `runtime-client.js` next to this bundle */
  readonly runtimeClient?: string;
  /** Creates random ids of requests, log streams, traces and credentials. @default - `crypto.randomUUID` */
  readonly newId?: () => string;
  /** Persistent storage of credentials and asynchronous events. @default - only in memory */
  readonly state?: { readonly credentials: StateSlot; readonly events: StateSlot };
  /** Faults of environments, for tests. @default - no faults */
  readonly faults?: EnvironmentFaults;
  /** Time in milliseconds that `close` waits between SIGTERM and SIGKILL. @default 300 */
  readonly killGraceMs?: number;
}

/** Decides about faults of environments. */
export interface EnvironmentFaults {
  /** Called when the process of an environment has started. */
  onStart(environment: FaultyEnvironment): void;
  /**
   * Called before each invocation.
   *
   * @returns a function that is called with the environment before it receives the event, or undefined
   * @throws ThrottledError if the invocation is throttled
   */
  onInvoke(functionName: string): ((environment: FaultyEnvironment) => void) | undefined;
  /** Returns the deviation of the clock of a new Node.js process; undefined for the exact time. */
  clockOf(functionName: string): ClockFault | undefined;
}

/** An environment on which a fault can act. */
export interface FaultyEnvironment {
  readonly functionName: string;
  /** Id among the environments of the function. */
  readonly id: string;
  /** Ends the process at once. */
  kill(): void;
  /** Stops the process for a time in milliseconds. */
  freeze(ms: number): void;
}

/** Origin of a line of a function's output. */
export interface OutputOrigin {
  /** Id of the output stream of one process. All lines of the same stream have the same id. */
  readonly stream: string;
  /** The last event of the process as a JSON string; absent before the first event. */
  readonly payload?: string;
}

/** A running environment. */
export interface EnvironmentInfo {
  readonly functionName: string;
  readonly pid: number;
  readonly busy: boolean;
  /** Folder of the code that it runs. */
  readonly codeDir: string;
}

/** Time limit in milliseconds for all operations of an inspected function, because it pauses at breakpoints. */
export const INSPECTED_MS = 24 * 3_600_000;

/** Limits of Lambda in bytes and milliseconds. */
export const LAMBDA_LIMITS = {
  /**
   * Time limit of the init phase of an on-demand function. Source: "Understanding the Lambda execution environment
   * lifecycle".
   */
  initMs: 10_000,
  /**
   * Maximum request and response of a synchronous invocation: 6 MB plus 100 bytes. Source: Invoke,
   * RequestTooLargeException.
   */
  payloadBytes: 6_291_556,
  /** Maximum event of an asynchronous invocation. Source: Invoke API, 1 MB. */
  asyncPayloadBytes: 1_048_576,
  /**
   * Delays before the two retries of an asynchronous invocation. Source: "Error handling for asynchronous invocation".
   */
  asyncRetryWaitsMs: [60_000, 120_000],
  /** Maximum time for which a throttled asynchronous event is retried. Source: same page. */
  asyncMaxAgeMs: 6 * 3_600_000,
  /** Maximum delay between two attempts of a throttled event. Source: same page. */
  asyncMaxBackoffMs: 300_000,
} as const;
