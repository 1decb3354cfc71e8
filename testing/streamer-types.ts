import type { StreamerClient } from '../client-sdks/typescript/src/client';
import type { StreamerClientOptions } from '../client-sdks/typescript/src/client-options';
import type { UntypedActions } from '../client-sdks/typescript/src/types';
import type { FaultProfile } from '../local/emulator/chaos';
import type { AbortLike } from './handler-types';

/** A stack or an app of any version of the CDK. */
export interface Synthesizable {
  readonly node: { readonly root: unknown };
}

/** The user of a client or a token. */
export interface TestIdentity {
  /** Name of the user. @default 'test-user' */
  readonly user?: string;
  /**
   * Name of the tenant. Not allowed for visitors without a login, because they all belong to one tenant. @default
   * 'test-tenant'
   */
  readonly tenant?: string;
  /** Additional claims of the token, by name. Not allowed for visitors. */
  readonly claims?: { readonly [name: string]: unknown };
  /**
   * Number of seconds for which the token is valid. A negative number gives an expired token. Not allowed for visitors.
   * @default 3600
   */
  readonly expiresInSeconds?: number;
}

/** A `StreamerClient` of `cdk-streamer-client`. */
export type TestClient<Actions = UntypedActions> = Pick<StreamerClient<Actions>, keyof StreamerClient<Actions>>;

/** Options of the client. The token may be left out if the run can issue one. */
export type TestClientOptions = Partial<StreamerClientOptions>;

/** Options of the local run. */
export interface LocalStreamerOptions {
  /**
   * Maximum number of environments that a function has at the same time. @default - one for each 512 MB of the
   * machine's memory, from 4 to 32
   */
  readonly maxEnvironments?: number;
  /** Environment variables for every function. They override the function's own variables. @default - none */
  readonly env?: { readonly [name: string]: string };
  /** Faults to inject into the services and functions of the run. @default - no faults */
  readonly chaos?: ChaosTestOptions;
  /** Whether to log each request, and access logs. @default false */
  readonly verbose?: boolean;
  /** Called with each new log line. @default - nothing is called; `logs` has all log lines */
  readonly onLog?: (line: LogLine) => void;
}

/** Faults of a run. */
export interface ChaosTestOptions {
  /** Name of a profile, such as `network`, or a profile of your own. */
  readonly profile: ChaosProfileName | FaultProfile;
  /**
   * Seed of all decisions about faults, an integer from 0 to 4,294,967,295. The same seed gives the same plan of faults. @default - a random seed,
   * which `faults.seed` returns
   */
  readonly seed?: number;
}

/** Names of the profiles. */
export type ChaosProfileName = 'calm' | 'network' | 'crashes' | 'store' | 'clocks' | 'harshest';

/** The faults that a run injects. */
export interface InjectedFaults {
  readonly seed: number;
  /** Number of faults that have taken effect, by place and name, such as `post throttle`. */
  readonly injected: { readonly [fault: string]: number };
  /** Injects no further faults. */
  stop(): void;
}

/** A log line of the run. */
export interface LogLine {
  /** The function or the part of the run that logged the line. */
  readonly source: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly detail?: string;
}

/** A request as stored in the tables. */
export interface StoredRequest {
  readonly id: string;
  readonly action: string;
  readonly tenant: string;
  readonly user: string;
  readonly status: 'PENDING' | 'RUNNING' | 'WAITING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** Number of the latest attempt within the run; 0 before the first attempt. */
  readonly attempt: number;
  /** Number of the run, from 1. */
  readonly run: number;
  /** Time of the submission, in milliseconds since the epoch. */
  readonly createdAt: number;
  readonly input: unknown;
  /** Result of the request; present if the status is `COMPLETED`. */
  readonly result?: unknown;
  /** Error of the request; present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
  /** The value that the handler returned although its run was stopped. */
  readonly partial?: unknown;
  /** The latest progress. */
  readonly progress?: { readonly percentage?: number; readonly message?: string; readonly metadata?: unknown };
  /** Entries of the log in order: attempts, events, and the end of each run. */
  readonly log: readonly StoredEntry[];
}

/** An entry of a request's log. */
export interface StoredEntry {
  readonly offset: number;
  /** Number of the attempt within the run; 0 for the end of a run that had no attempt. */
  readonly attempt: number;
  readonly run: number;
  /** `$attempt` for the start of an attempt, `$end` for the end of a run, otherwise the name of the event. */
  readonly name: string;
  readonly data?: unknown;
}

