import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { StreamerApi, StreamerHandler } from '../../src';
import { build, maximalProps, minimalProps, synthesize, synthesizeForDev } from './support/apps';
import { makeProject } from './support/project';
import { entryOf, environmentOf, functionOf, readable, resource } from './support/readable';

const minimal = synthesize(minimalProps());
const maximal = synthesize(maximalProps());

const ALL = ['Authorizer', 'Router', 'Dispatcher', 'Processorsgeneratereport', 'Sweeper'];
const table = (id: string, template = minimal) => resource(template, 'AWS::DynamoDB::GlobalTable', `${id}Table`);

describe('functions', () => {
  test.each(ALL)('%s runs on nodejs24.x and arm64, with JSON logs to its own group and without X-Ray', (part) => {
    const { Properties } = functionOf(minimal, part);
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
    expect(Properties.LoggingConfig).toEqual({ LogFormat: 'JSON', LogGroup: `<${part}FunctionLogs>` });
    expect(Properties.TracingConfig).toBeUndefined();
    expect(Properties.Environment.Variables).not.toHaveProperty('NODE_OPTIONS');
  });

  test('router and authorizer get the CPU of 1 GB for their first call', () => {
    expect(
      [functionOf(minimal, 'Router'), functionOf(minimal, 'Authorizer')].map((fn) => fn.Properties.MemorySize),
    ).toEqual([1024, 1024]);
  });

  test("a processor's timeout is longer than its handler's, and at most 15 minutes", () => {
    expect(functionOf(minimal, 'Processorsgeneratereport').Properties.Timeout).toBe(305);
    expect(functionOf(maximal, 'Processorsgeneratereport').Properties.Timeout).toBe(900);
    expect(functionOf(maximal, 'Processorsarchive').Properties.Timeout).toBe(6);
  });

  test("the router's timeout is longer than the syncTimeout and below the 29 s of API Gateway", () => {
    expect(functionOf(minimal, 'Router').Properties.Timeout).toBe(9);
    expect(functionOf(maximal, 'Router').Properties.Timeout).toBe(14);
  });

  test.each([
    'Dispatcher',
    'Processorsgeneratereport',
  ])('%s may be part of a loop, because retries form a loop', (part) => {
    expect(functionOf(minimal, part).Properties.RecursiveLoop).toBe('Allow');
  });

  test('logs are kept for the configured time', () => {
    const days = (template: Template) =>
      new Set(
        Object.values(template.findResources('AWS::Logs::LogGroup')).map((group) => group.Properties.RetentionInDays),
      );
    expect([days(minimal), days(maximal)]).toEqual([new Set([30]), new Set([7])]);
  });
});

