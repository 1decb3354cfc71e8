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
import type { IStreamerTables } from './options/streamer-tables-options';
import type { StreamerTopic } from './options/streamer-topic';
import type { StreamerWebhook } from './options/streamer-webhook';

/** Properties of a `StreamerApi`. */
export interface StreamerApiProps {
  /** Who may connect. */
  readonly auth: StreamerAuth;

  /** The handlers by action: a letter, then letters, digits, `_`, `.` or `-`, 64 characters at most. */
  readonly handlers: { [action: string]: StreamerHandler };

  /**
   * Number of nested stacks that the functions and queues of handlers are distributed over by the name of the action, 0 to 100. CloudFormation allows 500
   * resources per stack: an async action has nine, an isolated one four or five. If the number grows by one, only the actions that the new stack receives move;
   * their queues are replaced, and messages that wait in the old queues are sent again.
   *
   * @default 0
   */
  readonly handlerStacks?: number;

  /**
   * The folder that relative paths of handlers start from.
   *
   * @default - that of the nearest package.json above the working directory
   */
  readonly projectRoot?: string;

  /**
   * Name of the stage, the last part of the URL.
   *
   * @default 'v1'
   */
  readonly stageName?: string;

  /**
   * How long a finished request and its log, and the messages of topics, are kept, 1 hour to 365 days.
   *
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * Time that a sync handler may take, 1 to 25 seconds; API Gateway ends an integration after 29.
   *
   * @default Duration.seconds(5)
   */
  readonly syncTimeout?: Duration;

  /**
   * Frames and connections a second that the stage accepts, and their burst: each 1 to 1,000,000. More are refused with 429, and API Gateway's own
   * limit of the account, 10,000 a second unless raised, holds all the same.
   *
   * @default - 1000 a second, burst 500
   */
  readonly throttle?: ThrottleSettings;

  /**
   * Removal policy of the tables, which applies when they are removed from the stack or the stack is deleted. With `DESTROY` the data is lost. By default the
   * tables are retained, except for those of a first deployment that fails: CloudFormation deletes these with the rest of the stack, so that the next
   * deployment does not collide with them.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether DynamoDB refuses to delete the tables. Protected tables can be removed only after a separate deployment that switches the protection off. Switch it
   * on once the stack is deployed: a first deployment that fails cannot remove protected tables.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether the tables can be restored to any second of the last 35 days. It is billed by the stored GB.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;

  /**
   * A key of yours for everything at rest: tables, queues, log groups and the functions' environments. The policy of a key that this app does
   * not create must allow CloudWatch Logs of this region to use it. The stack needs a region (`env`). Calls of KMS are billed.
   *
   * @default - keys that AWS owns, at no charge
   */
  readonly encryptionKey?: IKey;

  /**
   * Tables made elsewhere: by `new StreamerTables(…)`, in a stack that lives longer than this one, or `StreamerTables.fromTables(…)`. One API has them to
   * itself. Excludes `removalPolicy`, `deletionProtection` and `pointInTimeRecovery`, which belong to them.
   *
   * @default - four tables, made by this construct
   */
  readonly tables?: IStreamerTables;

  /**
   * How much a request may carry.
   *
   * @default - what the protocol's frames hold, and 10,000 events
   */
  readonly limits?: StreamerLimits;

  /**
   * A domain of your own.
   *
   * @default - `wss://<api id>.execute-api.<region>.amazonaws.com/<stage>`
   */
  readonly domain?: StreamerDomain;

  /**
   * An event bus that is told of each request that ends: source `cdk-streamer`, detail-type `Streamer Request Completed`, `… Failed` or `… Cancelled`. It
   * learns ids, action, status and error; neither input nor result. The same event may come twice, with the same `detail.eventId`.
   *
   * @default - none
   */
  readonly eventBus?: IEventBus;

  /**
   * A URL that is told of each request that ends, by signed POSTs: `StreamerWebhook.post(…)`.
   *
   * @default - none
   */
  readonly webhook?: StreamerWebhook;

  /**
   * The topics that users may subscribe to, by pattern: a topic's name, in which `{user}` stands for the user's own name and a `*` at the end for any
   * rest. Topics are letters, digits and `_.:/-`, 128 characters at most; each tenant has its own. A topic of no pattern is refused with `FORBIDDEN`.
   *
   * @default - none: nothing is made for topics, and messages about them are refused
   */
  readonly topics?: { [pattern: string]: StreamerTopic };

  /**
   * How long logs are kept: those of the functions and the access log.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether API Gateway writes a line about each connection and frame. It holds ids, route, status and errors; no token and no message's body.
   *
   * @default true
   */
  readonly accessLogging?: boolean;

  /**
   * Format of the access log's lines. Leave out what may hold a token or a body, such as `$context.authorizer.…`: synthesis warns of it.
   *
   * @default - JSON with ids, route, status, latency and errors
   */
  readonly accessLogFormat?: AccessLogFormat;

  /**
   * Whether to give API Gateway the role by which it writes logs. It is a setting of the whole account and region, and a deployment
   * of an API with access logs fails where it is missing ("CloudWatch Logs role ARN must be set in account settings").
   *
   * @default false
   */
  readonly cloudWatchRole?: boolean;

  /**
   * Whether the functions send traces to X-Ray. Traces are billed; requests carry a trace id of their own without it.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;

  /**
   * Tags of everything that this construct creates and that can have tags.
   *
   * @default - those of the stack
   */
  readonly tags?: { [name: string]: string };

  /**
   * Options of the router's function, which answers every frame and runs the sync handlers that are not isolated.
   *
   * @default - 1024 MB of memory, in no network, with the account's concurrency
   */
  readonly router?: RouterOptions;

  /**
   * Options of every function that this construct creates: router, handlers, authorizer, dispatcher, sweeper, submitter, notifier, announcer and webhook.
   * Options of `router` and of a handler take precedence.
   *
   * @default - none
   */
  readonly functionDefaults?: StreamerFunctionDefaults;

  /**
   * Bundling options of the modules of handlers and schemas. A handler's own options are merged with them.
   *
   * @default - CommonJS, minified, with names and a source map
   */
  readonly bundling?: StreamerBundlingOptions;
}

/** How much a request may carry. Each limit is at most what the protocol's frames hold, and is enforced at run time. */
export interface StreamerLimits {
  /**
   * Largest input of a request, as JSON text in UTF-8: 1 byte to 32 KiB. A larger one is refused with `INVALID_INPUT`, and nothing is stored.
   *
   * @default - what a client's frame of 32 KiB holds beside its envelope
   */
  readonly maxInputSize?: Size;

  /**
   * Largest result, as JSON text in UTF-8: 1 byte to 120 KiB. A handler that returns more fails with `RESULT_TOO_LARGE`, and is not tried again.
   *
   * @default - 120 KiB, and 127 KiB for sync handlers
   */
  readonly maxResultSize?: Size;

  /**
   * Events that one request may have, over all its attempts: 1 to 1,000,000. The next `emit` is refused with `INVALID_EVENT`, which ends the request unless
   * the handler catches it. Progress is no event and does not count.
   *
   * @default 10000
   */
  readonly maxEvents?: number;
}
