/**
 * Types of the values that the construct writes and the functions read. The values are JSON in environment variables, and settings in the generated
 * entries.
 *
 * The construct writes each value with `satisfies` or through a function that takes the type. Both sides therefore compile against one definition.
 */

/**
 * Settings of an async action, as the entry of its processor contains them. The settings are a literal in the code, so that no variable grows with
 * the number of actions.
 */
export interface ActionConfig {
  /** Maximum number of attempts before the request fails. */
  readonly maxAttempts: number;
  /** Upper bound of the delay before the second attempt, in milliseconds. The bound doubles with each further attempt. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** Timeout of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Progress frames per second and viewer. */
  readonly progressRate: number;
  /** Caps of concurrent attempts, the narrowest first; absent if there are none. */
  readonly caps?: readonly CapConfig[];
  /** Maximum bytes of a result as JSON, if the action has its own limit. */
  readonly maxResultBytes?: number;
}

/** Settings of an async action that the functions apply to new requests. The entries of the functions contain them. */
export interface AcceptConfig extends Pick<ActionConfig, 'maxAttempts'> {
  /** Maximum duration of a run in milliseconds. The time counts from the acceptance, from the request's `notBefore`, or from a redrive. */
  readonly deadlineMs?: number;
  /** Milliseconds after which a request without viewers is cancelled; absent if such a request continues. */
  readonly cancelAfterMs?: number;
  /** Priority classes that a request may name; absent if there are none. */
  readonly priorities?: readonly string[];
  /** Maximum bytes of an input as JSON, if the action has its own limit. */
  readonly maxInputBytes?: number;
}

/** Maximum number of concurrent attempts of an action, in total or per tenant, user or value of the input. */
export interface CapConfig {
  readonly scope: 'input' | 'user' | 'tenant' | 'action';
  /** Maximum number of concurrent attempts, 1 to 100. */
  readonly max: number;
  /** Property of the input, for the scope `input`. */
  readonly property?: string;
}

/** Names of an async action's queues, as the dispatcher's entry contains them. The classes share the dead-letter queue. */
export interface QueueNames {
  readonly queue: string;
  readonly deadLetterQueue: string;
  /** Queues of the priority classes, by class; absent if the action has no classes. */
  readonly priorities?: Readonly<Record<string, string>>;
}

/** Lambda function that the router or a processor invokes to run an action. */
export interface InvokedFunction {
  /** Name or ARN. It is undefined if it is known only at deployment; then an environment variable or another function provides it. */
  readonly functionName?: string;
  /** Timeout of one call, in milliseconds. */
  readonly timeoutMs: number;
}

/** Names or ARNs of functions by action. */
export type FunctionNamesByAction = Readonly<Record<string, string>>;

/** Limits of the data that users may send. */
export interface Limits {
  /** Maximum bytes of a request's input as JSON. If it is undefined, only the size of a client's frame limits the input. */
  readonly maxInputBytes?: number;
  /** Maximum bytes of a result as JSON. If it is undefined, only the size of a message limits the result. */
  readonly maxResultBytes?: number;
  /** Maximum number of events of one request, counted over all its attempts. */
  readonly maxEvents: number;
}

/** Topics that match a pattern, and what the users of each tenant may do with them. */
export interface TopicRule {
  /** Pattern of topic names. `{user}` stands for the user's own name. A `*` at the end matches any further characters. */
  readonly pattern: string;
  /** Whether users may also publish; they may always subscribe. */
  readonly publish: boolean;
}

/** Settings of the attempts to deliver a webhook. */
export interface WebhookRetries {
  /** Maximum number of attempts before the delivery is moved to the dead-letter queue. */
  readonly maxAttempts: number;
  /** Approximate delay before the second attempt. Later delays grow, up to `maxMs`. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Settings of the webhook. */
export interface WebhookConfig extends WebhookRetries {
  readonly url: string;
  readonly secretArn: string;
  /** Timeout of one attempt, in milliseconds. */
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