describe('environment', () => {
  const tables = {
    STREAMER_CONNECTIONS_TABLE: '<ConnectionsTable>',
    STREAMER_REQUESTS_TABLE: '<RequestsTable>',
    STREAMER_SUBSCRIPTIONS_TABLE: '<SubscriptionsTable>',
    STREAMER_EVENTS_TABLE: '<EventsTable>',
  };
  const callback = {
    STREAMER_CALLBACK_URL: 'https://<WebSocketApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1',
  };
  const retention = { STREAMER_RETENTION_SECONDS: '604800' };
  const limits = { STREAMER_LIMITS: '{"maxEvents":10000}' };
  /** The name is derived from the path. It is unique in its account and region, so that metrics can use it. */
  const name = { STREAMER_API_NAME: expect.stringMatching(/^TestStreamer[0-9A-F]{8}$/) };

  test('the router has variables for tables, retention and the syncTimeout', () => {
    expect(environmentOf(minimal, 'Router')).toEqual({
      ...name,
      ...tables,
      ...retention,
      ...limits,
      STREAMER_SYNC_TIMEOUT_MS: '5000',
    });
  });

  test('a processor has variables for tables, retention, its queue and the posting address', () => {
    expect(environmentOf(minimal, 'Processorsgeneratereport')).toEqual({
      ...name,
      ...tables,
      ...retention,
      ...limits,
      ...callback,
      STREAMER_QUEUE_URL: '<ProcessorsgeneratereportQueue>',
    });
  });

  test('the dispatcher has variables for tables, retention, its failure queue and the posting address', () => {
    expect(environmentOf(minimal, 'Dispatcher')).toEqual({
      ...name,
      ...tables,
      ...retention,
      ...callback,
      STREAMER_FAILURES_QUEUE_URL: '<DispatcherFailures>',
    });
  });

  test('the sweeper has variables for the tables of requests and events, and retention', () => {
    const { STREAMER_REQUESTS_TABLE, STREAMER_EVENTS_TABLE } = tables;
    const read = { STREAMER_REQUESTS_TABLE, STREAMER_EVENTS_TABLE };
    expect(environmentOf(minimal, 'Sweeper')).toEqual({ ...read, ...name, ...retention });
  });

  test('the authorizer has variables for the issuer and the audience', () => {
    expect(environmentOf(minimal, 'Authorizer')).toEqual({
      ...name,
      STREAMER_JWT_ISSUER: 'https://issuer.example',
      STREAMER_JWT_AUDIENCE: '["reports"]',
      STREAMER_JWKS_URI: 'https://issuer.example/.well-known/jwks.json',
      STREAMER_TENANT_CLAIM: 'tenant',
      STREAMER_ALLOWED_ORIGINS: '[]',
    });
    expect(environmentOf(maximal, 'Authorizer')).toMatchObject({
      STREAMER_JWT_AUDIENCE: '["web","phone"]',
      STREAMER_JWKS_URI: 'https://keys.example/jwks.json',
      STREAMER_TENANT_CLAIM: 'custom:org',
      STREAMER_ALLOWED_ORIGINS: '["https://app.example","http://localhost:5173"]',
    });
  });

  test('the functions that check limits get them, with sizes in bytes', () => {
    const limits = { maxInputBytes: 8192, maxResultBytes: 65_536, maxEvents: 100 };
    expect(JSON.parse(environmentOf(maximal, 'Router').STREAMER_LIMITS)).toEqual(limits);
    expect(JSON.parse(environmentOf(maximal, 'Processorsarchive').STREAMER_LIMITS)).toEqual(limits);
  });

  test("handlers' own variables reach their own function only", () => {
    expect(environmentOf(maximal, 'Router')).toMatchObject({ GREETING: 'hello' });
    expect(environmentOf(maximal, 'Processorsgeneratereport')).toMatchObject({ BUCKET: 'reports' });
    expect(environmentOf(maximal, 'Processorsarchive')).not.toHaveProperty('BUCKET');
    expect(environmentOf(maximal, 'Processorsgeneratereport')).not.toHaveProperty('GREETING');
  });
});

describe('the functions have the settings of the actions in their code', () => {
  const template = synthesizeForDev(maximalProps);

  test('the code of the router contains the settings that apply to new requests', () => {
    expect(entryOf(template, 'Router')).toContain(
      `"generate_report": { kind: 'async', maxAttempts: 5, deadlineMs: 7200000, schema: `,
    );
    expect(entryOf(template, 'Router')).toContain(`"archive": { kind: 'async', maxAttempts: 3 }`);
  });

  test("a processor's code contains its own action only", () => {
    const limits = { maxAttempts: 5, backoffBaseMs: 2000, backoffMaxMs: 60_000, timeoutMs: 900_000, progressRate: 4 };
    const caps = [
      { scope: 'input', max: 1, property: 'datasetId' },
      { scope: 'tenant', max: 5 },
    ];
    const config = { ...limits, caps };
    expect(entryOf(template, 'Processorsgeneratereport')).toContain(`config: ${JSON.stringify(config)}`);
    expect(entryOf(template, 'Processorsarchive')).not.toContain('generate_report');
  });

  test("the dispatcher's code contains the names of the queues", () => {
    const name = (id: string) => resource(template, 'AWS::SQS::Queue', id).Properties.QueueName;
    const names = {
      queue: name('ProcessorsgeneratereportQueue'),
      deadLetterQueue: name('ProcessorsgeneratereportDeadLetters'),
    };
    expect(names.queue).toMatch(/^TestStreamer[0-9A-F]{8}-generate_report-[0-9a-f]{10}$/);
    expect(entryOf(template, 'Dispatcher')).toContain(`"generate_report": ${JSON.stringify(names)}`);
  });

  test("the router's code contains the names of isolated functions and of functions that are named at synthesis", () => {
    const { FunctionName } = functionOf(template, 'Isolatedlookup').Properties;
    expect(entryOf(template, 'Router')).toContain(
      `isolatedHandler("lookup", {"functionName":"${FunctionName}","timeoutMs":8000})`,
    );
    expect(entryOf(template, 'Processorstranslate')).toContain(
      'functionHandler("translate", {"functionName":"arn:aws:lambda:us-east-1:123456789012:function:translate","timeoutMs":120000}',
    );
  });
});

