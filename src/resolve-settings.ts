import { Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { findProjectRoot } from './bundling/project';
import { DEFAULTS, type Limits, type TopicRule } from './contract';
import { namePrefix } from './handlers/names';
import type { StreamerBundlingOptions } from './options/streamer-bundling-options';
import type { StreamerDomain } from './options/streamer-domain';
import type { StreamerPayloads } from './options/streamer-payloads';
import type { StreamerTablesProps } from './options/streamer-tables-options';
import type { StreamerTopic } from './options/streamer-topic';
import type { StreamerWebhook } from './options/streamer-webhook';
import type { FunctionDefaults, RouterSettings, Settings, WebhookSettings } from './settings';
import type { BucketSettings } from './stores/payloads';
import type { TableOptions } from './stores/tables';
import type { StreamerApiAttributes } from './streamer-api-interface';
import type { StreamerApiProps, StreamerLimits } from './streamer-api-props';

/** An existing bucket, or the settings of a bucket to create. */
interface PayloadsSettings extends BucketSettings {
  readonly bucket?: IBucket;
}

type Unchanged = 'auth' | 'handlers' | 'tables' | 'domain' | 'eventBus' | 'accessLogFormat';

/**
 * Properties of an API with all defaults filled in.
 *
 * Only this module defines the defaults of an API's and its tables' properties. Programs in JavaScript may pass `null` for a property that they do
 * not set; here it is undefined.
 */
export interface ResolvedProps extends Pick<StreamerApiProps, Unchanged> {
  readonly settings: Settings;
  readonly handlerStacks: number;
  readonly stageName: string;
  readonly throttle: ThrottleSettings;
  readonly accessLogging: boolean;
  readonly cloudWatchRole: boolean;
  readonly tags: { readonly [name: string]: string };
  readonly router: RouterSettings;
  readonly bundling: StreamerBundlingOptions;
  /** Rules in the order in which the user gave them; undefined if the API has no topics. */
  readonly topics?: readonly TopicRule[];
  readonly topicRate: number;
  readonly webhook?: WebhookSettings;
  /** Bucket of payloads, or the settings of the bucket that the API creates; undefined if the API has none. */
  readonly payloads?: PayloadsSettings;
  /** Options of the tables that the API creates, if `tables` is not set. */
  readonly newTables: TableOptions;
}

/** Fills in the defaults of an API's properties, which must already be validated. */
export function resolveProps(scope: IConstruct, all: StreamerApiProps): ResolvedProps {
  const props = withoutNulls(all);
  return {
    ...pick(props, ['auth', 'handlers', 'tables', 'eventBus', 'accessLogFormat']),
    settings: resolveSettings(scope, props),
    handlerStacks: props.handlerStacks ?? 0,
    stageName: props.stageName ?? 'v1',
    throttle: resolveThrottle(props.throttle ?? {}),
    accessLogging: props.accessLogging ?? true,
    cloudWatchRole: props.cloudWatchRole ?? false,
    tags: props.tags ?? {},
    router: resolveRouter(props),
    bundling: props.bundling ?? {},
    domain: props.domain && resolveDomain(props.domain),
    topics: props.topics && resolveTopics(props.topics),
    topicRate: props.topicRate ?? DEFAULTS.topicRate,
    webhook: props.webhook && resolveWebhook(props.webhook),
    newTables: resolveTableOptions(props),
    payloads: props.payloads && resolvePayloads(props, props.payloads),
  };
}

function resolvePayloads(props: StreamerApiProps, payloads: StreamerPayloads): PayloadsSettings {
  return {
    bucket: payloads.bucket ?? undefined,
    removalPolicy: payloads.removalPolicy ?? props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    allowedOrigins: payloads.allowedOrigins ?? props.auth._allowedOrigins,
    retention: props.retention ?? Duration.seconds(DEFAULTS.retentionSeconds),
    encryptionKey: props.encryptionKey ?? undefined,
  };
}

function resolveThrottle({ rateLimit, burstLimit }: ThrottleSettings): ThrottleSettings {
  return { rateLimit: rateLimit ?? 1000, burstLimit: burstLimit ?? 500 };
}

function resolveSettings(scope: IConstruct, props: StreamerApiProps): Settings {
  return {
    projectRoot: findProjectRoot(props.projectRoot),
    retention: props.retention ?? Duration.seconds(DEFAULTS.retentionSeconds),
    syncTimeout: props.syncTimeout ?? Duration.millis(DEFAULTS.syncTimeoutMs),
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    encryptionKey: props.encryptionKey,
    namePrefix: namePrefix(scope),
    apiName: Names.uniqueResourceName(scope, { maxLength: 128 }),
    functionDefaults: resolveFunctionDefaults(props),
    limits: resolveLimits(props.limits ?? {}, props),
    hasPayloads: props.payloads !== undefined,
  };
}

function resolveFunctionDefaults({
  functionDefaults = {},
  tracing = Tracing.DISABLED,
}: StreamerApiProps): FunctionDefaults {
  return {
    ...withoutNulls(functionDefaults),
    architecture: functionDefaults.architecture ?? Architecture.ARM_64,
    runtime: functionDefaults.runtime ?? Runtime.NODEJS_24_X,
    tracing: functionDefaults.tracing ?? tracing,
  };
}

function resolveLimits(limits: StreamerLimits, { payloads }: StreamerApiProps): Limits {
  const bytes = payloads ? DEFAULTS.payloadBytes : undefined;
  return {
    maxInputBytes: limits.maxInputSize?.toBytes() ?? bytes,
    maxResultBytes: limits.maxResultSize?.toBytes() ?? bytes,
    maxEvents: limits.maxEvents ?? DEFAULTS.limits.maxEvents,
  };
}

function resolveRouter({ router = {} }: StreamerApiProps): RouterSettings {
  return { ...withoutNulls(router), memorySize: router.memorySize ?? 1024 };
}

function resolveDomain(domain: StreamerDomain): StreamerDomain {
  return { ...withoutNulls(domain), disableDefaultEndpoint: domain.disableDefaultEndpoint ?? false };
}

function resolveTopics(topics: { readonly [pattern: string]: StreamerTopic }): TopicRule[] {
  return Object.entries(topics).map(([pattern, topic]) => ({ pattern, publish: topic._publish }));
}

function resolveWebhook({ _url: url, _options: options }: StreamerWebhook): WebhookSettings {
  const { backoff } = options;
  return {
    url,
    secret: options.secret ?? undefined,
    maxAttempts: options.maxAttempts ?? DEFAULTS.webhook.maxAttempts,
    initial: backoff?.initial ?? Duration.millis(DEFAULTS.webhook.initialMs),
    max: backoff?.max ?? Duration.millis(DEFAULTS.webhook.maxMs),
    timeout: options.timeout ?? Duration.millis(DEFAULTS.webhook.timeoutMs),
  };
}

/** Fills in the defaults of the tables that an API or `StreamerTables` creates. */
export function resolveTableOptions(props: StreamerTablesProps): TableOptions {
  return {
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    deletionProtection: props.deletionProtection ?? false,
    pointInTimeRecovery: props.pointInTimeRecovery ?? true,
    encryptionKey: props.encryptionKey ?? undefined,
  };
}

/** Attributes of an imported API, including the addresses that follow from its id. */
export type ResolvedAttributes = StreamerApiAttributes &
  Required<Pick<StreamerApiAttributes, 'stageName' | 'url' | 'callbackUrl'>>;

/** Fills in the defaults of an imported API's attributes, which must already be validated. */
export function resolveAttributes(scope: IConstruct, all: StreamerApiAttributes): ResolvedAttributes {
  const attributes = withoutNulls(all);
  const { region, urlSuffix } = Stack.of(scope);
  const stageName = attributes.stageName ?? 'v1';
  const endpoint = `${attributes.apiId}.execute-api.${attributes.region ?? region}.${urlSuffix}/${stageName}`;
  return {
    ...attributes,
    stageName,
    url: attributes.url ?? `wss://${endpoint}`,
    callbackUrl: attributes.callbackUrl ?? `https://${endpoint}`,
  };
}

/** Copies the object without the properties that are null. */
function withoutNulls<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as T;
}

function pick<T extends object, Key extends keyof T>(object: T, keys: readonly Key[]): Pick<T, Key> {
  return Object.fromEntries(keys.map((key) => [key, object[key]])) as Pick<T, Key>;
}
