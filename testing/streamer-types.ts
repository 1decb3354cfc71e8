import type { StreamerClient, StreamerClientOptions } from '../client-sdks/typescript/src/client';
import type { UntypedActions } from '../client-sdks/typescript/src/types';
import type { AbortLike } from './handler-types';

/** A stack or app; any version of the CDK. */
export interface Synthesizable {
  readonly node: { readonly root: unknown };
}

/** Who asks. */
export interface TestIdentity {
  /** @default 'test-user' */
  readonly user?: string;
  /** Not for visitors without a login, who all belong to one. @default 'test-tenant' */
  readonly tenant?: string;
  /** More claims of the token, by name. Not for visitors. */
  readonly claims?: { readonly [name: string]: unknown };
  /** Seconds for which the token is valid; negative for one that has expired. Not for visitors. @default 3600 */
  readonly expiresInSeconds?: number;
}

/** A `StreamerClient` of `cdk-streamer-client`. */
export type TestClient<Actions = UntypedActions> = Pick<StreamerClient<Actions>, keyof StreamerClient<Actions>>;

/** Options of the client; the token may be left out where the run gives it. */
export type TestClientOptions = Partial<StreamerClientOptions>;

/** How the application is run. */
export interface LocalStreamerOptions {
  /** Maximum number of environments of a function at the same time. @default - one for each 512 MB of the machine's memory, 4 to 32 */
  readonly maxEnvironments?: number;
  /** Variables that every function gets, over its own. @default - none */
  readonly env?: { readonly [name: string]: string };
  /** Log each request, access logs included. @default false */
  readonly verbose?: boolean;
  /** Is told each line of the log as it comes. @default - nobody; `logs` has them all */
  readonly onLog?: (line: LogLine) => void;
}

/** A line of the log of the run. */
export interface LogLine {
  /** The function or part that speaks. */
  readonly source: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly detail?: string;
}

/** A request as the tables hold it. */
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
  /** Of a request that is `COMPLETED`. */
  readonly result?: unknown;
  /** Of one that `FAILED` or is `CANCELLED`. */
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
  /** The last progress. */
  readonly progress?: { readonly percentage?: number; readonly message?: string; readonly metadata?: unknown };
  /** Its log, in order: attempts, events, the end of each run. */
  readonly log: readonly StoredEntry[];
}

/** An entry of a request's log. */
export interface StoredEntry {
  readonly offset: number;
  /** Number of the attempt within the run; 0 if the run ended without an attempt. */
  readonly attempt: number;
  readonly run: number;
  /** `$attempt` for the begin of an attempt, `$end` for the end of a run, else the event's. */
  readonly name: string;
  readonly data?: unknown;
}

/** Whose request, and how long to wait for it. */
export interface WaitOptions {
  /** @default 20000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortLike;
  /** Whose request it is, where several users have one of that id. */
  readonly user?: string;
}

/** What a message of a queue looks like. */
export interface QueuedMessage {
  readonly body: string;
  readonly receiveCount: number;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** Where an AWS SDK client finds a service of the run: `new SQSClient(streamer.aws('sqs'))`. */
export interface AwsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A running application, for a test. */
export interface LocalStreamer<Actions = UntypedActions> {
  /** `ws://127.0.0.1:…` of the first WebSocket API. */
  readonly url: string;
  /** The stacks' outputs, by stack, with the run's addresses in place of AWS's. */
  readonly outputs: { readonly [stack: string]: { readonly [name: string]: string } };
  /** What of the application does not behave as on AWS, a line each. */
  readonly warnings: readonly string[];
  /** What was logged so far, by the run and by the functions. */
  readonly logs: readonly LogLine[];
  /** A client of the API, closed with the run. With a custom authorizer, `options.token` must be given. */
  client(identity?: TestIdentity, options?: TestClientOptions): TestClient<Actions>;
  /**
   * What a client of that user sends: a token of the run's own issuer, or a visitor's secret.
   *
   * @throws Error with a custom authorizer: only the application knows what that accepts
   */
  token(identity?: TestIdentity): Promise<string>;
  /** The stored request, or undefined. @throws Error when several users have one of that id and `user` is not given */
  request(id: string, user?: string): Promise<StoredRequest | undefined>;
  /** Waits until the request is there and has ended. @throws Error after `timeoutMs`, with what is known of it */
  ended(id: string, options?: WaitOptions): Promise<StoredRequest>;
  /**
   * Invokes a function directly and gives what it returned.
   *
   * @param name its construct path or how that ends, logical id or physical name
   * @throws Error with the function's own error
   */
  invoke(name: string, event?: unknown): Promise<unknown>;
  /** Items of a table, such as `Streamer/Requests`. @param name its construct path or how that ends, or its logical id */
  items(name: string): Promise<Record<string, unknown>[]>;
  /** What lies in a queue, those in flight or delayed included. */
  messages(name: string): QueuedMessage[];
  /** What `Ref` gives for a resource: a table's, bucket's or function's name, a queue's URL. */
  physicalName(name: string): string;
  /** Settings of an AWS SDK client. @param service as in `AWS_ENDPOINT_URL_<SERVICE>`: `dynamodb`, `sqs`, `s3`, `lambda`, … */
  aws(service: string): AwsClientConfig;
  /**
   * Kills the processes that run an action, as a crash or the end of a machine would, and waits until there is one to kill. An async request
   * is begun again when its lease is over, within 75 s.
   *
   * @returns how many were killed
   * @throws Error when none has run it after `timeoutMs`
   */
  kill(action: string, options?: { readonly timeoutMs?: number }): Promise<number>;
  /** Ends the run with its clients, processes, servers and files. A second call waits for the first. */
  close(): Promise<void>;
}