describe('tables', () => {
  const keys = (schema: { AttributeName: string; KeyType: string }[]) => schema.map((key) => key.AttributeName);

  test.each([
    [
      'Connections',
      ['connectionId'],
      { byUser: ['userKey', 'connectedAt'], byTenant: ['tenantShard', 'connectedAt'] },
      'OLD_IMAGE',
    ],
    ['Requests', ['requestKey'], { byUser: ['userKey', 'createdAt'], due: ['dueBucket', 'dueAt'] }, 'NEW_IMAGE'],
    ['Subscriptions', ['channel', 'connectionId'], { byConnection: ['connectionId', 'channel'] }, undefined],
    ['Events', ['logKey', 'offset'], {}, undefined],
  ])('%s has its keys, indexes of keys only, and stream', (id, key, indexes, stream) => {
    const { Properties } = table(id);
    const secondary = (Properties.GlobalSecondaryIndexes ?? []) as {
      IndexName: string;
      KeySchema: never;
      Projection: object;
    }[];
    expect(keys(Properties.KeySchema)).toEqual(key);
    expect(Object.fromEntries(secondary.map((index) => [index.IndexName, keys(index.KeySchema)]))).toEqual(indexes);
    expect(secondary.map((index) => index.Projection)).toEqual(secondary.map(() => ({ ProjectionType: 'KEYS_ONLY' })));
    expect(Properties.StreamSpecification?.StreamViewType).toBe(stream);
  });

  test('times and offsets are numbers, all other keys strings', () => {
    const attributes = ['Connections', 'Requests', 'Subscriptions', 'Events'].flatMap(
      (id) => table(id).Properties.AttributeDefinitions as { AttributeName: string; AttributeType: string }[],
    );
    const numbers = new Set(attributes.filter((each) => each.AttributeType === 'N').map((each) => each.AttributeName));
    expect(numbers).toEqual(new Set(['connectedAt', 'createdAt', 'dueAt', 'offset']));
  });

  test.each(['Connections', 'Requests', 'Subscriptions', 'Events'])('%s is on demand and has a time to live', (id) => {
    const { Properties } = table(id);
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });
});

describe('dispatch', () => {
  test('the dispatcher receives only requests that are pending or have ended, with limited retries', () => {
    const mappings = Object.values(minimal.findResources('AWS::Lambda::EventSourceMapping')).map(
      (each) => readable(each.Properties) as never,
    );
    const mapping = mappings.find((each: { FunctionName: string }) => each.FunctionName === '<DispatcherFunction>');
    expect(mapping).toEqual({
      FunctionName: '<DispatcherFunction>',
      EventSourceArn: '<RequestsTable.StreamArn>',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      ParallelizationFactor: 2,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 3600,
      DestinationConfig: { OnFailure: { Destination: '<DispatcherFailures.Arn>' } },
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT', 'MODIFY'],
              dynamodb: { NewImage: { status: { S: ['PENDING', 'FAILED', 'CANCELLED'] } } },
            }),
          },
        ],
      },
    });
  });

  test('each processor receives one message per invocation, up to its maximum concurrency', () => {
    minimal.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 50 },
    });
    maximal.hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: 10 } });
  });

  test('each queue mapping has a maximum concurrency, so that no action can use up the concurrency of the account', () => {
    const mappings = Object.values(maximal.findResources('AWS::Lambda::EventSourceMapping'));
    const ofQueues = mappings.filter(({ Properties }) => !('StartingPosition' in Properties));

    expect(ofQueues.length).toBeGreaterThan(3);
    for (const { Properties } of ofQueues) {
      expect(Properties.ScalingConfig).toEqual({ MaximumConcurrency: expect.any(Number) });
    }
  });

  test("an action's queue is a standard queue, hides a message for six timeouts, and keeps it for 14 days", () => {
    expect(resource(minimal, 'AWS::SQS::Queue', 'ProcessorsgeneratereportQueue').Properties).toEqual({
      QueueName: expect.stringMatching(/^TestStreamer[0-9A-F]{8}-generate_report-[0-9a-f]{10}$/),
      VisibilityTimeout: 6 * 305,
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: '<ProcessorsgeneratereportDeadLetters.Arn>', maxReceiveCount: 1_000 },
    });
  });

  test('every queue refuses messages without TLS', () => {
    const queues = Object.keys(minimal.findResources('AWS::SQS::Queue'));
    const guarded = Object.values(minimal.findResources('AWS::SQS::QueuePolicy')).flatMap(
      (policy) => policy.Properties.Queues,
    );
    expect(guarded.map((queue: { Ref: string }) => queue.Ref).sort()).toEqual(queues.sort());
  });

  test('the sweeper runs every minute', () => {
    minimal.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  });
});

