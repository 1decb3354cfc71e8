import type { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import type { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Tracing } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StreamerAuth } from './options/streamer-auth';
import type { StreamerBundlingOptions } from './options/streamer-bundling-options';
import type { StreamerDomain } from './options/streamer-domain';
import type { RouterOptions, StreamerFunctionDefaults } from './options/streamer-function-options';
import type { StreamerHandler } from './options/streamer-handler';
import type { StreamerPayloads } from './options/streamer-payloads';
import type { IStreamerTables } from './options/streamer-tables-options';
import type { StreamerTopic } from './options/streamer-topic';
import type { StreamerWebhook } from './options/streamer-webhook';

/** Properties of a `StreamerApi`. */
export interface StreamerApiProps {
  /** The method by which the API authenticates clients. */
  readonly auth: StreamerAuth;

  /** Handlers by action. An action's name is a letter, then letters, digits, `_`, `.` or `-`, 64 characters at most. */
  readonly handlers: { [action: string]: StreamerHandler };

  /**
   * Number of nested stacks, 0 to 100, that contain the functions and queues of handlers. The name of an action determines its stack. CloudFormation
   * allows 500 resources per stack. An async action has nine resources, and an isolated action has four or five. If you raise the number by one, only
   * the actions of the new stack move. Their queues are replaced, and Streamer sends the messages that wait in the old queues again.
   *
   * @default 0
   */
  readonly handlerStacks?: number;

  /**
   * Base folder of relative paths of handlers.
   *
   * @default - the folder of the nearest package.json, from the working directory upwards
   */
  readonly projectRoot?: string;

  /**
   * Name of the stage, the last part of the URL.
   *
   * @default 'v1'
   */
  readonly stageName?: string;

  /**
   * Time for which a finished request with its log, and the messages of topics, are kept: 1 hour to 365 days, in whole seconds.
   *
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * Maximum duration of a sync handler, 1 to 25 seconds. API Gateway itself ends an integration after 29 seconds.
   *
   * @default Duration.seconds(5)
   */
  readonly syncTimeout?: Duration;

  /**
   * Number of frames and connections per second that the stage accepts, and the size of a burst: each 1 to 1,000,000. The stage refuses further
   * frames and connections with 429. API Gateway's limit for the account, 10,000 per second unless AWS raises it, applies as well. If you set only
   * the rate or only the burst, the other one has its default.
   *
   * @default - 1000 per second, burst 500
   */
  readonly throttle?: ThrottleSettings;

  /**
   * Removal policy of the tables. It applies when the tables are removed from the stack, or when the stack is deleted. With `DESTROY` the data is
   * lost. By default the tables are retained, except if a first deployment fails: CloudFormation then deletes the new tables with the rest of the
   * stack, so that the next deployment can create them again.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the tables. To remove protected tables, first disable the protection in a separate deployment. Enable the
   * protection after the first deployment: if a first deployment fails, CloudFormation cannot remove protected tables.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables can be restored to any second of the last 35 days. AWS bills this feature per stored GB.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * Customer managed key that encrypts all data at rest: tables, queues, log groups and the functions' environments. If this app does not create the
   * key, the key's policy must allow CloudWatch Logs of this region to use it. The stack needs a region (`env`). AWS bills the calls of KMS.
   *
   * @default - keys that AWS owns, at no charge
   */
  readonly encryptionKey?: IKey;

  /**
   * Existing tables: those of `new StreamerTables(…)`, in a stack that lives longer than this one, or of `StreamerTables.fromTables(…)`. Each API
   * needs separate tables. This property cannot be combined with `removalPolicy`, `deletionProtection` and `pointInTimeRecovery`, which are
   * properties of the tables.
   *
   * @default - four tables that this construct creates
   */
  readonly tables?: IStreamerTables;

  /**
   * Bucket for inputs and results that do not fit into a message. Clients and handlers use large inputs and results in the same way as small ones:
   * the client uploads and downloads them with presigned URLs. `payloads: {}` creates a bucket.
   *
   * @default - none: an input has at most 32 KiB, and a result at most 120 KiB
   */
  readonly payloads?: StreamerPayloads;

  /**
   * Size limits of a request.
   *
   * @default - the sizes that fit into the protocol's frames, or 20 MiB with `payloads`, and 10,000 events
   */
  readonly limits?: StreamerLimits;

