import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aspects, Aws, Duration, Lazy, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import {
  Concurrency,
  OnDisconnect,
  StreamerApi,
  type StreamerApiProps,
  StreamerAuth,
  StreamerHandler,
  StreamerTables,
  StreamerTopic,
  StreamerWebhook,
} from '../../../src';

/** A mistake that a newcomer might make: code that cannot work. */
export interface WrongUse {
  readonly what: string;
  readonly provoke: (projectRoot: string) => unknown;
}

/** Properties without type checks, as plain JavaScript allows them. */
type Loose = { readonly [Prop in keyof StreamerApiProps]?: unknown };

const auth = StreamerAuth.jwt({ issuer: 'https://auth.example.com', audience: ['my-app'] });
const echo = StreamerHandler.sync('handlers/echo.ts');
const untyped = <T>(value: unknown): T => value as T;

/** Creates an app that does not record where each resource is created, because the stack traces would take a fifth of the suite's time. */
const newApp = (): App =>
  new App({ analyticsReporting: false, context: { 'aws:cdk:disable-creation-stack-traces': true } });

/** Synthesizes an app as a user would. Its handlers are bundled. */
function synthesize(projectRoot: string, props: Loose | ((stack: Stack) => Loose), region?: string): void {
  const app = newApp();
  const stack = new Stack(app, 'App', { env: region ? { region, account: '123456789012' } : undefined });
  const own = typeof props === 'function' ? props(stack) : props;
  new StreamerApi(stack, 'Streamer', untyped({ auth, handlers: { echo }, projectRoot, ...own }));
  app.synth();
}

const api =
  (props: Loose | ((stack: Stack) => Loose)) =>
  (projectRoot: string): void =>
    synthesize(projectRoot, props);

/** Does the same in the region and the account of the API. */
const placed =
  (props: (stack: Stack) => Loose) =>
  (projectRoot: string): void =>
    synthesize(projectRoot, props, 'eu-west-1');

/** Synthesizes two APIs of one app. */
const two =
  (props: (stack: Stack, id: string) => Loose) =>
  (projectRoot: string): void => {
    const app = newApp();
    const stack = new Stack(app, 'App');
    for (const id of ['First', 'Second']) {
      new StreamerApi(stack, id, untyped({ auth, handlers: { echo }, projectRoot, ...props(stack, id) }));
    }
    app.synth();
  };

const MODULE = 'export default { run: async () => 1 };';

const inFolder = (files: Record<string, string>) => (projectRoot: string) => {
  fs.mkdirSync(path.join(projectRoot, 'jobs'));
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(projectRoot, 'jobs', file), content);
  return StreamerHandler.fromDirectory('jobs', { projectRoot });
};

const withFile =
  (file: string, content: string, handler: StreamerHandler) =>
  (projectRoot: string): void => {
    fs.writeFileSync(path.join(projectRoot, file), content);
    synthesize(projectRoot, { handlers: { job: handler } });
  };

const withTopics = (pattern: string) => api({ topics: { [pattern]: StreamerTopic.readOnly() } });

const hourly = { name: 'hourly', schedule: ScheduleExpression.rate(Duration.hours(1)), user: 'ann' };
const job = (options: object) => () => StreamerHandler.async('handlers/report.ts', untyped(options));
const sync = (options: object) => () => StreamerHandler.sync('handlers/echo.ts', untyped(options));
const jwt = (options: object) => () =>
  StreamerAuth.jwt(untyped({ issuer: 'https://auth.example.com', audience: ['a'], ...options }));

const domainName = (stack: Stack) =>
  new DomainName(stack, 'Domain', {
    domainName: 'ws.example.com',
    certificate: Certificate.fromCertificateArn(
      stack,
      'Certificate',
      'arn:aws:acm:eu-west-1:123456789012:certificate/1',
    ),
  });

const later = Duration.seconds(Lazy.number({ produce: () => 30 }));
const functionWith = (stack: Stack, timeout: Duration) =>
  new LambdaFunction(stack, 'Own', {
    runtime: Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: Code.fromInline('pass'),
    timeout,
  });

const farSecret = (stack: Stack) =>
  Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:hook-abcdef');

