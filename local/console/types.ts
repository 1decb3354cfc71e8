/** Messages of the console's server to its page. Times are epoch milliseconds, durations milliseconds. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that do not change while the page is open. */
export interface RunInfo {
  readonly startedAt: number;
  readonly stacks: readonly string[];
  readonly gateways: readonly GatewayInfo[];
  /** Path that gives tokens by POST; absent if no function verifies tokens. */
  readonly tokenPath?: string;
  readonly functions: readonly { readonly functionName: string; readonly name: string }[];
  readonly warnings: readonly string[];
}

/** How a client authenticates: with a token of the run's issuer, a secret, a token from elsewhere, or not at all. */
export type AuthKind = 'issuer' | 'visitor' | 'token' | 'none';

export interface GatewayInfo {
  /** `<api id>/<stage>`. */
  readonly name: string;
  readonly url: string;
  readonly auth: AuthKind;
  /** `sync` or `async`, by action, as declared by the API's functions. */
  readonly actions: Readonly<Record<string, string>>;
}

export interface ConnectionView {
  readonly connectionId: string;
  readonly gateway: string;
  readonly user?: string;
  readonly tenant?: string;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Messages from the client, by type. */
  readonly types: Readonly<Record<string, number>>;
  /** How the connection was closed; absent while it is open. */
  readonly closed?: { readonly at: number; readonly code: number };
}

export interface FunctionView {
  readonly functionName: string;
  readonly name: string;
  readonly environments: number;
  readonly busy: number;
  readonly invocations: number;
  readonly coldStarts: number;
  readonly errors: number;
  readonly lastError?: string;
  readonly lastAt?: number;
  /** Median and 95th percentile of the durations of the last invocations, in milliseconds. */
  readonly p50?: number;
  readonly p95?: number;
}

export interface QueueView {
  readonly arn: string;
  readonly name: string;
  readonly action?: string;
  /** ARN of its dead-letter queue; absent if it has none. */
  readonly deadLetterArn?: string;
  readonly isDeadLetter: boolean;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly oldestAt?: number;
}

export interface QueueMessageView {
  readonly messageId: string;
  readonly state: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly groupId?: string;
  readonly body: string;
  readonly requestKey?: string;
}

export interface TableView {
  readonly tableName: string;
  readonly path: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly items: number;
}

export interface ItemPage {
  readonly items: readonly Json[];
  /** Asks for the next page; absent on the last. */
  readonly next?: string;
}

export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly source: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** Lines that belong under it. */
  readonly below?: readonly string[];
  readonly detail?: string;
  /** Id of the request that the line refers to. */
  readonly subject?: string;
}

/** Error that a handler threw. */
export interface Failure {
  /** Id of the request. */
  readonly id: string;
  readonly action?: string;
  readonly run: number;
  /** Number of the attempt within the run. */
  readonly attempt: number;
  readonly at: number;
  /** `TypeError: rows is not iterable` */
  readonly title: string;
  /** `build (handlers/report.ts:12:7)`; absent where the stack names no source of the user's own. */
  readonly place?: string;
}

/** Inputs of an action's requests, latest first. */
export interface RecentInputs {
  readonly inputs: readonly Json[];
}

/** Input that an action's schema accepts, or the reason why there is none; empty for an action without a schema. */
export interface InputExample {
  readonly input?: Json;
  readonly reason?: string;
}

/** Keys of the requests that contain a search query. */
export interface SearchResult {
  readonly keys: readonly string[];
}

export interface FrameView {
  readonly seq: number;
  readonly at: number;
  readonly connectionId: string;
  readonly direction: 'in' | 'out';
  readonly bytes: number;
  readonly type?: string;
  readonly id?: string;
  readonly action?: string;
  readonly offset?: number;
  /** Its beginning, where it is long. */
  readonly text: string;
}

/** sync: request → response; ack: request → ack; progress: ack → first progress; done: ack → result or error. */
export type TimingKind = 'sync' | 'ack' | 'progress' | 'done';

export interface TimingSample {
  readonly at: number;
  readonly kind: TimingKind;
  readonly action: string;
  readonly ms: number;
}

export type RequestStatus = 'PENDING' | 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export interface ProgressView {
  readonly percentage?: number;
  readonly message?: string;
}

/** A request as the list shows it. */
export interface RequestView {
  readonly key: string;
  readonly id: string;
  readonly action: string;
  readonly tenant: string;
  readonly user: string;
  readonly status: RequestStatus;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Number of the latest attempt within the run; 0 before the first. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly run: number;
  readonly notBefore?: number;
  readonly progress?: ProgressView;
  readonly error?: { readonly code: string; readonly message: string };
  /** Error of the last failed attempt; absent once the request was completed. */
  readonly failure?: Failure;
}

/** A change of a request's state, when the run saw it. */
export interface Transition {
  readonly at: number;
  readonly status: RequestStatus;
  readonly attempt: number;
  readonly run: number;
  readonly notBefore?: number;
}

export interface LogEntryView {
  readonly offset: number;
  readonly run: number;
  readonly attempt: number;
  /** `end` for the terminal entry. */
  readonly name: string;
  readonly data?: Json;
  /** Time when it was first sent to a client; unknown if the console did not observe it. */
  readonly sentAt?: number;
}

export interface RequestDetail {
  readonly request: RequestView;
  readonly transitions: readonly Transition[];
  readonly entries: readonly LogEntryView[];
  /** Entries before those that are shown. */
  readonly skipped: number;
  readonly progress?: ProgressView & { readonly metadata?: Json };
  readonly input?: Json;
  readonly result?: Json;
  readonly error?: Json;
  readonly leaseUntil?: number;
  readonly expiresAt?: number;
  readonly epoch: string;
  readonly frames: readonly FrameView[];
  /** Errors of the attempts, oldest first. */
  readonly failures: readonly Failure[];
  readonly deadLetter?: { readonly queue: string; readonly sentAt: number; readonly receiveCount: number };
}

/** The complete state, which a page receives when it connects. */
export interface Snapshot {
  readonly run: RunInfo;
  readonly connections: readonly ConnectionView[];
  readonly functions: readonly FunctionView[];
  readonly queues: readonly QueueView[];
  readonly requests: readonly RequestView[];
  readonly samples: readonly TimingSample[];
  readonly logs: readonly LogLine[];
  /** Total number of requests in the run, which keeps only `requests`, the latest of them. */
  readonly requestsSeen: number;
}

/** Changes since the last message; absent parts are unchanged. */
export interface Delta {
  readonly now: number;
  readonly connections?: readonly ConnectionView[];
  readonly functions?: readonly FunctionView[];
  readonly queues?: readonly QueueView[];
  readonly requests?: { readonly changed: readonly RequestView[]; readonly removed: readonly string[] };
  readonly samples?: readonly TimingSample[];
  readonly logs?: readonly LogLine[];
  readonly requestsSeen?: number;
}
