import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StreamerApi, type StreamerApiProps, StreamerAuth, StreamerHandler } from '../../../src';
import { makeProject } from './project';

/** Leaves bundling out: templates do not depend on what is in a bundle. */
const NO_BUNDLING = { 'aws:cdk:bundling-stacks': [] };

export const auth = StreamerAuth.jwt({ issuer: 'https://issuer.example', audience: ['reports'] });

/** The least that may be said. */
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

/** All that may be said, each with a value that is not the default. */
export function maximalProps(): StreamerApiProps {
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
      }),
      archive: StreamerHandler.async('handlers/archive.ts', { timeout: Duration.seconds(1) }),
    },
    stageName: 'prod',
    retention: Duration.days(30),
    syncTimeout: Duration.seconds(10),
    throttle: { rateLimit: 200, burstLimit: 100 },
    removalPolicy: RemovalPolicy.DESTROY,
    logRetention: RetentionDays.ONE_WEEK,
    cloudWatchRole: true,
  };
}

export interface Built {
  readonly app: App;
  readonly stack: Stack;
  readonly api: StreamerApi;
}

export function build(props: StreamerApiProps, context: Record<string, unknown> = NO_BUNDLING): Built {
  const app = new App({ context });
  const stack = new Stack(app, 'Test');
  return { app, stack, api: new StreamerApi(stack, 'Streamer', props) };
}

export function synthesize(props: StreamerApiProps): Template {
  return Template.fromStack(build(props).stack);
}
