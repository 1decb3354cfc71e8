// Run by scripts/newest-cdk.mjs, from a folder that has the newest aws-cdk-lib. In JavaScript, as an app may be.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerTables, StreamerWebhook } from 'cdk-streamer';

const [, , projectRoot] = process.argv;
const auth = StreamerAuth.jwt({ issuer: 'https://issuer.example.com', audience: ['app'] });
const handlers = (options) => ({
  echo: StreamerHandler.sync('handlers/echo.ts'),
  count: StreamerHandler.async('handlers/count.ts', options),
});

const minimal = (stack) => new StreamerApi(stack, 'Streamer', { projectRoot, auth, handlers: handlers() });

function maximal(stack) {
  const api = new StreamerApi(stack, 'Streamer', {
    projectRoot,
    auth,
    handlers: {
      ...handlers({ timeout: Duration.minutes(15), memorySize: 2048, maxConcurrency: 10, reservedConcurrency: 20 }),
      apart: StreamerHandler.sync('handlers/echo.ts', { isolated: true, memorySize: 512 }),
    },
    stageName: 'prod',
    throttle: { rateLimit: 200, burstLimit: 100 },
    removalPolicy: RemovalPolicy.DESTROY,
    limits: { maxInputSize: Size.kibibytes(8), maxResultSize: Size.kibibytes(64), maxEvents: 100 },
    domain: {
      domainName: DomainName.fromDomainNameAttributes(stack, 'Domain', {
        name: 'stream.example.com',
        regionalDomainName: 'd-1.execute-api.eu-west-1.amazonaws.com',
        regionalHostedZoneId: 'Z1',
      }),
      basePath: 'live',
      disableDefaultEndpoint: true,
    },
    logRetention: RetentionDays.ONE_WEEK,
    cloudWatchRole: true,
    tracing: Tracing.ACTIVE,
    tags: { team: 'app' },
    router: { memorySize: 2048, provisionedConcurrency: 1 },
    eventBus: new EventBus(stack, 'Bus'),
    webhook: StreamerWebhook.post('https://hooks.example.com/streamer'),
  });
  api.metricMessages().createAlarm(stack, 'Messages', { threshold: 1000, evaluationPeriods: 1 });
  api.grantSubmit(api.handler('count'));
}

function secure(stack) {
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
  });
  const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')];
  new StreamerApi(stack, 'Streamer', {
    projectRoot,
    auth,
    handlers: handlers({ vpc, securityGroups }),
    router: { vpc, securityGroups },
    encryptionKey,
    tables: new StreamerTables(stack, 'Tables', { encryptionKey }),
  });
}

/** What the rules must find, or they did not run. */
const broken = (stack) =>
  new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { VisibilityTimeout: 'never' } });

function findingsOf(name, fill) {
  const app = new App({
    outdir: join(projectRoot, 'cdk.out', name),
    context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
  });
  fill(new Stack(app, name, { env: { region: 'eu-west-1', account: '123456789012' } }));
  try {
    app.synth();
  } catch (error) {
    return [error.message];
  }
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  return pluginReports.flatMap(({ violations }) => violations.map(({ description }) => description));
}

const found = Object.entries({ minimal, maximal, secure }).flatMap(([name, fill]) =>
  findingsOf(name, fill).map((finding) => `${name}: ${finding}`),
);
console.log('The error that follows is meant: it shows that the rules run.');
if (findingsOf('broken', broken).length === 0) found.push('broken: the rules of CloudFormation did not run');
console.log(found.join('\n') || 'minimal, maximal and secure: no finding');
process.exitCode = found.length === 0 ? 0 : 1;
