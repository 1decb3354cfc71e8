import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Concurrency, StreamerApi, StreamerAuth, StreamerHandler, StreamerTables, StreamerTopic } from '../src';

const app = new App();
// a test leaves nothing behind
const { DESTROY } = RemovalPolicy;

// tables in a separate stack, as for an API that may be replaced
const data = new Stack(app, 'StreamerMaximalData');
const tables = new StreamerTables(data, 'Tables', { removalPolicy: DESTROY, pointInTimeRecovery: false });

const stack = new Stack(app, 'StreamerMaximal');
const api = new StreamerApi(stack, 'Streamer', {
  projectRoot: __dirname,
  auth: StreamerAuth.none({ allowedOrigins: ['https://app.example.com'] }),
  handlers: {
    echo: StreamerHandler.sync('handlers/echo.ts'),
    apart: StreamerHandler.sync('handlers/echo.ts', { isolated: true, memorySize: 256 }),
    count: StreamerHandler.async('handlers/count.ts', {
      timeout: Duration.minutes(1),
      memorySize: 512,
      retry: { maxAttempts: 5, base: Duration.seconds(2), cap: Duration.minutes(1) },
      maxConcurrency: 5,
      concurrency: [Concurrency.perTenant(3), Concurrency.perInput('datasetId', 1)],
      ephemeralStorageSize: Size.gibibytes(1),
    }),
  },
  tables,
  stageName: 'test',
  retention: Duration.hours(1),
  syncTimeout: Duration.seconds(10),
  throttle: { rateLimit: 100, burstLimit: 50 },
  limits: { maxInputSize: Size.kibibytes(8), maxResultSize: Size.kibibytes(64), maxEvents: 100 },
  logRetention: RetentionDays.ONE_DAY,
  tracing: Tracing.ACTIVE,
  tags: { purpose: 'integ-tests' },
  router: { memorySize: 1536 },
  topics: { 'news/*': StreamerTopic.readOnly() },
  eventBus: new EventBus(stack, 'Bus'),
  // an account that was never used with API Gateway has no role for its logs
  cloudWatchRole: true,
});
api.grantSubmit(api.handler('count'));
api.grantPublish(api.handler('count'));
api.metricExecutionErrors().createAlarm(stack, 'ExecutionErrors', { threshold: 1, evaluationPeriods: 1 });

// bundles change with the runtime's code; the template is what this test is about
new IntegTest(app, 'Maximal', { testCases: [stack], diffAssets: false });
