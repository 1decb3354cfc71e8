import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { RouterOptions } from '../options/router-options';
import type { CustomAuthOptions, JwtAuthOptions, NoAuthOptions } from '../options/streamer-auth';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import type { StreamerDomain } from '../options/streamer-domain';
import type { StreamerFunctionDefaults, StreamerFunctionOptions } from '../options/streamer-function-options';
import type { HandlerDirectoryOptions } from '../options/streamer-handler-directory';
import type { HandlerFunctionOptions } from '../options/streamer-handler-function-options';
import type {
  AsyncHandlerOptions,
  FunctionHandlerOptions,
  RetryBackoff,
  SyncHandlerOptions,
} from '../options/streamer-handler-options';
import type { StreamerLimits } from '../options/streamer-limits';
import type { WebhookBackoff, WebhookOptions } from '../options/streamer-webhook';
import type { StreamerApiAttributes } from '../streamer-api-interface';
import type { StreamerApiProps } from '../streamer-api-props';
import type { StreamerTablesAttributes, StreamerTablesProps } from '../streamer-tables';
import { reject } from './errors';
import { closest } from './suggest';

/**
 * The names of all properties. TypeScript refuses an array that lacks a property of its interface, or has an additional one.
 */
type Names<T> = { readonly [Name in keyof Required<T>]: true };

const FUNCTION: Names<StreamerFunctionOptions> = {
  architecture: true,
  runtime: true,
  layers: true,
  vpc: true,
  vpcSubnets: true,
  securityGroups: true,
  allowPublicSubnet: true,
  ipv6AllowedForDualStack: true,
  reservedConcurrency: true,
  ephemeralStorageSize: true,
  filesystem: true,
  tracing: true,
  applicationLogLevelV2: true,
  systemLogLevelV2: true,
  logGroup: true,
  insightsVersion: true,
  adotInstrumentation: true,
  paramsAndSecrets: true,
  codeSigningConfig: true,
  runtimeManagementMode: true,
  deadLetterQueue: true,
  permissionsBoundary: true,
};
const HANDLER: Names<HandlerFunctionOptions> = {
  ...FUNCTION,
  environment: true,
  initialPolicy: true,
  description: true,
  provisionedConcurrency: true,
  bundling: true,
};
const RETRIES = { maxAttempts: true, backoff: true, maxConcurrency: true, schema: true, timeout: true } as const;
const TABLES: Names<Omit<StreamerTablesProps, 'encryptionKey'>> = {
  removalPolicy: true,
  deletionProtection: true,
  pointInTimeRecovery: true,
};
const BACKOFF: Names<RetryBackoff> & Names<WebhookBackoff> = { initial: true, max: true };

/** Names by the kind of object. */
const KNOWN = {
  api: {
    ...TABLES,
    auth: true,
    handlers: true,
    handlerStacks: true,
    projectRoot: true,
    stageName: true,
    retention: true,
    syncTimeout: true,
    throttle: true,
    encryptionKey: true,
    tables: true,
    limits: true,
    domain: true,
    eventBus: true,
    webhook: true,
    topics: true,
    logRetention: true,
    accessLogging: true,
    accessLogFormat: true,
    cloudWatchRole: true,
    tracing: true,
    tags: true,
    router: true,
    functionDefaults: true,
    bundling: true,
  } satisfies Names<StreamerApiProps>,
  functionDefaults: {
    ...FUNCTION,
    environment: true,
    minMemorySize: true,
    descriptionPrefix: true,
  } satisfies Names<StreamerFunctionDefaults>,
  bundling: {
    externalModules: true,
    nodeModules: true,
    assets: true,
    format: true,
    loader: true,
    define: true,
    inject: true,
    banner: true,
    footer: true,
    minify: true,
    keepNames: true,
    sourceMap: true,
    sourceMapMode: true,
    sourcesContent: true,
    target: true,
    tsconfig: true,
    preCompilation: true,
    commandHooks: true,
    esbuildArgs: true,
    mainFields: true,
    charset: true,
    metafile: true,
    logLevel: true,
    environment: true,
  } satisfies Names<StreamerBundlingOptions>,
  throttle: { rateLimit: true, burstLimit: true } satisfies Names<ThrottleSettings>,
  limits: { maxInputSize: true, maxResultSize: true, maxEvents: true } satisfies Names<StreamerLimits>,
  domain: { domainName: true, basePath: true, disableDefaultEndpoint: true } satisfies Names<StreamerDomain>,
  router: { ...FUNCTION, memorySize: true, provisionedConcurrency: true } satisfies Names<RouterOptions>,
  sync: {
    ...HANDLER,
    isolated: true,
    memorySize: true,
    timeout: true,
  } satisfies Names<SyncHandlerOptions>,
  async: {
    ...HANDLER,
    ...RETRIES,
    memorySize: true,
    progressRate: true,
    retired: true,
  } satisfies Names<AsyncHandlerOptions>,
  function: { ...RETRIES, mode: true, retired: true } satisfies Names<FunctionHandlerOptions>,
  directory: {
    mode: true,
    projectRoot: true,
    syncOptions: true,
    asyncOptions: true,
  } satisfies Names<HandlerDirectoryOptions>,
  backoff: BACKOFF,
  jwt: {
    issuer: true,
    audience: true,
    tenantClaim: true,
    jwksUri: true,
    allowedOrigins: true,
  } satisfies Names<JwtAuthOptions>,
  custom: { identitySources: true } satisfies Names<CustomAuthOptions>,
  none: { allowedOrigins: true } satisfies Names<NoAuthOptions>,
  webhook: { secret: true, maxAttempts: true, backoff: true, timeout: true } satisfies Names<WebhookOptions>,
  tables: { ...TABLES, encryptionKey: true } satisfies Names<StreamerTablesProps>,
  tablesAttributes: {
    connections: true,
    requests: true,
    subscriptions: true,
    events: true,
  } satisfies Names<StreamerTablesAttributes>,
  attributes: {
    apiId: true,
    stageName: true,
    region: true,
    url: true,
    callbackUrl: true,
    submitFunctionArn: true,
    publishQueueArn: true,
    encryptionKey: true,
  } satisfies Names<StreamerApiAttributes>,
} as const;

/** Whether a value is a plain object of properties, and not, for example, a construct that also has them. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * Refuses properties that do not exist. Such properties come from JavaScript, or from a variable whose excess properties the compiler does not check.
 *
 * @param at the property that holds the object, followed by a dot; empty for arguments
 */
export function refuseUnknownProps(kind: keyof typeof KNOWN, at: string, props: unknown): void {
  if (!isPlain(props)) return;
  const known = Object.keys(KNOWN[kind]);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = closest(name, known);
    const mend = meant === undefined ? `It takes ${known.sort().join(', ')}` : `Did you mean \`${at}${meant}\`?`;
    reject(`${at}${name}`, 'be a property that exists', value, mend);
  }
}
