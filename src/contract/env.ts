import type { FunctionNamesByAction, Limits, TopicRule, WebhookConfig } from './config';

/**
 * Names of the environment variables that the construct sets and the functions read.
 *
 * The method that grants access to a resource also sets the variable with the resource's name.
 */
export const ENV = {
  /** Name of the connections table. */
  connectionsTable: 'STREAMER_CONNECTIONS_TABLE',
  /** Name of the requests table. */
  requestsTable: 'STREAMER_REQUESTS_TABLE',
  /** Name of the subscriptions table. */
  subscriptionsTable: 'STREAMER_SUBSCRIPTIONS_TABLE',
  /** Name of the events table. */
  eventsTable: 'STREAMER_EVENTS_TABLE',
  /** `https://…` endpoint of the `@connections` API, stage included. */
  callbackUrl: 'STREAMER_CALLBACK_URL',
  /** URL of the dispatcher's failure queue. The dispatcher derives the URLs of the actions' queues from it: only the name in the URL differs. */
  failuresQueueUrl: 'STREAMER_FAILURES_QUEUE_URL',
  /** JSON: names or ARNs, by action, of the functions that this function invokes. It contains only names that are known only at deployment. */
  functions: 'STREAMER_FUNCTIONS',
  /** Name of the function that returns the value of `functions`, if that value does not fit into the router's environment. */
  namesFunction: 'STREAMER_NAMES_FUNCTION',
  /** Seconds for which a finished request and its log are kept. */
  retentionSeconds: 'STREAMER_RETENTION_SECONDS',
  /** Timeout of a sync handler in milliseconds. */
  syncTimeoutMs: 'STREAMER_SYNC_TIMEOUT_MS',
  /** Name of the API. It is the value of the dimension `api` in every metric. */
  apiName: 'STREAMER_API_NAME',
  /** Name of the bucket that stores large inputs and results; absent if the API has no such bucket. */
  payloadsBucket: 'STREAMER_PAYLOADS_BUCKET',
  /** JSON: limits of the data that users may send. */
  limits: 'STREAMER_LIMITS',
  /** ARN of the submitter, for functions that may invoke it. */
  submitFunction: 'STREAMER_SUBMIT_FUNCTION',
  /** URL of the queue that this processor consumes. */
  queueUrl: 'STREAMER_QUEUE_URL',
  /** JSON: rules of the topics that users may subscribe and publish to. */
  topics: 'STREAMER_TOPICS',
  /** Maximum frames per second that topics send to their subscribers, for all topics together. */
  topicRate: 'STREAMER_TOPIC_RATE',
  /** URL of the queue of topics, for functions that may publish. */
  publishQueue: 'STREAMER_PUBLISH_QUEUE',
  /** Name or ARN of the event bus that receives an event for each request that ended. */
  eventBus: 'STREAMER_EVENT_BUS',
  /** URL of the webhook's queue, to which the announcer sends. */
  webhookQueueUrl: 'STREAMER_WEBHOOK_QUEUE_URL',
  /** JSON: settings of the webhook. */
  webhook: 'STREAMER_WEBHOOK',
  /** The issuer that tokens must name. */
  jwtIssuer: 'STREAMER_JWT_ISSUER',
  /** JSON: accepted audiences of tokens. */
  jwtAudience: 'STREAMER_JWT_AUDIENCE',
  /** URL of the issuer's key set. */
  jwksUri: 'STREAMER_JWKS_URI',
  /** Claim that names the tenant; a token without it belongs to the tenant `default`. */
  tenantClaim: 'STREAMER_TENANT_CLAIM',
  /** JSON: accepted `Origin` headers; an empty array accepts any. */
  allowedOrigins: 'STREAMER_ALLOWED_ORIGINS',
} as const;

/** Values of the variables that hold JSON, by the names of `ENV`. */
export interface EnvJson {
  readonly functions: FunctionNamesByAction;
  readonly limits: Limits;
  readonly topics: readonly TopicRule[];
  readonly webhook: WebhookConfig;
  readonly jwtAudience: string[];
  readonly allowedOrigins: string[];
}
