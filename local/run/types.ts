import type { InputExample, Recorder } from '../console';
import type { DynamoDbEndpoint } from '../emulator/dynamodb';
import type { EventBusService } from '../emulator/eventbridge';
import type { AccessCheck, Credentials, Door, FaultHook } from '../emulator/http';
import type { LambdaHost, Python } from '../emulator/lambda';
import type { Issuer } from '../emulator/oidc-issuer';
import type { S3Service } from '../emulator/s3';
import type { ScheduleState } from '../emulator/scheduler';
import type { SecretsService } from '../emulator/secrets-manager';
import type { SqsService } from '../emulator/sqs';
import type { RunStateOptions } from '../emulator/state';
import type { Clock, InvokeResult, LogSink } from '../emulator/types';
import type { GatewayLimits, WebSocketGateway } from '../emulator/websocket-api';
import type { ApiTables } from '../operations/api-tables';
import type { Sources } from './log/stack';

export interface LocalRunOptions {
  /** Folder of a synthesized cloud assembly (`cdk.out`). */
  readonly assemblyDir: string;
  /** Port of the run; 0 means any free port. If the port is in use, the next one is used. @default 4000 */
  readonly port?: number;
  /** Address on which the run listens. @default '127.0.0.1' */
  readonly host?: string;
  /**
   * Additional host names, without a port, that the run accepts. @default - loopback names; if `host` is another
   * address, also IP addresses and the name of this machine
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Implementation of DynamoDB. `local` is DynamoDB Local of AWS, which needs Java and an npm package that the user
   * installs. @default 'embedded'
   */
  readonly dynamodb?: 'embedded' | 'local';
  readonly limits?: RunLimits;
  /**
   * Folder for the persistent state of the run: items, messages, objects, secrets and keys. It cannot be combined with
   * DynamoDB Local. @default - everything is only in memory
   */
  readonly state?: RunStateOptions;
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Returns whether a caller may perform an action of a service. @default - every caller may perform every action */
  readonly allows?: AccessCheck;
  /** Returns failures for calls to services, for tests. @default - no call fails */
  readonly faultOf?: FaultHook;
  /** Environment variables for every function. They override the function's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** A built single-page app, which the run serves at `/`. The page reads the run's addresses from `/streamer.json`. */
  readonly pages?: { readonly dir: string };
  /** Folder for temporary files. @default - the system's temporary folder */
  readonly tempDir?: string;
  /** Path of the bundled runtime client of functions. @default - the file next to this bundle */
  readonly runtimeClient?: string;
  /**
   * Returns the path of a Node.js binary for a runtime. @default - the npm package `node` of that version, otherwise
   * the binary of this process
   */
  readonly nodeFor?: (runtime: string) => string | undefined;
  /**
   * Returns the Python interpreter for a runtime, or undefined if there is none. @default - the command of that
   * version, such as `python3.13`; otherwise `python3`
   */
  readonly pythonFor?: (runtime: string) => Python | undefined;
  /**
   * Opens the Node.js inspector in one function. This function then has no time limits. @default - no inspector is
   * opened
   */
  readonly inspect?: InspectOptions;
  /** Finds the sources of code in stack traces. @default - stack traces name positions in the running code */
  readonly sources?: Sources;
  /** Folder to which the files in stack traces are relative. @default - the working directory */
  readonly cwd?: string;
  /** Finds an input that the schema of an action accepts, for the console. @default - the console offers no example */
  readonly inputExample?: (action: string) => Promise<InputExample>;
  /** Whether to serve the console page at `/_console`. @default true */
  readonly console?: boolean;
  /**
   * Records of the run that this run replaces. The console adds its own records to them. @default - the console begins
   * without records
   */
  readonly recorder?: Recorder;
  /** Whether to log each message and request, and access logs. @default false */
  readonly verbose?: boolean;
}

/** A function in which the Node.js inspector is opened. */
export interface InspectOptions {
  /** An action, or the name of a function in log lines. An empty string means the function that answers messages. */
  readonly target: string;
  readonly port: number;
}

export interface RunLimits {
  /** Limits of the gateway. @default - the limits of AWS */
  readonly gateway?: Partial<GatewayLimits>;
  /**
   * Maximum number of environments that a function has at the same time. @default - one for each 256 MB of the
   * machine's memory, from 4 to 128
   */
  readonly maxEnvironments?: number;
}

export interface RunningFunction {
  readonly functionName: string;
  readonly functionArn: string;
  /** `Stack/LogicalId` of the function. */
  readonly address: string;
  /** Path of the construct. */
  readonly path: string;
  /** Name in log lines: the part of the path that no other function has. */
  readonly name: string;
  /** Folder of the function's code at the start. */
  readonly codeDir: string;
  /** Returns one entry of the Metadata of the function's resource. */
  metadata(key: string): unknown;
}

