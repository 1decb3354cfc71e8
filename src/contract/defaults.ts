import type { ActionConfig, Limits, WebhookConfig } from './config';

/** Default values of properties that the user of the construct leaves out. */
export const DEFAULTS = {
  /** Time for which a finished request and its log are kept: 7 days. */
  retentionSeconds: 604_800,
  /** Maximum duration of a sync handler. */
  syncTimeoutMs: 5_000,
  /** Claim of a token that names the tenant. */
  tenantClaim: 'tenant',
  /** Tenant of a token or of an authorizer's context without a tenant. */
  tenant: 'default',
  limits: { maxEvents: 10_000 },
  action: { maxAttempts: 3, backoffBaseMs: 1_000, backoffMaxMs: 300_000, timeoutMs: 300_000, progressRate: 10 },
  /** `maxMs` is 11 hours, because SQS hides a message for at most 12 hours from its receipt, and the attempt takes part of that time. */
  webhook: { maxAttempts: 8, initialMs: 5_000, maxMs: 39_600_000, timeoutMs: 10_000 },
} as const satisfies {
  readonly limits: Limits;
  readonly action: ActionConfig;
  readonly webhook: Partial<WebhookConfig>;
  readonly [name: string]: unknown;
};

/** Bounds that both the construct and the functions apply. */
export const BOUNDS = {
  /** Maximum bytes of a request's input: a client's frame. */
  inputBytes: 32 * 1024,
  /** Maximum bytes of a result: a server's message without its envelope. */
  resultBytes: 120 * 1024,
  /** Maximum bytes of an event's data: a frame without its envelope. */
  eventBytes: 32 * 1024,
  /** Maximum UTF-16 code units of a tenant's or user's name. A table's key takes 2 KB: both names and a request's id must fit into one. */
  nameChars: 256,
  /** Maximum characters of a topic's name. */
  topicChars: 128,
  /** Progress frames per second and viewer. */
  progressRate: { min: 1, max: 100 },
  /** Largest timeout of a sync handler: API Gateway waits 29 seconds for the router, which needs `syncMarginMs`. */
  syncTimeoutMs: 25_000,
  /** Time of the router beyond the sync handler's timeout, for reads and writes. */
  syncMarginMs: 4_000,
  /**
   * Time of a processor beyond the handler's timeout: the handler is stopped this long before the function ends, so that the outcome can be
   * written.
   */
  writeMarginMs: 5_000,
  /** Largest timeout of a function: Lambda's own limit, 15 minutes. */
  functionTimeoutMs: 900_000,
} as const;
