import type { StreamerClient, StreamerClientOptions } from '../client-sdks/typescript/src/client';
import type { UntypedActions } from '../client-sdks/typescript/src/types';
import type { AbortLike } from './handler-types';

/** A stack or an app, of any version of the CDK. */
export interface Synthesizable {
  readonly node: { readonly root: unknown };
}

/** The user of a client or a token. */
export interface TestIdentity {
  /** @default 'test-user' */
  readonly user?: string;
  /** Name of the tenant. Not allowed for visitors without a login, who all belong to one tenant. @default 'test-tenant' */
  readonly tenant?: string;
  /** More claims of the token, by name. Not allowed for visitors. */
  readonly claims?: { readonly [name: string]: unknown };
  /** Seconds for which the token is valid; negative for an expired one. Not allowed for visitors. @default 3600 */
  readonly expiresInSeconds?: number;
}

/** A `StreamerClient` of `cdk-streamer-client`. */
export type TestClient<Actions = UntypedActions> = Pick<StreamerClient<Actions>, keyof StreamerClient<Actions>>;

/** Options of the client; the token may be left out if the run provides it. */
export type TestClientOptions = Partial<StreamerClientOptions>;

/** Options of the local run. */
export interface LocalStreamerOptions {
  /** Maximum number of environments of a function at the same time. @default - one for each 512 MB of the machine's memory, 4 to 32 */
  readonly maxEnvironments?: number;
  /** Variables of every function; they override its own. @default - none */
  readonly env?: { readonly [name: string]: string };
  /** Log each request, access logs included. @default false */
  readonly verbose?: boolean;
  /** Called with each new line of the log. @default - nothing is called; `logs` has all lines */
  readonly onLog?: (line: LogLine) => void;
}

/** A line of the log of the run. */
export interface LogLine {
  /** The function or the part that logs. */
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
  /** Number of the latest attempt within the run; 0 before the first. */
  readonly attempt: number;
  /** Number of the run, from 1. */
  readonly run: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly input: unknown;
  /** Present if the status is `COMPLETED`. */
  readonly result?: unknown;
  /** Present if the status is `FAILED` or `CANCELLED`. */
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
  /** The latest progress. */
  readonly progress?: { readonly percentage?: number; readonly message?: string; readonly metadata?: unknown };
  /** The log in order: attempts, events, the end of each run. */
  readonly log: readonly StoredEntry[];
}

/** An entry of a request's log. */
export interface StoredEntry {
  readonly offset: number;
  /** Number of the attempt within the run; 0 if the run ended without an attempt. */
  readonly attempt: number;
  readonly run: number;
  /** `$attempt` for the beginning of an attempt, `$end` for the end of a run, otherwise the event's name. */
  readonly name: string;
  readonly data?: unknown;
}

/** User of the request, and limit of the wait. */
export interface WaitOptions {
  /** Milliseconds to wait at most. @default 20000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortLike;
  /** User of the request, needed if several users have a request with that id. */
  readonly user?: string;
}

/** A message of a queue. */
export interface QueuedMessage {
  readonly body: string;
  readonly receiveCount: number;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** Configuration of an AWS SDK client for a service of the run: `new SQSClient(streamer.aws('sqs'))`. */
export interface AwsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A running application, for a test. */
export interface LocalStreamer<Actions = UntypedActions> {
  /** `ws://127.0.0.1:…` of the first WebSocket API. */
  readonly url: string;
  /** Outputs by stack, with the run's addresses instead of those of AWS. */
  readonly outputs: { readonly [stack: string]: { readonly [name: string]: string } };
  /** Parts of the application that behave differently than on AWS, one line per part. */
  readonly warnings: readonly string[];
  /** All lines that the run and the functions have logged so far. */
  readonly logs: readonly LogLine[];
  /** Returns a client of the API, which is closed with the run. With a custom authorizer, `options.token` is required. */
  client(identity?: TestIdentity, options?: TestClientOptions): TestClient<Actions>;
  /**
   * Returns a token for a client of that user: from the run's own issuer, or a visitor's secret.
   *
   * @throws Error with a custom authorizer, because only the application knows the tokens that it accepts
   */
  token(identity?: TestIdentity): Promise<string>;
  /** Returns the stored request, or undefined. @throws Error if several users have a request with that id and `user` is not given */
  request(id: string, user?: string): Promise<StoredRequest | undefined>;
  /** Waits until the request exists and has ended. @throws Error after `timeoutMs`, with the known state of the request */
  ended(id: string, options?: WaitOptions): Promise<StoredRequest>;
  /**
   * Invokes a function directly and returns its result.
   *
   * @param name its construct path or the end of it, its logical id or its physical name
   * @throws Error with the function's own error
   */
  invoke(name: string, event?: unknown): Promise<unknown>;
  /** Returns the items of a table, such as `Streamer/Requests`. @param name its construct path or the end of it, or its logical id */
  items(name: string): Promise<Record<string, unknown>[]>;
  /** Returns the messages of a queue, including those in flight or delayed. */
  messages(name: string): QueuedMessage[];
  /** Returns the value of `Ref` for a resource: the name of a table, bucket or function, the URL of a queue. */
  physicalName(name: string): string;
  /** Returns the settings of an AWS SDK client. @param service as in `AWS_ENDPOINT_URL_<SERVICE>`: `dynamodb`, `sqs`, `s3`, `lambda`, … */
  aws(service: string): AwsClientConfig;
  /**
   * Waits until a process runs the action, and kills all processes that run it, in order to simulate a crash. An async request is
   * started again when its lease expires, within 75 s.
   *
   * @returns the number of killed processes
   * @throws Error if no process has run the action within `timeoutMs`
   */
  kill(action: string, options?: { readonly timeoutMs?: number }): Promise<number>;
  /** Ends the run with its clients, processes, servers and files. A second call waits for the first. */
  close(): Promise<void>;
}
