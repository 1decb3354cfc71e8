import type { StateSlot } from '../state';
import type { Clock, FunctionError, LogSink } from '../types';
import type { Python } from './python-binary';

/** A function as the template describes it, with its code on disk. */
export interface FunctionSpec {
  readonly functionName: string;
  /** Unqualified ARN. The function's Region is read from it. */
  readonly functionArn: string;
  /** Absolute path of the unpacked code: `LAMBDA_TASK_ROOT` and the working directory. */
  readonly codeDir: string;
  /** `file.export`, for instance `index.handler`. */
  readonly handler: string;
  /** Runtime, for example `nodejs24.x` or `python3.12`. */
  readonly runtime: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Record<string, string>;
  /** Above it, invocations are throttled. Default: none. */
  readonly reservedConcurrency?: number;
  /**
   * Port of the Node.js inspector. An inspected function has one environment and no time limits, since it pauses at breakpoints. Default: not inspected.
   */
  readonly inspectPort?: number;
  /** Name of the log group. Default `/aws/lambda/<functionName>`. */
  readonly logGroup?: string;
  /** Asynchronous invocations only: called once with an event that failed for good. */
  readonly onFailure?: (event: unknown, error: FunctionError) => void;
  /** Called after each invocation that an environment took. */
  readonly onInvoked?: (invocation: InvocationReport) => void;
}

/** Result and duration of one invocation. */
export interface InvocationReport {
  readonly durationMs: number;
  /** Duration of the initialization; present for the first invocation of an environment. */
  readonly initMs?: number;
  /** The type of its error; absent if it succeeded. */
  readonly errorType?: string;
}

export interface LambdaHostOptions {
  readonly clock?: Clock;
  readonly log: LogSink;
  /** A line that a function wrote to stdout or stderr. Default: dropped. */
  readonly onOutput?: (functionName: string, line: string, origin: OutputOrigin) => void;
  /** Maximum number of environments of a function at the same time; further invocations wait. Default {@link defaultEnvironments}. */
  readonly maxEnvironments?: number;
  /** Path of a Node.js binary for a runtime, or undefined to run on the host's own. Default {@link findNode}. */
  readonly nodeFor?: (runtime: string) => string | undefined;
  /** Python interpreter of a runtime, or undefined if there is none. Default {@link findPython}. */
  readonly pythonFor?: (runtime: string) => Python | undefined;
  /** The bundled runtime client. Default: `runtime-client.js` next to this bundle. */
  readonly runtimeClient?: string;
  /** Random ids: requests, log streams, trace ids and credentials. Default `crypto.randomUUID`. */
  readonly newId?: () => string;
  /** Storage of credentials and asynchronous events. Default: in memory only. */
  readonly state?: { readonly credentials: StateSlot; readonly events: StateSlot };
  /** Time that `close` waits between SIGTERM and SIGKILL. Default 300 ms. */
  readonly killGraceMs?: number;
}

/** Origin of a line of a function's output. */
export interface OutputOrigin {
  /** The same for all lines of one stream of one process. */
  readonly stream: string;
  /** JSON text of the event that the process was given last; absent before its first. */
  readonly payload?: string;
}

/** An environment that is alive. */
export interface EnvironmentInfo {
  readonly functionName: string;
  readonly pid: number;
  readonly busy: boolean;
  /** The code that it runs. */
  readonly codeDir: string;
}

/** Time limit of an inspected function for any operation, because it pauses at breakpoints. */
export const INSPECTED_MS = 24 * 3_600_000;

/** Lambda's own limits, in bytes and milliseconds. */
export const LAMBDA_LIMITS = {
  /** Init phase of an on-demand function. Source: "Understanding the Lambda execution environment lifecycle". */
  initMs: 10_000,
  /** Request and response of a synchronous invocation: 6 MB plus 100 bytes. Source: Invoke, RequestTooLargeException. */
  payloadBytes: 6_291_556,
  /** Event of an asynchronous invocation. Source: Invoke API, 1 MB. */
  asyncPayloadBytes: 1_048_576,
  /** Waits before the two retries of an asynchronous invocation. Source: "Error handling for asynchronous invocation". */
  asyncRetryWaitsMs: [60_000, 120_000],
  /** A throttled asynchronous event is tried again for up to this long. Source: same page. */
  asyncMaxAgeMs: 6 * 3_600_000,
  /** Longest wait between two attempts of a throttled event. Source: same page. */
  asyncMaxBackoffMs: 300_000,
} as const;