/** User of the request, and maximum time to wait. */
export interface WaitOptions {
  /** Maximum time to wait, in milliseconds. @default 20000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortLike;
  /** User of the request. It is needed if several users have a request with that id. */
  readonly user?: string;
}

/** A run of a schedule. */
export interface ScheduledRun {
  /** Id of the request that the run submits; empty if the target of the schedule is not the submit function. */
  readonly id: string;
  /** Scheduled time of the run, in milliseconds since the epoch. */
  readonly scheduledAt: number;
}

/** A message of a queue. */
export interface QueuedMessage {
  readonly body: string;
  readonly receiveCount: number;
  /** Time of sending, in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Configuration of an AWS SDK client for a service of the run, as in `new SQSClient(streamer.aws('sqs'))`. */
export interface AwsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** An application that runs locally for a test. */
export interface LocalStreamer<Actions = UntypedActions> {
  /** Address of the first WebSocket API: `ws://127.0.0.1:…`. */
  readonly url: string;
  /** Outputs by stack. They contain the run's addresses instead of those of AWS. */
  readonly outputs: { readonly [stack: string]: { readonly [name: string]: string } };
  /** Parts of the application that behave differently than on AWS, one line per part. */
  readonly warnings: readonly string[];
  /** The faults of the run; absent without the option `chaos`. */
  readonly faults?: InjectedFaults;
  /** All log lines of the run and its functions so far. */
  readonly logs: readonly LogLine[];
  /**
   * Returns a client of the API. The run closes the client at its end. With a custom authorizer, `options.token` is
   * required.
   */
  client(identity?: TestIdentity, options?: TestClientOptions): TestClient<Actions>;
  /**
   * Returns a token for clients of that user. The token is from the run's issuer, or is a visitor's secret.
   *
   * @throws Error with a custom authorizer, because only the application knows which tokens it accepts
   */
  token(identity?: TestIdentity): Promise<string>;
  /**
   * Returns the stored request, or undefined.
   *
   * @throws Error if several users have a request with that id and `user` is undefined
   */
  request(id: string, user?: string): Promise<StoredRequest | undefined>;
  /**
   * Waits until the request exists and has ended.
   *
   * @throws Error after `timeoutMs`; the message contains the last known state of the request. If the submit function refused the submission of a
   * schedule, the error is thrown at once and contains the code of the refusal
   */
  ended(id: string, options?: WaitOptions): Promise<StoredRequest>;
  /**
   * Invokes a function directly and returns its result.
   *
   * @param name its construct path or the end of that path, its logical id or its physical name
   * @throws Error with the function's own error
   */
  invoke(name: string, event?: unknown): Promise<unknown>;
  /**
   * Returns the items of a table, such as `Streamer/Requests`.
   *
   * @param name its construct path or the end of that path, or its logical id
   */
  items(name: string): Promise<Record<string, unknown>[]>;
  /** Returns the messages of a queue, including delayed ones and those in flight. */
  messages(name: string): QueuedMessage[];
  /** Returns the value of `Ref` for a resource: the name of a table, bucket or function, or the URL of a queue. */
  physicalName(name: string): string;
  /**
   * Returns the configuration of an AWS SDK client.
   *
   * @param service name of the service as in `AWS_ENDPOINT_URL_<SERVICE>`: `dynamodb`, `sqs`, `s3`, `lambda`, …
   */
  aws(service: string): AwsClientConfig;
  /**
   * Runs a schedule now, even if it is disabled: `const { id } = streamer.runSchedule('nightly')`, then
   * `await streamer.ended(id)`.
   *
   * @param name name of the schedule. If several actions have a schedule of this name, put the action before it:
   * `generate_report/nightly`
   * @throws Error if no schedule, or more than one schedule, has this name
   */
  runSchedule(name: string): ScheduledRun;
  /**
   * Simulates a crash: waits until a process runs the action, then kills all processes that run it. An async request is
   * started again when its lease expires, within 75 seconds.
   *
   * @returns the number of killed processes
   * @throws Error if no process has run the action within `timeoutMs`
   */
  kill(action: string, options?: { readonly timeoutMs?: number }): Promise<number>;
  /** Ends the run with its clients, processes, servers and files. A second call waits for the first one. */
  close(): Promise<void>;
}
