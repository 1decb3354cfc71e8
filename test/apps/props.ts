// The apps that the tests of the construct and `npm run test:newest-cdk` share: minimal, maximal and secure. Their handlers are the files of
// handlers.ts, in a folder that the caller creates. They import the package by its name, so that a script can give them another CDK.
import { Duration, RemovalPolicy, Size, Stack, TimeZone, Token } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { SecurityGroup, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ILayerVersion, Function as LambdaFunction, LayerVersion, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  Concurrency,
  HandlerMode,
  type StreamerApiProps,
  StreamerAuth,
  StreamerHandler,
  StreamerTopic,
  StreamerWebhook,
} from 'cdk-streamer';
import type { Construct } from 'constructs';

/** Authorizer of the apps that need no other. */
export const auth = StreamerAuth.jwt({ issuer: 'https://issuer.example', audience: ['reports'] });

/** Only the required properties. */
export function minimalProps(projectRoot: string): StreamerApiProps {
  return {
    auth,
    projectRoot,
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts'),
      generate_report: StreamerHandler.async('handlers/report.ts'),
    },
  };
}

/** All properties of an API with AWS's keys and without a network, each with a value that is not the default. */
export function maximalProps(scope: Construct, projectRoot: string): StreamerApiProps {
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
    projectRoot,
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts', {
        environment: { GREETING: 'hello' },
        initialPolicy: initialPolicy('s3:GetObject'),
      }),
      generate_report: StreamerHandler.async('handlers/report.ts', {
        timeout: Duration.minutes(15),
        memorySize: 2048,
        retry: { maxAttempts: 5, base: Duration.seconds(2), cap: Duration.minutes(1) },
        deadline: Duration.hours(2),
        maxConcurrency: 10,
        concurrency: [Concurrency.perTenant(5), Concurrency.perInput('datasetId', 1)],
        progressRate: 4,
        schema: 'handlers/report.schema.ts',
        environment: { BUCKET: 'reports' },
        initialPolicy: initialPolicy('s3:PutObject'),
        layers: [layerOf(scope)],
        reservedConcurrency: 12,
        provisionedConcurrency: 2,
        ephemeralStorageSize: Size.gibibytes(2),
        schedules: [
          {
            name: 'nightly',
            schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
            input: { day: '<aws.scheduler.scheduled-time>' },
            user: 'reports',
            tenant: 'acme',
          },
          {
            name: 'once',
            schedule: ScheduleExpression.at(new Date('2030-01-01T00:00:00Z')),
            user: 'reports',
            enabled: false,
          },
        ],
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
        retry: { maxAttempts: 2, base: Duration.seconds(3), cap: Duration.minutes(2) },
        maxConcurrency: 5,
        schedules: [{ name: 'hourly', schedule: ScheduleExpression.rate(Duration.hours(1)), user: 'translations' }],
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
    eventBus: EventBus.fromEventBusArn(scope, 'Bus', busArn(scope)),
    webhook: StreamerWebhook.post('https://hooks.example.com/reports', {
      maxAttempts: 5,
      backoff: { initial: Duration.seconds(10), max: Duration.hours(1) },
      timeout: Duration.seconds(20),
    }),
    topics: { 'news/*': StreamerTopic.readOnly(), 'room.{user}': StreamerTopic.publishable() },
    topicRate: 500,
    tags: { team: 'reports' },
  };
}

/** The bus must be in the region of the API. */
function busArn(scope: Construct): string {
  const { region } = Stack.of(scope);
  return `arn:aws:events:${Token.isUnresolved(region) ? 'us-east-1' : region}:123456789012:event-bus/reports`;
}

const LAYER = 'arn:aws:lambda:us-east-1:123456789012:layer:tools:1';
const layerOf = (scope: Construct) =>
  (scope.node.tryFindChild('Layer') as ILayerVersion | undefined) ??
  LayerVersion.fromLayerVersionArn(scope, 'Layer', LAYER);

/** A function of another stack, in another language. */
const translatorOf = (scope: Construct) =>
  LambdaFunction.fromFunctionArn(scope, 'Translator', 'arn:aws:lambda:us-east-1:123456789012:function:translate');

/** A customer's key for everything at rest, and functions in a network. */
export function secureProps(scope: Construct, projectRoot: string): StreamerApiProps {
  const network = networkOf(scope);
  return {
    auth,
    projectRoot,
    handlers: {
      echo: StreamerHandler.sync('handlers/echo.ts'),
      generate_report: StreamerHandler.async('handlers/report.ts', {
        ...network,
        schedules: [{ name: 'hourly', schedule: ScheduleExpression.rate(Duration.hours(1)), user: 'reports' }],
      }),
    },
    router: network,
    encryptionKey: new Key(scope, 'Key', { enableKeyRotation: true }),
    webhook: StreamerWebhook.post('https://hooks.example.com/reports'),
    topics: { news: StreamerTopic.readOnly() },
  };
}

function networkOf(scope: Construct) {
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['a', 'b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  });
  const vpcSubnets: SubnetSelection = { subnets: vpc.privateSubnets };
  return {
    vpc,
    vpcSubnets,
    securityGroups: [SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-0123456789abcdef0')],
  };
}