export const WRONG_USES: readonly WrongUse[] = [
  // who may connect
  { what: '`auth` is left out', provoke: api({ auth: undefined }) },
  { what: '`auth` is an object of one’s own', provoke: api({ auth: { issuer: 'https://auth.example.com' } }) },
  { what: 'The issuer is no https URL', provoke: jwt({ issuer: 'http://auth.example.com' }) },
  { what: 'There is no audience', provoke: jwt({ audience: [] }) },
  { what: 'The audience is a string', provoke: jwt({ audience: 'my-app' }) },
  { what: 'An entry of the audience is undefined', provoke: jwt({ audience: [undefined] }) },
  { what: 'The array of allowed origins is empty', provoke: jwt({ allowedOrigins: [] }) },
  {
    what: 'The allowed origins are given without their name',
    provoke: () => StreamerAuth.none(untyped(['https://example.com'])),
  },
  { what: 'An allowed origin has a path', provoke: jwt({ allowedOrigins: ['https://example.com/app'] }) },
  { what: 'The custom authorizer is no function', provoke: () => StreamerAuth.custom(untyped('arn:aws:lambda:…')) },

  // handlers and their names
  { what: '`handlers` is left out', provoke: api({ handlers: undefined }) },
  { what: '`handlers` is empty', provoke: api({ handlers: {} }) },
  { what: '`handlers` is a list', provoke: api({ handlers: [echo] }) },
  { what: 'A handler is a path', provoke: api({ handlers: { echo: 'handlers/echo.ts' } }) },
  { what: 'A handler is the function itself', provoke: api({ handlers: { echo: async () => 1 } }) },
  { what: 'An action begins with a digit', provoke: api({ handlers: { '2fa': echo } }) },
  { what: 'An action holds a space', provoke: api({ handlers: { 'generate report': echo } }) },
  { what: 'An action is too long', provoke: api({ handlers: { ['a'.repeat(65)]: echo } }) },

  // modules
  {
    what: 'The file of a handler is misspelled',
    provoke: api({ handlers: { echo: StreamerHandler.sync('handlers/ecko.ts') } }),
  },
  { what: 'The path of a handler is a folder', provoke: api({ handlers: { echo: StreamerHandler.sync('handlers') } }) },
  { what: 'The path of a handler is no text', provoke: () => StreamerHandler.sync(untyped(42)) },
  {
    what: 'The path of a handler is known at deployment only',
    provoke: () => StreamerHandler.sync(Aws.REGION),
  },
  {
    what: 'A handler has no default export',
    provoke: withFile('handlers/job.ts', 'export const run = async () => 1;', StreamerHandler.async('handlers/job.ts')),
  },
  {
    what: 'A sync handler has no default export',
    provoke: withFile('handlers/job.ts', 'export function handler() {}', StreamerHandler.sync('handlers/job.ts')),
  },
  {
    what: 'A schema throws when it is loaded',
    provoke: (root) => {
      fs.writeFileSync(
        path.join(root, 'handlers/job.schema.ts'),
        "throw new Error('no database');\nexport const input = 1;",
      );
      withFile(
        'handlers/job.ts',
        'export default { run: async () => 1 };',
        StreamerHandler.async('handlers/job.ts'),
      )(root);
    },
  },
  {
    what: 'A schema module exports no schema',
    provoke: (root) => {
      fs.writeFileSync(path.join(root, 'handlers/job.schema.ts'), 'export const input = { type: "object" };');
      withFile(
        'handlers/job.ts',
        'export default { run: async () => 1 };',
        StreamerHandler.async('handlers/job.ts'),
      )(root);
    },
  },
  {
    what: 'The named schema is missing',
    provoke: api({
      handlers: { job: StreamerHandler.async('handlers/report.ts', { schema: 'handlers/repot.schema.ts' }) },
    }),
  },
  {
    what: 'A handler is a function by a name',
    provoke: withFile(
      'handlers/job.ts',
      'const job = async () => 1;\nexport default job;',
      StreamerHandler.sync('handlers/job.ts'),
    ),
  },
  { what: '`projectRoot` is no folder', provoke: api({ projectRoot: '/no/such/folder' }) },

  // how modules are bundled
  {
    what: 'A handler imports a package that does not work in a bundle',
    provoke: (root) => {
      fs.mkdirSync(path.join(root, 'node_modules/sharp'), { recursive: true });
      fs.writeFileSync(path.join(root, 'node_modules/sharp/index.js'), 'module.exports = () => 1;');
      withFile(
        'handlers/job.ts',
        "import sharp from 'sharp';\nexport default { run: async () => sharp() };",
        StreamerHandler.async('handlers/job.ts', { schema: 'handlers/report.schema.ts' }),
      )(root);
    },
  },
  { what: 'A package to install with a version', provoke: job({ bundling: { nodeModules: ['sharp@0.34'] } }) },
  {
    what: 'An asset that does not exist',
    provoke: api({ handlers: { job: job({ bundling: { assets: ['no.txt'] } })() } }),
  },
  {
    what: 'An option of esbuild that Streamer sets',
    provoke: job({ bundling: { esbuildArgs: { '--outfile': 'x.js' } } }),
  },
  {
    what: 'A format for one of the handlers in the router',
    provoke: api({
      handlers: { echo: StreamerHandler.sync('handlers/echo.ts', { bundling: { format: OutputFormat.ESM } }) },
    }),
  },

  // handlers of a folder
  {
    what: 'The folder of handlers is missing',
    provoke: (projectRoot) => StreamerHandler.fromDirectory('handler', { projectRoot }),
  },
  { what: 'The folder of handlers is no text', provoke: () => StreamerHandler.fromDirectory(untyped(['handlers'])) },
  {
    what: 'The folder of handlers holds none',
    provoke: inFolder({ 'readme.md': '' }),
  },
  {
    what: 'Two modules of a folder have one action',
    provoke: inFolder({ 'export.ts': MODULE, 'export.sync.ts': MODULE }),
  },

  // options of every function
  {
    what: 'Reserved concurrency of all functions is less than the provisioned one of a handler',
    provoke: api({ functionDefaults: { reservedConcurrency: 5 }, router: { provisionedConcurrency: 20 } }),
  },
  { what: 'A runtime of another language', provoke: api({ functionDefaults: { runtime: Runtime.PYTHON_3_13 } }) },
  { what: 'Least memory below Lambda’s', provoke: api({ functionDefaults: { minMemorySize: 64 } }) },

  // a handler's options
  { what: 'A duration in place of the options', provoke: job(Duration.seconds(30)) },
  { what: 'A timeout is a number', provoke: job({ timeout: 30 }) },
  { what: 'A timeout is longer than Lambda’s', provoke: job({ timeout: Duration.minutes(20) }) },
  {
    what: 'A sync handler has an option of async handlers',
    provoke: () => StreamerHandler.sync('handlers/echo.ts', untyped({ schedules: [hourly] })),
  },
  {
    what: 'A handler has an option of requests',
    provoke: job(untyped({ debounce: { key: 'k', waitMs: 1_000 } })),
  },
  {
    what: 'A function is not called: `OnDisconnect.keepRunning` without parentheses',
    provoke: job({ onDisconnect: untyped(OnDisconnect.keepRunning) }),
  },
  {
    what: 'The property of a cap is a token',
    provoke: () => Concurrency.perInput(Lazy.string({ produce: () => 'id' }), 1),
  },
  { what: 'A timeout is a token', provoke: job({ timeout: Duration.seconds(Lazy.number({ produce: () => 5 })) }) },
  {
    what: 'A number of attempts is a token',
    provoke: job({ retry: { maxAttempts: Lazy.number({ produce: () => 5 }) } }),
  },
  { what: 'Memory is a string', provoke: job({ memorySize: '1024' }) },
  { what: 'No attempt at all', provoke: job({ retry: { maxAttempts: 0 } }) },
  {
    what: 'The longest wait is shorter than the first',
    provoke: job({ retry: { base: Duration.minutes(2), cap: Duration.minutes(1) } }),
  },
  {
    what: 'Less reserved concurrency than the queue may use',
    provoke: job({ maxConcurrency: 50, reservedConcurrency: 10 }),
  },
  {
    what: 'More provisioned than reserved concurrency',
    provoke: job({ maxConcurrency: 5, reservedConcurrency: 10, provisionedConcurrency: 20 }),
  },
  { what: 'Subnets without a VPC', provoke: job({ vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } }) },
  {
    what: 'Security groups without a VPC',
    provoke: api((stack) => ({
      handlers: { job: job({ securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')] })() },
    })),
  },
  { what: 'A variable takes a name of Streamer’s', provoke: job({ environment: { STREAMER_URL: 'x' } }) },
  { what: 'A variable is no text', provoke: job({ environment: { LIMIT: 5 } }) },
  { what: 'Memory for a sync handler that is not isolated', provoke: sync({ memorySize: 2048 }) },
  {
    what: 'Two sync handlers give one variable two values',
    provoke: api({
      handlers: {
        a: StreamerHandler.sync('handlers/echo.ts', { environment: { MODE: '1' } }),
        b: StreamerHandler.sync('handlers/echo.ts', { environment: { MODE: '2' } }),
      },
    }),
  },
  {
    what: 'An isolated handler may take longer than the sync budget',
    provoke: api({
      handlers: { slow: StreamerHandler.sync('handlers/echo.ts', { isolated: true, timeout: Duration.seconds(20) }) },
    }),
  },
  {
    what: '`fromFunction` is given an ARN',
    provoke: () => StreamerHandler.fromFunction(untyped('arn:aws:lambda:eu-west-1:1:function:f')),
  },

  {
    what: 'The timeout of a function of one’s own is a token',
    provoke: api((stack) => ({ handlers: { job: StreamerHandler.fromFunction(functionWith(stack, later)) } })),
  },

  // the API's own properties
  { what: 'A property is misspelled', provoke: api({ retantion: Duration.days(30) } as Loose) },
  { what: 'The stage’s name holds a slash', provoke: api({ stageName: 'v1/beta' }) },
  { what: 'Retention is shorter than an hour', provoke: api({ retention: Duration.minutes(5) }) },
  { what: 'Retention is no whole number of seconds', provoke: api({ retention: Duration.millis(5_400_001) }) },
  { what: 'A duration is not a number', provoke: api({ retention: Duration.days(Number.NaN) }) },
  { what: 'Retention is a number', provoke: api({ retention: 7 }) },
  { what: 'The sync budget exceeds API Gateway’s 29 seconds', provoke: api({ syncTimeout: Duration.seconds(60) }) },
  { what: 'A throttle lets nothing through', provoke: api({ throttle: { rateLimit: 0, burstLimit: 0 } }) },
  { what: 'A removal policy is an arbitrary string', provoke: api({ removalPolicy: 'delete' }) },
  { what: 'A boolean is a string', provoke: api({ deletionProtection: 'yes' }) },
  { what: 'A limit is above what a frame holds', provoke: api({ limits: { maxInputSize: Size.mebibytes(1) } }) },
  {
    what: 'A format for access logs that are off',
    provoke: api({ accessLogging: false, accessLogFormat: AccessLogFormat.custom('$context.requestId') }),
  },
  {
    what: 'An access log without the request’s id',
    provoke: api({ accessLogFormat: AccessLogFormat.custom('$context.status') }),
  },
  { what: 'A key is its ARN', provoke: api({ encryptionKey: 'arn:aws:kms:eu-west-1:123456789012:key/1' }) },
  {
    what: 'A key is an alias',
    provoke: placed((stack) => ({ encryptionKey: Alias.fromAliasName(stack, 'Alias', 'alias/app') })),
  },
  {
    what: 'A key, and a stack without a region',
    provoke: api((stack) => ({ encryptionKey: new Key(stack, 'Key') })),
  },
  {
    what: 'The event bus is in another region',
    provoke: placed((stack) => ({
      eventBus: EventBus.fromEventBusArn(stack, 'Bus', 'arn:aws:events:us-east-1:123456789012:event-bus/app'),
    })),
  },
  {
    what: 'A webhook’s secret is in another region',
    provoke: placed((stack) => ({
      webhook: StreamerWebhook.post('https://example.com/hook', { secret: farSecret(stack) }),
    })),
  },
  {
    what: 'Tables are in another account',
    provoke: placed((stack) => {
      const data = new Stack(stack.node.root as App, 'Data', { env: { region: 'eu-west-1', account: '111111111111' } });
      return { tables: new StreamerTables(data, 'Tables') };
    }),
  },
  {
    what: 'Two APIs have the same tables',
    provoke: two((stack) => ({
      tables: (stack.node.tryFindChild('Tables') as StreamerTables) ?? new StreamerTables(stack, 'Tables'),
    })),
  },
  {
    what: 'Two APIs have the same base path of one domain',
    provoke: two((stack) => ({ domain: { domainName: stack.node.tryFindChild('Domain') ?? domainName(stack) } })),
  },
  {
    what: 'An environment is larger than Lambda’s 4 KB',
    provoke: api({ functionDefaults: { environment: { CONFIG: 'x'.repeat(4_000) } } }),
  },
  {
    what: 'A base path begins with a slash',
    provoke: api((stack) => ({ domain: { domainName: domainName(stack), basePath: '/ws' } })),
  },
  { what: 'The domain is a string', provoke: api({ domain: { domainName: 'ws.example.com' } }) },
  {
    what: 'Tables of one’s own, and what to do with them on removal',
    provoke: api((stack) => ({ tables: new StreamerTables(stack, 'Tables'), removalPolicy: RemovalPolicy.DESTROY })),
  },
  {
    what: 'A table of one’s own with another key',
    provoke: api((stack) => {
      const [connections, requests, subscriptions, events] = ['A', 'B', 'C', 'D'].map(
        (id) => new TableV2(stack, id, { partitionKey: { name: 'id', type: AttributeType.STRING } }),
      );
      return {
        tables: StreamerTables.fromTables({ connections, requests, subscriptions, events }),
      };
    }),
  },
  { what: 'A topic’s pattern with a star in the middle', provoke: withTopics('rooms/*/talk') },
  { what: 'A topic’s pattern that would give users each other’s topics', provoke: withTopics('users/{user}*') },
  {
    what: 'Publishing to an API without topics',
    provoke: (root) => {
      const stack = new Stack(newApp(), 'App');
      const api = new StreamerApi(stack, 'Streamer', { auth, handlers: { echo }, projectRoot: root });
      api.grantPublish(api.handler('echo'));
    },
  },
  { what: 'A throttle is a number', provoke: api({ throttle: 20 }) },
  { what: 'The router’s options are a string', provoke: api({ router: 'small' }) },
  {
    what: 'A webhook’s secret is a string',
    provoke: () => StreamerWebhook.post('https://example.com/hook', { secret: untyped('whsec_abc') }),
  },
  {
    what: 'A webhook’s backoff is a duration',
    provoke: () => StreamerWebhook.post('https://example.com/hook', { backoff: untyped(Duration.seconds(5)) }),
  },
  { what: 'A webhook over plain http', provoke: () => StreamerWebhook.post('http://example.com/hook') },
  {
    what: 'A handler that does not exist is asked for',
    provoke: (root) => {
      const stack = new Stack(newApp(), 'App');
      new StreamerApi(stack, 'Streamer', { auth, handlers: { echo }, projectRoot: root }).handler('ecko');
    },
  },
  {
    what: 'An action gets a second handler',
    provoke: (root) => {
      const stack = new Stack(newApp(), 'App');
      const api = new StreamerApi(stack, 'Streamer', { auth, handlers: { echo }, projectRoot: root });
      api.addHandler('echo', echo);
    },
  },
  {
    what: 'An action is added after the app was synthesized',
    provoke: (root) => {
      const app = newApp();
      const api = new StreamerApi(new Stack(app, 'App'), 'Streamer', { auth, handlers: { echo }, projectRoot: root });
      app.synth();
      api.addHandler('later', echo);
    },
  },
  {
    what: 'An aspect renames a queue',
    provoke: api((stack) => {
      Aspects.of(stack).add({
        visit: (node) => {
          if (node instanceof CfnQueue) node.queueName = 'corp-queue';
        },
      });
      return { handlers: { job: StreamerHandler.async('handlers/report.ts') } };
    }),
  },
  {
    what: 'More resources than a stack may have',
    provoke: api({
      handlers: Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [`job${at}`, StreamerHandler.async('handlers/report.ts')]),
      ),
    }),
  },
  { what: 'More nested stacks than an API may have', provoke: api({ handlerStacks: 1000 }) },
  { what: 'A tag is too long', provoke: api({ tags: { team: 'x'.repeat(257) } }) },
  {
    what: 'One invocation is reserved, for one request at a time',
    provoke: job({ maxConcurrency: 1, reservedConcurrency: 1 }),
  },
  { what: 'No attempt may run', provoke: job({ maxConcurrency: 0 }) },
  {
    what: 'Two schedules of an action have the same name',
    provoke: job({ schedules: [hourly, hourly] }),
  },
  {
    what: 'A schedule has no owner',
    provoke: job({ schedules: [{ ...hourly, user: undefined as never }] }),
  },
  {
    what: 'The expression of a schedule is a string',
    provoke: job({ schedules: [{ ...hourly, schedule: 'rate(1 hour)' as never }] }),
  },
  {
    what: 'The input of a schedule is not JSON',
    provoke: job({ schedules: [{ ...hourly, input: { at: new Date(0) } }] }),
  },
  {
    what: 'The input of a schedule has a hole in an array',
    // biome-ignore lint/suspicious/noSparseArray: the hole is the mistake
    provoke: job({ schedules: [{ ...hourly, input: { ids: [1, , 3] } }] }),
  },
  {
    what: 'The input of a schedule has a bigint',
    provoke: job({ schedules: [{ ...hourly, input: { size: 12n } }] }),
  },
  {
    what: 'The input of a schedule is larger than a request',
    provoke: api({
      handlers: {
        job: StreamerHandler.async('handlers/report.ts', { schedules: [{ ...hourly, input: 'x'.repeat(40_000) }] }),
      },
    }),
  },
  {
    what: 'A retired action has schedules',
    provoke: job({ retired: true, schedules: [hourly] }),
  },
];