export interface CloseOptions {
  /** Time in milliseconds that running batches of event sources get to finish before they are stopped. @default 0 */
  readonly drainMs?: number;
}

/** A schedule of the run. Times are in milliseconds since the epoch. */
export interface RunningSchedule extends Omit<ScheduleState, 'arn'> {
  /** Action whose requests the schedule submits; absent for a schedule of another kind. */
  readonly action?: string;
}

/** A run of a schedule that was started by hand. */
export interface StartedSchedule {
  readonly name: string;
  /** Scheduled time of the run, in milliseconds since the epoch. */
  readonly scheduledAt: number;
  /** Id of the request that the run submits; absent for a schedule of another kind. */
  readonly requestId?: string;
}

/** Result of a run of a schedule, as far as it is known. */
export interface ScheduleOutcome {
  /** Status of the request; absent if there is no request. */
  readonly status?: string;
  /** Reason why the run has no request, or the error of the request. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A run of a schedule that was started by hand, with its outcome. */
export interface ScheduleRun extends StartedSchedule {
  /**
   * Waits until the target has answered, and then until the request has ended. The promise never rejects.
   *
   * @param waitMs maximum time in milliseconds to wait for the end of the request; 0 waits only for the answer
   */
  outcome(waitMs: number): Promise<ScheduleOutcome>;
}

/** The schedules of EventBridge Scheduler in a run. */
export interface RunningSchedules {
  list(): RunningSchedule[];
  /**
   * Runs a schedule now, even if it is disabled.
   *
   * @param name name of the schedule, or the end of its name or construct path
   * @throws Error if no schedule, or more than one schedule, has this name
   */
  run(name: string): ScheduleRun;
}

/** A running application. */
export interface LocalRun {
  /** Origin of the page, the `@connections` API and the services, such as `http://127.0.0.1:4000`. */
  readonly endpoint: string;
  /** Address of the console page; absent if the console is disabled. */
  readonly console: string | undefined;
  /** Records of the console, for a run that replaces this one. Absent if the console is disabled. */
  readonly recorder: Recorder | undefined;
  /** Address (`ws://…`) of the first stage of the first WebSocket API; absent if the application has none. */
  readonly url: string | undefined;
  /** Address (`ws://…`) of each stage, by `<api id>/<stage>`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Outputs by stack. They contain the run's addresses instead of those of AWS. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly functions: readonly RunningFunction[];
  /** Tables of the Streamer APIs of the application. */
  readonly apis: readonly ApiTables[];
  /** Physical name of the inspected function. */
  readonly inspected: string | undefined;
  /** Issuer of tokens; absent if no function verifies tokens. */
  readonly issuer: Issuer | undefined;
  /** Whether the application accepts visitors without a login. */
  readonly visitors: boolean;
  /** Environment variables with which the AWS SDKs find the run's services. */
  readonly variables: Readonly<Record<string, string>>;
  /** Credentials with which programs other than the functions sign requests to the run's services. */
  readonly credentials: Credentials;
  /** Returns all open entry points and their allowed clients. */
  doors(): Door[];
  readonly host: LambdaHost;
  readonly gateways: readonly WebSocketGateway[];
  readonly dynamodb: DynamoDbEndpoint;
  readonly sqs: SqsService;
  readonly s3: S3Service;
  readonly events: EventBusService;
  readonly secrets: SecretsService;
  readonly schedules: RunningSchedules;
  /** Parts of the application that behave differently than on AWS, one line per part. */
  readonly warnings: readonly string[];
  /**
   * Invokes a function and waits for its answer.
   *
   * @param name its physical name, logical id, address or construct path, or the end of an address or a path
   * @throws Error if there is no such function, or more than one
   */
  invoke(name: string, event: unknown): Promise<InvokeResult>;
  /**
   * Returns the value of `Ref` for a resource: the name of a table, bucket or function, or the URL of a queue.
   *
   * @param name its logical id, address or construct path, or the end of an address or a path
   * @throws Error if there is no such resource, or more than one
   */
  physicalName(name: string): string;
  /** Returns the reasons why a run of another assembly cannot continue with the state of this run; empty if it can. */
  problemsWith(assemblyDir: string): Promise<string[]>;
  /**
   * Ends everything that the run has started: processes and servers. It also removes temporary files. A second call
   * waits for the first.
   */
  close(options?: CloseOptions): Promise<void>;
}
