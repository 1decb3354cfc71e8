/**
 * Types of the values that the construct writes and the functions read: JSON in environment variables, and the settings in the generated
 * entries.
 *
 * The construct writes each with `satisfies` or through a function that takes the type, so that both sides compile against one definition.
 */

/** Settings of an async action, in the entry of its processor. They are a literal in the code, so that no variable grows with the number of actions. */
export interface ActionConfig {
  /** Attempts in all before the request fails. */
  readonly maxAttempts: number;
  /** Delay before the second attempt; it doubles with each further attempt. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** Timeout of one attempt. */
  readonly timeoutMs: number;
  /** Progress frames per second and viewer. */
  readonly progressRate: number;
  /** True if one attempt runs at a time; absent otherwise. */
  readonly serial?: true;
}

/** Names of the queues of an async action, in the dispatcher's entry. */
export interface QueueNames {
  readonly queue: string;
  readonly deadLetterQueue: string;
}

/** Lambda function that the router or a processor invokes to run an action, in their entries. */
export interface InvokedFunction {
  /** Name or ARN; undefined if it is known only at deployment, in which case the environment or another function provides it. */
  readonly functionName?: string;
  /** Timeout of one call. */
  readonly timeoutMs: number;
}

/** Names or ARNs of functions by action. */
export type FunctionNamesByAction = Readonly<Record<string, string>>;

/** Limits of the data that users may send. */
export interface Limits {
  /** Maximum bytes of a request's input as JSON; undefined: as much as fits into a client's frame. */
  readonly maxInputBytes?: number;
  /** Maximum bytes of a result as JSON; undefined: as much as fits into a message. */
  readonly maxResultBytes?: number;
  /** Maximum number of events of one request, over all its attempts. */
  readonly maxEvents: number;
}

/** Permission of the users of each tenant on the topics that match a pattern. */
export interface TopicRule {
  /** A topic's name, in which `{user}` is the user's own name and a final `*` matches any rest. */
  readonly pattern: string;
  /** Whether users may publish in addition to subscribing. */
  readonly publish: boolean;
}

/** Attempts to deliver a webhook. */
export interface WebhookRetries {
  /** Maximum number of attempts before the delivery is moved to the dead-letter queue. */
  readonly maxAttempts: number;
  /** Approximate delay before the second attempt; later delays grow, up to `maxMs`. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Settings of the webhook. */
export interface WebhookConfig extends WebhookRetries {
  readonly url: string;
  readonly secretArn: string;
  /** Timeout of one attempt. */
  readonly timeoutMs: number;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Settings of the authorizer that verifies tokens. */
export interface JwtConfig {
  readonly issuer: string;
  /** Accepted audiences: a token must name at least one. */
  readonly audience: string[];
  /** Claim that names the tenant; a token without it belongs to the default tenant. */
  readonly tenantClaim: string;
  /** URL of the issuer's key set. */
  readonly jwksUri: string;
}