  /**
   * Custom domain of the API.
   *
   * @default - `wss://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly domain?: StreamerDomain;

  /**
   * Event bus that receives an event for each request that ends. The source is `cdk-streamer`, and the detail-type is `Streamer Request Completed`,
   * `… Failed` or `… Cancelled`. The event contains ids, action, status and error, but neither input nor result. The same event may come twice, with
   * the same `detail.eventId`.
   *
   * @default - none
   */
  readonly eventBus?: IEventBus;

  /**
   * Webhook that receives a signed POST for each request that ends: `StreamerWebhook.post(…)`.
   *
   * @default - none
   */
  readonly webhook?: StreamerWebhook;

  /**
   * Topics that users may subscribe to, by pattern. A pattern is a topic's name. In it, `{user}` stands for the user's own name, and a `*` at the end
   * matches any further characters. A topic's name consists of letters, digits and `_.:/-`, 128 characters at most. Each tenant has separate topics.
   * A topic that matches no pattern is refused with `FORBIDDEN`.
   *
   * @default - none: no resources are created for topics, and messages about topics are refused
   */
  readonly topics?: { [pattern: string]: StreamerTopic };

  /**
   * Maximum frames per second, on average, that topics send to their subscribers, for all topics and tenants together: 200 to 100,000. Topics and requests share the
   * account's quota of requests to API Gateway, which is 10,000 per second in most regions and 2,500 in others. The default leaves a part of both quotas to
   * requests. It has no effect without `topics`.
   *
   * @default 2000
   */
  readonly topicRate?: number;

  /**
   * Retention of the access log and of the functions' logs.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether API Gateway logs a line for each connection and frame. The line contains ids, route, status and errors, but no token and no
   * message body.
   *
   * @default true
   */
  readonly accessLogging?: boolean;

  /**
   * Format of the access log's lines. Leave out fields that may contain a token or a body, such as `$context.authorizer.…`. Synthesis warns about
   * such fields.
   *
   * @default - JSON with ids, route, status, latency and errors
   */
  readonly accessLogFormat?: AccessLogFormat;

  /**
   * Whether to create the role with which API Gateway writes logs. The role is a setting of the whole account and region. Without it, the deployment
   * of an API with access logs fails ("CloudWatch Logs role ARN must be set in account settings").
   *
   * @default false
   */
  readonly cloudWatchRole?: boolean;

  /**
   * Whether the functions send traces to X-Ray. AWS bills the traces. Requests have a trace id even without X-Ray.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;

  /**
   * Tags for all resources of this construct that support tags.
   *
   * @default - those of the stack
   */
  readonly tags?: { [name: string]: string };

  /**
   * Options of the router's function, which answers every frame and runs the sync handlers that are not isolated.
   *
   * @default - 1024 MB of memory, no VPC, the account's concurrency
   */
  readonly router?: RouterOptions;

  /**
   * Options of every function that this construct creates: router, handlers, authorizer, dispatcher, sweeper, submitter, notifier, announcer and
   * webhook. The options of `router` and of a handler take precedence.
   *
   * @default - none
   */
  readonly functionDefaults?: StreamerFunctionDefaults;

  /**
   * Bundling options of the modules of handlers and schemas. The options of a handler are merged with them.
   *
   * @default - CommonJS, minified, with names and a source map
   */
  readonly bundling?: StreamerBundlingOptions;
}

/**
 * Size limits of a request. Without `payloads`, the protocol's frames set the maximum of each limit. The functions check the limits at run time. An
 * async handler can have its own limits.
 */
export interface StreamerLimits {
  /**
   * Largest input of a request, as JSON in UTF-8: 1 byte to 32 KiB, or to 100 MiB with `payloads`. A request with a larger input is refused with
   * `PAYLOAD_TOO_LARGE`, and nothing is stored. An input of a sync action always has at most 32 KiB.
   *
   * @default - the size that fits into a client's frame of 32 KiB next to the envelope; 20 MiB with `payloads`
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result, as JSON in UTF-8: 1 byte to 120 KiB, or to 100 MiB with `payloads`. If a handler returns a larger result, the request fails with
   * `RESULT_TOO_LARGE`, without another attempt. A result of a sync action always has at most 127 KiB.
   *
   * @default - 120 KiB, and 127 KiB for sync handlers; 20 MiB with `payloads`
   */
  readonly maxResultSize?: Size;

  /**
   * Maximum number of events of a request, counted over all its attempts: 1 to 1,000,000. Any further `emit` is refused with `INVALID_EVENT`, which
   * fails the request unless the handler catches the error. Progress reports do not count.
   *
   * @default 10000
   */
  readonly maxEvents?: number;
}
