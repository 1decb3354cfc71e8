import type { ActionConfig, Limits, WebhookConfig } from './config';

/** Default values of properties that the user of the construct leaves out. */
export const DEFAULTS = {
  /** Time for which a finished request and its log are kept: 7 days. */
  retentionSeconds: 604_800,
  /** Default timeout of a sync handler. */
  syncTimeoutMs: 5_000,
  /** Claim of a token that names the tenant. */
  tenantClaim: 'tenant',
  /** Tenant of a user whose token or authorizer context names no tenant. */
  tenant: 'default',
  /** Frames of topics per second. It is a fifth of the quota that an account has in most regions, and less than the 2,500 of the others. */
  topicRate: 2_000,
  limits: { maxEvents: 10_000 },
  /** Maximum bytes of an input and of a result if the API has a bucket of payloads: 20 MiB. */
  payloadBytes: 20 * 1024 * 1024,
  action: { maxAttempts: 3, backoffBaseMs: 1_000, backoffMaxMs: 300_000, timeoutMs: 300_000, progressRate: 10 },
  /** `maxMs` is 11 hours. SQS hides a message for at most 12 hours after its receipt, and the attempt takes part of that time. */
  webhook: { maxAttempts: 8, initialMs: 5_000, maxMs: 39_600_000, timeoutMs: 10_000 },
} as const satisfies {
  readonly limits: Limits;
  readonly action: ActionConfig;
  readonly webhook: Partial<WebhookConfig>;
  readonly [name: string]: unknown;
};

/** Bounds that both the construct and the functions apply. */
export const BOUNDS = {
  /** Maximum bytes of a request's input: the size of a client's frame. */
  inputBytes: 32 * 1024,
  /** Maximum nesting depth of a request. The input is the second level. */
  inputDepth: 32,
  /** Maximum bytes of a result: the size of a server's message without its envelope. */
  resultBytes: 120 * 1024,
  /**
   * Maximum bytes of an input or a result in the bucket of payloads: 100 MiB. A function holds the string and the parsed value in its memory at the
   * same time.
   */
  payloadBytes: 100 * 1024 * 1024,
  /** Maximum bytes of an event's data: the size of a frame without its envelope. */
  eventBytes: 32 * 1024,
  /** Maximum bytes of a snapshot's data. One answer to `attach` contains it together with progress and entries of the log, and has at most 128 KB. */
  snapshotBytes: 64 * 1024,
  /** Maximum UTF-16 code units of a tenant's or user's name. A table's key may have 2 KB, and one key contains both names and a request's id. */
  nameChars: 256,
  /** Maximum characters of a topic's name. */
  topicChars: 128,
  /** Progress frames per second and viewer. */
  progressRate: { min: 1, max: 100 },
  /** Frames of topics per second. The minimum is two pages of subscribers. */
  topicRate: { min: 200, max: 100_000 },
  /** Maximum concurrent invocations of the notifier. */
  notifiers: 10,
  /** Maximum number of concurrent attempts that a cap can allow, because a claim reads the slots of its caps. */
  slots: 100,
  /**
   * Maximum number of priority classes of an action. Each class has a queue and an event source mapping. The pollers of the mapping send receive
   * requests, which cost money, even while the queue is empty.
   */
  priorityClasses: 5,
  /** Maximum characters of a priority class's name. The name of the queue contains it, and has at most 80 characters. */
  priorityClassChars: 12,
  /** Concurrency that a queue's event source mapping accepts. */
  mappingConcurrency: { min: 2, max: 1_000 },
  /** Largest timeout of a sync handler. API Gateway waits 29 seconds for the router, and `syncMarginMs` is reserved for the router itself. */
  syncTimeoutMs: 25_000,
  /** Difference between the router's timeout and the sync handler's timeout. The router needs this time for reads and writes. */
  syncMarginMs: 4_000,
  /** Maximum bytes of the state that one slice of a request leaves for the next one: an item of a table may have 400 KB. */
  stateBytes: 256 * 1024,
  /** Maximum seconds between two slices: 30 days. */
  continueDelaySeconds: 2_592_000,
  /** Maximum slices of a request, so that a handler that always continues comes to an end. */
  slices: 10_000,
  /**
   * Difference between a processor's timeout and its handler's timeout. The handler is stopped this long before the function ends, so that the
   * outcome can be written.
   */
  writeMarginMs: 5_000,
  /** Largest timeout of a function: Lambda's limit of 15 minutes. */
  functionTimeoutMs: 900_000,
} as const;