describe('WebSocket API', () => {
  const routes = Object.values(minimal.findResources('AWS::ApiGatewayV2::Route')).map((route) =>
    readable(route.Properties),
  ) as {
    RouteKey: string;
    AuthorizationType: string;
    RouteResponseSelectionExpression?: string;
    Target: string;
  }[];
  const route = (key: string) => routes.find((each) => each.RouteKey === key);

  test("the WebSocket API selects routes by the frame's type, with a separate integration for each of the three routes", () => {
    minimal.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      RouteSelectionExpression: '$request.body.type',
      ProtocolType: 'WEBSOCKET',
    });
    expect(routes.map((each) => each.RouteKey).sort()).toEqual(['$connect', '$default', '$disconnect']);
    expect(new Set(routes.map((each) => each.Target)).size).toBe(3);
    const permissions = Object.values(minimal.findResources('AWS::Lambda::Permission')).map((each) =>
      readable(each.Properties),
    ) as { FunctionName: string }[];
    expect(permissions.filter((each) => each.FunctionName === '<RouterFunction.Arn>')).toHaveLength(3);
  });

  test('only $default has a route response', () => {
    expect(routes.filter((each) => each.RouteResponseSelectionExpression).map((each) => each.RouteKey)).toEqual([
      '$default',
    ]);
  });

  test('the WebSocket API authorizes $connect without an identity source', () => {
    expect(route('$connect')?.AuthorizationType).toBe('CUSTOM');
    minimal.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', { AuthorizerType: 'REQUEST', IdentitySource: [] });
  });

  test.each([
    [{ rateLimit: 20 }, { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 500 }],
    [{ burstLimit: 5 }, { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 5 }],
  ])('the limit that `throttle` %j leaves out has its default', (throttle, expected) => {
    const template = synthesize({ ...minimalProps(), throttle });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', { DefaultRouteSettings: expected });
  });

  test('the stage throttles, has detailed metrics, and logs JSON without fields that may contain a token', () => {
    const { Properties } = resource(minimal, 'AWS::ApiGatewayV2::Stage', 'WebSocketStage');
    expect(Object.keys(JSON.parse(Properties.AccessLogSettings.Format))).toEqual(
      expect.arrayContaining(['requestId', 'connectionId', 'eventType', 'routeKey', 'status', 'error']),
    );
    expect(Properties.AccessLogSettings.Format).not.toMatch(/header|query|path|authorizer/i);
    expect(Properties).toMatchObject({ StageName: 'v1', AutoDeploy: true });
    expect(Properties.DefaultRouteSettings).toEqual({
      DetailedMetricsEnabled: true,
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 500,
    });
    maximal.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: 'prod',
      DefaultRouteSettings: { DetailedMetricsEnabled: true, ThrottlingRateLimit: 200, ThrottlingBurstLimit: 100 },
    });
  });

  test("the account's log role is set only on request, and then before the stage", () => {
    minimal.resourceCountIs('AWS::ApiGateway::Account', 0);
    const [account] = Object.keys(maximal.findResources('AWS::ApiGateway::Account'));
    const [stage] = Object.values(maximal.findResources('AWS::ApiGatewayV2::Stage'));
    expect(stage.DependsOn).toContain(account);
  });
});

