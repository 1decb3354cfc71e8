import { App, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { SecurityGroup, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ILayerVersion, Function as LambdaFunction, LayerVersion, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import {
  HandlerMode,
  StreamerApi,
  type StreamerApiProps,
  StreamerAuth,
  StreamerHandler,
  StreamerTopic,
  StreamerWebhook,
} from '../../../src';
import { makeProject } from './project';

/** Leaves bundling out: templates do not depend on what is in a bundle. */
const NO_BUNDLING = { 'aws:cdk:bundling-stacks': [] };

export const auth = StreamerAuth.jwt({ issuer: 'https://issuer.example', audience: ['reports'] });

/** Only the required properties. */
export function minimalProps(): StreamerApiProps {
  return {
    auth,
    projectRoot: makeProject(),
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts'),
      generate_report: StreamerHandler.async('handlers/report.ts'),
    },
  };
}

/** All properties of an API with AWS's keys and without a network, each with a value that is not the default. */
export function maximalProps(scope: Construct = new Stack()): StreamerApiProps {
  const initialPolicy = (action: string) => [
    new PolicyStatement({ actions: [action], resources: ['arn:aws:s3:::b/o'] }),
  ];
  return {
    auth: StreamerAuth.jwt({
      issuer: 'https://issuer.example/pool/',
      audience: ['web', 'phone'],
      tenantClaim: 'custom:org',
      jwksUri: 'https://keys.example/jwks.json',
      allowedOrigins: ['https://app.example', 'http://localhost:5173'],
    }),
    projectRoot: makeProject(),
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts', {
        environment: { GREETING: 'hello' },
        initialPolicy: initialPolicy('s3:GetObject'),
      }),
      generate_report: StreamerHandler.async('handlers/report.ts', {
        timeout: Duration.minutes(15),
        memorySize: 2048,
        maxAttempts: 5,
        backoff: { initial: Duration.seconds(2), max: Duration.minutes(1) },
        maxConcurrency: 10,
        progressRate: 4,
        schema: 'handlers/report.schema.ts',
        environment: { BUCKET: 'reports' },
        initialPolicy: initialPolicy('s3:PutObject'),
        layers: [layerOf(scope)],
        reservedConcurrency: 12,
        provisionedConcurrency: 2,
        ephemeralStorageSize: Size.gibibytes(2),
      }),
      archive: StreamerHandler.async('handlers/archive.ts', { timeout: Duration.seconds(1) }),
      lookup: StreamerHandler.sync('handlers/echo.ts', {
        isolated: true,
        memorySize: 256,
        timeout: Duration.seconds(8),
      }),
      translate: StreamerHandler.fromFunction(translatorOf(scope), {
        mode: HandlerMode.ASYNC,
        schema: 'handlers/report.schema.ts',
        timeout: Duration.minutes(2),
        maxAttempts: 2,
        backoff: { initial: Duration.seconds(3), max: Duration.minutes(2) },
        maxConcurrency: 5,
      }),
    },
    router: { memorySize: 2048, layers: [layerOf(scope)], reservedConcurrency: 50, provisionedConcurrency: 3 },
    stageName: 'prod',
    retention: Duration.days(30),
    syncTimeout: Duration.seconds(10),
    throttle: { rateLimit: 200, burstLimit: 100 },
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: true,
    pointInTimeRecovery: false,
    limits: { maxInputSize: Size.kibibytes(8), maxResultSize: Size.kibibytes(64), maxEvents: 100 },
    domain: {
      domainName: DomainName.fromDomainNameAttributes(scope, 'Domain', {
        name: 'stream.example.com',
        regionalDomainName: 'd-1.execute-api.us-east-1.amazonaws.com',
        regionalHostedZoneId: 'Z1',
      }),
      basePath: 'reports/live',
      disableDefaultEndpoint: true,
    },
    logRetention: RetentionDays.ONE_WEEK,
    accessLogFormat: AccessLogFormat.custom(
      JSON.stringify({ requestId: AccessLogField.contextRequestId(), status: AccessLogField.contextStatus() }),
    ),
    cloudWatchRole: true,
    tracing: Tracing.ACTIVE,
    eventBus: EventBus.fromEventBusArn(scope, 'Bus', 'arn:aws:events:us-east-1:123456789012:event-bus/reports'),
    webhook: StreamerWebhook.post('https://hooks.example.com/reports', {
      maxAttempts: 5,
      backoff: { initial: Duration.seconds(10), max: Duration.hours(1) },
      timeout: Duration.seconds(20),
    }),
    topics: { 'news/*': StreamerTopic.readOnly(), 'room.{user}': StreamerTopic.publishable() },
    tags: { team: 'reports' },
  };
}

const LAYER = 'arn:aws:lambda:us-east-1:123456789012:layer:tools:1';
const layerOf = (scope: Construct) =>
  (scope.node.tryFindChild('Layer') as ILayerVersion | undefined) ??
  LayerVersion.fromLayerVersionArn(scope, 'Layer', LAYER);

/** A function of another stack, in another language. */
const translatorOf = (scope: Construct) =>
  LambdaFunction.fromFunctionArn(scope, 'Translator', 'arn:aws:lambda:us-east-1:123456789012:function:translate');

/** A customer's key for everything at rest, and functions in a network. */
export function secureProps(scope: Construct): StreamerApiProps {
  const network = networkOf(scope);
  return {
    auth,
    projectRoot: makeProject(),
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts'),
      generate_report: StreamerHandler.async('handlers/report.ts', network),
    },
    router: network,
    encryptionKey: new Key(scope, 'Key', { enableKeyRotation: true }),
    webhook: StreamerWebhook.post('https://hooks.example.com/reports'),
    topics: { news: StreamerTopic.readOnly() },
  };
}

function networkOf(scope: Construct) {
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a', 'b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
  });
  const vpcSubnets: SubnetSelection = { subnets: vpc.privateSubnets };
  return { vpc, vpcSubnets, securityGroups: [SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-1')] };
}

export interface Built {
  readonly app: App;
  readonly stack: Stack;
  readonly api: StreamerApi;
}

/** Properties, or what makes them of constructs in the API's own stack. */
type Props = StreamerApiProps | ((stack: Stack) => StreamerApiProps);

export function build(props: Props, context: Record<string, unknown> = NO_BUNDLING, region?: string): Built {
  const app = new App({ context });
  const stack = new Stack(app, 'Test', { env: region ? { region, account: '123456789012' } : undefined });
  const own = typeof props === 'function' ? props(stack) : props;
  return { app, stack, api: new StreamerApi(stack, 'Streamer', own) };
}

/** A template whose functions specify how their bundles are built, as a local run requests it. */
export function synthesizeForDev(props: Props): Template {
  return Template.fromStack(build(props, { ...NO_BUNDLING, 'cdk-streamer:dev': true }).stack);
}

export function synthesize(props: Props): Template {
  return Template.fromStack(build(props).stack);
}

/** The three apps that are compared as a whole. A table under a customer's key needs a region. */
export const APPS: readonly [name: string, make: () => Built][] = [
  ['minimal', () => build(minimalProps())],
  ['maximal', () => build(maximalProps)],
  ['secure', () => build(secureProps, NO_BUNDLING, 'eu-west-1')],
];
