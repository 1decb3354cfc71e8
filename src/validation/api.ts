import { Duration, Token } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { validateBundling } from '../bundling/options';
import { BOUNDS } from '../contract';
import { MAX_HANDLER_STACKS } from '../handlers/handler-stacks';
import type { StreamerDomain } from '../options/streamer-domain';
import type { StreamerHandler } from '../options/streamer-handler';
import type { StreamerTopic } from '../options/streamer-topic';
import { TABLES_PROPS, validateTables, validateTablesProps } from '../stores/validate-tables';
import type { StreamerApiProps, StreamerLimits } from '../streamer-api-props';
import { refuseUnknownVariables } from './access-log-variables';
import { reject } from './errors';
import { validateFunctionDefaults, validateRouter } from './function-options';
import { validatePayloadSizes, validatePayloads } from './payloads';
import {
  isAbsent,
  type PropNames,
  refuseToken,
  refuseUnknownProps,
  validateBoolean,
  validateDuration,
  validateGiven,
  validateInteger,
  validateKnownInteger,
  validateObject,
  validateOneOf,
  validatePattern,
  validateSeconds,
  validateText,
} from './rules';

const API_PROPS: PropNames<StreamerApiProps> = {
  ...TABLES_PROPS,
  auth: true,
  handlers: true,
  handlerStacks: true,
  projectRoot: true,
  stageName: true,
  retention: true,
  syncTimeout: true,
  throttle: true,
  tables: true,
  limits: true,
  payloads: true,
  domain: true,
  eventBus: true,
  webhook: true,
  topics: true,
  topicRate: true,
  logRetention: true,
  accessLogging: true,
  accessLogFormat: true,
  cloudWatchRole: true,
  tracing: true,
  tags: true,
  router: true,
  functionDefaults: true,
  bundling: true,
};
const THROTTLE_PROPS: PropNames<ThrottleSettings> = { rateLimit: true, burstLimit: true };
const LIMITS_PROPS: PropNames<StreamerLimits> = { maxInputSize: true, maxResultSize: true, maxEvents: true };
const DOMAIN_PROPS: PropNames<StreamerDomain> = { domainName: true, basePath: true, disableDefaultEndpoint: true };

/** Refuses properties that cannot work. It also refuses values that a compiler would refuse, because an app may be JavaScript. */
export function validateApi(props: StreamerApiProps): void {
  validateObject('props', props, 'be an object with `auth` and `handlers`');
  refuseUnknownProps(API_PROPS, '', props);
  refuseUnknownProps(THROTTLE_PROPS, 'throttle.', props.throttle);
  refuseUnknownProps(LIMITS_PROPS, 'limits.', props.limits);
  refuseUnknownProps(DOMAIN_PROPS, 'domain.', props.domain);
  validateAuth(props.auth);
  validateHandlers(props.handlers);
  validateText('projectRoot', props.projectRoot);
  validatePattern('stageName', props.stageName, /^[A-Za-z0-9_-]{1,128}$/, "be 1 to 128 letters, digits, '_' or '-'");
  validateKnownInteger('handlerStacks', props.handlerStacks, 0, MAX_HANDLER_STACKS);
  validateSeconds('retention', props.retention, Duration.hours(1), Duration.days(365));
  validateDuration('syncTimeout', props.syncTimeout, Duration.seconds(1), Duration.millis(BOUNDS.syncTimeoutMs));
  validateInteger('throttle.rateLimit', props.throttle?.rateLimit, 1, 1_000_000);
  validateInteger('throttle.burstLimit', props.throttle?.burstLimit, 1, 1_000_000);
  validateLimits(props.limits ?? {}, !isAbsent(props.payloads));
  validatePayloads(props.payloads);
  validateTableOptions(props);
  validateLogging(props);
  validateOneOf('tracing', props.tracing, Tracing, 'Tracing.ACTIVE');
  if (!isAbsent(props.domain)) validateDomain(props.domain);
  validateRouter(props.router);
  validateFunctionDefaults(props.functionDefaults);
  validateBundling('bundling', props.bundling);
  validateTopics(props.topics);
  validateInteger('topicRate', props.topicRate, BOUNDS.topicRate.min, BOUNDS.topicRate.max);
  validateAnnouncements(props);
  validateTags(props.tags ?? {});
}

function validateAuth(auth: StreamerApiProps['auth']): void {
  if (typeof auth?._bind === 'function') return;
  reject(
    'auth',
    'be a StreamerAuth',
    auth,
    'Use `StreamerAuth.jwt({ issuer, audience })`, `StreamerAuth.custom(fn)` or `StreamerAuth.none()`',
  );
}

const HANDLER_REMEDY = "Use `StreamerHandler.sync('handlers/x.ts')` or `StreamerHandler.async('handlers/x.ts')`";

function validateHandlers(handlers: StreamerApiProps['handlers']): void {
  validateObject('handlers', handlers, 'be an object of handlers by action', HANDLER_REMEDY);
  for (const [action, handler] of Object.entries(handlers)) validateHandler(action, handler);
}

/** Refuses a value that is not a handler. */
export function validateHandler(action: string, handler: StreamerHandler): void {
  if (!handler?._kind) reject(`handlers.${action}`, 'be a StreamerHandler', handler, HANDLER_REMEDY);
}

function validateLimits({ maxInputSize, maxResultSize, maxEvents }: StreamerLimits, hasPayloads: boolean): void {
  validatePayloadSizes('limits.', { maxInputSize, maxResultSize }, hasPayloads);
  validateInteger('limits.maxEvents', maxEvents, 1, 1_000_000);
}

