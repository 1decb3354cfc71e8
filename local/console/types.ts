/**
 * Messages from the console's server to its page. Times are in milliseconds since the epoch, durations in milliseconds.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that do not change while a page is open. */
export interface RunInfo {
  readonly startedAt: number;
  readonly stacks: readonly string[];
  readonly gateways: readonly GatewayInfo[];
  /** Path that issues tokens for POST requests; absent if no function verifies tokens. */
  readonly tokenPath?: string;
  readonly functions: readonly { readonly functionName: string; readonly name: string }[];
  readonly warnings: readonly string[];
}

/**
 * How a client authenticates: with a token of the run's issuer, with a visitor's secret, with a token that the
 * developer supplies, or not at all.
 */
export type AuthKind = 'issuer' | 'visitor' | 'token' | 'none';

export interface GatewayInfo {
  /** Name of the gateway: `<api id>/<stage>`. */
  readonly name: string;
  readonly url: string;
  readonly auth: AuthKind;
  /** `sync` or `async` by the action's name, as the API's functions declare it. */
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
  /** Number of messages from the client, by type. */
  readonly types: Readonly<Record<string, number>>;
  /** Time and code of the close frame; absent while the connection is open. */
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

export interface ScheduleView {
  readonly name: string;
  readonly action?: string;
  readonly expression: string;
  readonly timeZone?: string;
  readonly enabled: boolean;
  /** Time of the next run; absent if there is none. */
  readonly nextAt?: number;
  readonly lastAt?: number;
}

export interface QueueView {
  readonly arn: string;
  readonly name: string;
  readonly action?: string;
  /** Priority class of the requests in the queue; absent if the queue belongs to no class. */
  readonly priority?: string;
  /** ARN of the queue's dead-letter queue; absent if it has none. */
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
  /** Value for requesting the next page; absent on the last page. */
  readonly next?: string;
}

export interface LogLine {
  readonly seq: number;
  readonly at: number;
  readonly source: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** Additional lines of the log line, such as a stack trace. */
  readonly below?: readonly string[];
  readonly detail?: string;
  /** Id of the request to which the log line belongs. */
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
  /** Name and message of the error, such as `TypeError: rows is not iterable`. */
  readonly title: string;
  /**
   * Position in the sources, such as `build (handlers/report.ts:12:7)`. Absent if the stack trace contains no position
   * in the user's sources.
   */
  readonly place?: string;
}

/** Inputs of the last requests for an action, latest first. */
export interface RecentInputs {
  readonly inputs: readonly Json[];
}

/**
 * Input that the schema of an action accepts, or the reason why there is none. Empty for an action without a schema.
 */
export interface InputExample {
  readonly input?: Json;
  readonly reason?: string;
}

/** Result of a search: the keys of the requests whose data contains the searched text. */
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
  /** Text of the frame, or its beginning if it is long. */
  readonly text: string;
}

/**
 * Measured times. `sync`: request → response; `ack`: request → ack; `progress`: ack → first progress; `done`: ack →
 * result or error.
 */
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

/** Summary of a request, as a row of the list shows it. */
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
  /** Number of the latest attempt within the run; 0 before the first attempt. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly run: number;
  readonly notBefore?: number;
  /** Priority class; absent if the request has none. */
  readonly priority?: string;
  readonly progress?: ProgressView;
  readonly error?: { readonly code: string; readonly message: string };
  /** Whether the request is a dead letter: it failed, and an operator should see it. */
  readonly isDead: boolean;
  /** Error of the last failed attempt; absent once the request was completed. */
  readonly failure?: Failure;
}

/** A new status of a request, with the time at which the run observed it. */
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
  /** Name of the event; `end` for the terminal entry. */
  readonly name: string;
  readonly data?: Json;
  /** Time when the entry was first sent to a client; absent if the console did not observe it. */
  readonly sentAt?: number;
}

/** An attempt that has ended, as stored with the request. */
export interface AttemptView {
  readonly run: number;
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly error?: { readonly code: string; readonly message: string };
  /** Description of the internal error that caused `error`. */
  readonly cause?: string;
}

export interface RequestDetail {
  readonly request: RequestView;
  readonly transitions: readonly Transition[];
  readonly entries: readonly LogEntryView[];
  /** Number of earlier entries that are left out. */
  readonly skipped: number;
  readonly progress?: ProgressView & { readonly metadata?: Json };
  /** The latest snapshot of the handler. Late viewers start at its offset. */
  readonly snapshot?: { readonly offset: number; readonly run: number; readonly attempt: number; readonly data?: Json };
  readonly input?: Json;
  readonly result?: Json;
  readonly error?: Json;
  readonly leaseUntil?: number;
  readonly expiresAt?: number;
  readonly epoch: string;
  readonly frames: readonly FrameView[];
  /** Errors of the attempts, oldest first. */
  readonly failures: readonly Failure[];
  /** The latest attempts that ended, oldest first. */
  readonly attempts: readonly AttemptView[];
  readonly deadLetter?: { readonly queue: string; readonly sentAt: number; readonly receiveCount: number };
}

/** Selection of dead letters. A request must meet all conditions that are present. */
export interface DeadLetterFilter {
  readonly action?: string;
  readonly tenant?: string;
  /** The earliest end of a selected request. */
  readonly from?: number;
  /** The latest end of a selected request. */
  readonly to?: number;
}

export type NamedRequest = Pick<RequestView, 'key' | 'id' | 'action' | 'tenant' | 'user'>;

/** Dead letters that a redrive would select. */
export interface DeadLetterCount {
  readonly count: number;
  /** The first of these dead letters. */
  readonly requests: readonly NamedRequest[];
  /** The filter, with the end of its period, so that a redrive selects no request that fails after the count. */
  readonly filter: DeadLetterFilter & { readonly to: number };
}

/** A request that a redrive of many requests did not start again. */
export interface RedriveProblem extends NamedRequest {
  /** `skipped` if another program has changed the request since it was selected. */
  readonly outcome: 'skipped' | 'failed';
  readonly reason: string;
}

/** State of a redrive of many dead letters. */
export interface RedriveView {
  readonly id: string;
  readonly filter: DeadLetterFilter;
  readonly startedAt: number;
  /** Absent while the redrive runs. */
  readonly endedAt?: number;
  readonly redriven: number;
  readonly skipped: number;
  readonly failed: number;
  /** The first of the requests that were skipped or failed. */
  readonly problems: readonly RedriveProblem[];
  /** Whether the user has stopped the redrive. */
  readonly stopped: boolean;
  /** Error that stopped the redrive before all requests were processed. */
  readonly problem?: string;
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
  /** Number of all requests of the run. `requests` contains only the latest ones. */
  readonly requestsSeen: number;
  /** The latest redrive of many requests; absent if there was none. */
  readonly redrive?: RedriveView;
}

/** Changes since the last message. A part that is absent has not changed. */
export interface Delta {
  readonly now: number;
  readonly connections?: readonly ConnectionView[];
  readonly functions?: readonly FunctionView[];
  readonly queues?: readonly QueueView[];
  readonly requests?: { readonly changed: readonly RequestView[]; readonly removed: readonly string[] };
  readonly samples?: readonly TimingSample[];
  readonly logs?: readonly LogLine[];
  readonly requestsSeen?: number;
  readonly redrive?: RedriveView;
}