describe('the public members of the construct', () => {
  const { api, stack } = build(minimalProps());
  const show = (value: unknown) => readable(stack.resolve(value));

  test('the addresses for clients and for posting', () => {
    expect(show(api.url)).toBe('wss://<WebSocketApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1');
    expect(show(api.callbackUrl)).toBe('https://<WebSocketApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1');
  });

  test('the ids of API and stage', () => {
    expect([show(api.apiId), api.stageName]).toEqual(['<WebSocketApi>', 'v1']);
  });

  test('the functions of its own', () => {
    const { authorizer, router, dispatcher, sweeper } = api.functions;
    expect(show([authorizer, router, dispatcher, sweeper].map((fn) => fn.functionName))).toEqual([
      '<AuthorizerFunction>',
      '<RouterFunction>',
      '<DispatcherFunction>',
      '<SweeperFunction>',
    ]);
  });

  test('the function and queues of an async handler', () => {
    const { function: fn, queue, deadLetterQueue } = api.handler('generate_report');
    expect(show([fn.functionName, queue?.queueUrl, deadLetterQueue?.queueUrl])).toEqual([
      '<ProcessorsgeneratereportFunction>',
      '<ProcessorsgeneratereportQueue>',
      '<ProcessorsgeneratereportDeadLetters>',
    ]);
  });

  test('the router as the function of a sync handler, which has no queues', () => {
    const { function: fn, queue, deadLetterQueue } = api.handler('echo');
    expect([show(fn.functionName), queue, deadLetterQueue]).toEqual(['<RouterFunction>', undefined, undefined]);
  });

  test('the tables', () => {
    const { connections, requests, subscriptions, events } = api.tables;
    const tables = [connections, requests, subscriptions, events];
    expect(show(tables.map((each) => each.tableName))).toEqual([
      '<ConnectionsTable>',
      '<RequestsTable>',
      '<SubscriptionsTable>',
      '<EventsTable>',
    ]);
  });

  test('an unknown action is refused with the known ones', () => {
    expect(() => api.handler('constructor')).toThrow(
      "`handler` must name one of echo, generate_report, got: 'constructor'",
    );
  });

  test('the metadata contains what a local run needs to act as the issuer', () => {
    expect(functionOf(Template.fromStack(stack), 'Authorizer').Metadata['cdk-streamer:jwt']).toEqual({
      issuer: 'https://issuer.example',
      audience: ['reports'],
      tenantClaim: 'tenant',
      jwksUri: 'https://issuer.example/.well-known/jwks.json',
    });
  });
});

test("the router's metadata names the actions for a local run", () => {
  const { stack } = build({
    ...minimalProps(),
    handlers: {
      report: StreamerHandler.async('handlers/report.ts'),
      add: StreamerHandler.sync('handlers/echo.ts'),
      apart: StreamerHandler.sync('handlers/echo.ts', { isolated: true }),
    },
  });
  expect(functionOf(Template.fromStack(stack), 'Router').Metadata['cdk-streamer:actions']).toEqual({
    report: 'async',
    add: 'sync',
    apart: 'sync',
  });
});

test("the router's metadata names the schema modules for `dev`", () => {
  const projectRoot = makeProject();
  const handlers = {
    report: StreamerHandler.async('handlers/report.ts'),
    archive: StreamerHandler.async('handlers/archive.ts'),
    add: StreamerHandler.sync('handlers/echo.ts'),
    retired: StreamerHandler.async('handlers/report.ts', { retired: true }),
  };
  const props = { ...minimalProps(), projectRoot, handlers };
  const metadata = (template: Template) => functionOf(template, 'Router').Metadata['cdk-streamer:inputs'];
  expect(metadata(synthesizeForDev(props))).toEqual({
    report: path.join(projectRoot, 'handlers/report.schema.ts'),
    add: path.join(projectRoot, 'handlers/echo.ts'),
  });
  expect(metadata(synthesize(props))).toBeUndefined();
});

test('one stack can contain two APIs', () => {
  const { stack } = build(minimalProps());
  new StreamerApi(stack, 'Second', minimalProps());
  Template.fromStack(stack).resourceCountIs('AWS::ApiGatewayV2::Api', 2);
});

test('an API may have sync handlers only', () => {
  const { handlers, ...rest } = minimalProps();
  const template = synthesize({ ...rest, handlers: { echo: handlers.echo } });
  template.resourceCountIs('AWS::Lambda::Function', 4);
});