function validateTableOptions(props: StreamerApiProps): void {
  validateTablesProps(props);
  if (isAbsent(props.tables)) return;
  validateTables(props.tables);
  for (const prop of ['removalPolicy', 'deletionProtection', 'pointInTimeRecovery'] as const) {
    if (isAbsent(props[prop])) continue;
    reject(
      prop,
      'be left out if `tables` is set',
      props[prop],
      `Set it on the tables: \`new StreamerTables(this, 'Tables', { ${prop} })\``,
    );
  }
}

function validateLogging({ accessLogging, accessLogFormat, cloudWatchRole, logRetention }: StreamerApiProps): void {
  validateOneOf('logRetention', logRetention, RetentionDays, 'RetentionDays.ONE_MONTH');
  validateBoolean('accessLogging', accessLogging);
  validateBoolean('cloudWatchRole', cloudWatchRole);
  if (isAbsent(accessLogFormat)) return;
  if (accessLogging === false) {
    reject('accessLogFormat', 'be left out if `accessLogging` is false', 'a format', 'Remove one of the two');
  }
  const format = accessLogFormat.toString();
  if (!Token.isUnresolved(format)) refuseUnknownVariables(format);
  if (Token.isUnresolved(format) || /\$context\.(requestId|extendedRequestId)\b/.test(format)) return;
  reject(
    'accessLogFormat',
    'contain `$context.requestId` or `$context.extendedRequestId`, as API Gateway requires',
    format,
  );
}

function validateAnnouncements({ eventBus, webhook }: StreamerApiProps): void {
  if (!isAbsent(eventBus) && typeof eventBus.grantPutEventsTo !== 'function') {
    reject(
      'eventBus',
      'be an event bus',
      eventBus,
      "Use `new EventBus(…)` or `EventBus.fromEventBusName(this, 'Bus', 'default')`",
    );
  }
  if (!isAbsent(webhook) && typeof webhook._url !== 'string') {
    reject('webhook', 'be a StreamerWebhook', webhook, "Use `StreamerWebhook.post('https://…')`");
  }
}

/** The characters of an API mapping's key with one or several levels. */
const BASE_PATH = /^[A-Za-z0-9$\-_.+!*'()]+(\/[A-Za-z0-9$\-_.+!*'()]+)*$/;

function validateDomain({ domainName, basePath, disableDefaultEndpoint }: StreamerDomain): void {
  if (typeof domainName?.name !== 'string') {
    reject(
      'domain.domainName',
      'be a domain name of API Gateway',
      domainName,
      'Use `new DomainName(…)` of aws-cdk-lib/aws-apigatewayv2',
    );
  }
  const form = "be letters, digits and $-_.+!*'() between single slashes, without a slash at its ends";
  validatePattern('domain.basePath', basePath, BASE_PATH, form);
  validatePattern('domain.basePath', basePath, /^.{1,300}$/, 'be 1 to 300 characters');
  validateBoolean('domain.disableDefaultEndpoint', disableDefaultEndpoint);
}

const TAG = 'be a string of at most 256 characters';

function validateTags(tags: { [name: string]: string }): void {
  validateObject('tags', tags, 'be an object of strings by name');
  for (const [name, value] of Object.entries(tags)) {
    if (!/^(?!aws:).{1,128}$/is.test(name))
      reject('tags', "have names of 1 to 128 characters that do not start with 'aws:'", name);
    validateGiven(`tags.${name}`, value, TAG);
    validatePattern(`tags.${name}`, value, /^.{0,256}$/s, TAG);
  }
}

const TOPIC_REMEDY =
  "Use `StreamerTopic.readOnly()` or `StreamerTopic.publishable()`, for example `{ 'rooms/*': StreamerTopic.publishable() }`";

/** The characters that a topic's pattern may have, including `{user}`, and `*` at the end. */
const TOPIC_PATTERN = /^(?:[A-Za-z0-9_.:/-]|\{user\})*\*?$/;

/** Refuses `topics` without a pattern, patterns that no topic matches, and patterns that give users the topics of others. */
function validateTopics(topics: { readonly [pattern: string]: StreamerTopic } | undefined): void {
  if (isAbsent(topics)) return;
  validateObject('topics', topics, 'be an object of topics by pattern', TOPIC_REMEDY);
  const entries = Object.entries(topics);
  if (entries.length === 0) reject('topics', 'have at least one pattern', topics, TOPIC_REMEDY);
  for (const [pattern, topic] of entries) {
    checkPattern(pattern);
    if (typeof topic?._publish !== 'boolean') reject(`topics.${pattern}`, 'be a StreamerTopic', topic, TOPIC_REMEDY);
  }
}

function checkPattern(pattern: string): void {
  refuseToken('topics', pattern, 'Use constants: the router compares the patterns with the names of topics');
  if (pattern === '' || pattern.length > BOUNDS.topicChars || !TOPIC_PATTERN.test(pattern)) {
    reject(
      'topics',
      `have patterns of 1 to ${BOUNDS.topicChars} characters out of A-Z a-z 0-9 _ . : / -, in which \`{user}\` stands for the user's name and a \`*\` at the end matches any rest`,
      pattern,
    );
  }
  if (/\{user\}(\*|\{user\})/.test(pattern)) {
    reject(
      'topics',
      'have a character between `{user}` and the rest',
      pattern,
      "One user's name may begin with another's: `{user}*` would give a user the topics of others. Write `{user}/*`",
    );
  }
}
