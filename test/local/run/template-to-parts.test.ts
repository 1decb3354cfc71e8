// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written so
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Assembly, loadAssembly } from '../../../local/emulator/assembly';
import { customAddresses, webSocketApiIds, webSocketApis } from '../../../local/run/from-template/apis';
import { eventSources } from '../../../local/run/from-template/event-sources';
import { type FunctionContext, localFunctions } from '../../../local/run/from-template/functions';
import { tokenVerifiers, verifierVariables } from '../../../local/run/from-template/issuers';
import { scheduleRules } from '../../../local/run/from-template/rules';
import { TempDir } from '../../../local/run/temp-dir';
import { removeAssemblies, writeAssembly } from '../emulator/assembly/write-assembly';

/** Settings of each part, from hand-written templates. An end-to-end test would not distinguish these values. */
const temps: TempDir[] = [];

afterEach(() => {
  removeAssemblies();
  for (const temp of temps.splice(0)) temp.remove();
});

function load(Resources: object): Assembly {
  return loadAssembly(writeAssembly({ App: { template: { Resources } } }));
}

const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: { Code: { ZipFile: 'x' }, Handler: 'index.handler', Runtime: 'nodejs24.x' },
};

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const everything = () => true;

describe('WebSocket APIs', () => {
  const uri = { 'Fn::Sub': 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${F.Arn}/invocations' };
  const part = (type: string, Properties: object = {}) => ({
    Type: `AWS::ApiGatewayV2::${type}`,
    Properties: { ApiId: { Ref: 'Api' }, ...Properties },
  });
  const route = (RouteKey: string, properties: object = {}) =>
    part('Route', { RouteKey, Target: { 'Fn::Sub': 'integrations/${Int}' }, ...properties });
  const base = {
    F: FUNCTION,
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.type' },
    },
    Int: part('Integration', { IntegrationType: 'AWS_PROXY', IntegrationUri: uri, TimeoutInMillis: 5000 }),
  };
  const stage = part('Stage', {
    StageName: 'v1',
    AccessLogSettings: { Format: '$context.requestId', DestinationArn: 'x' },
    DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
  });
  const specOf = (resources: object, runs = everything) =>
    webSocketApis(load({ ...base, Stage: stage, ...resources }), runs);

  test('a stage has its throttle, its access log format and its routes', () => {
    const { specs, warnings } = specOf({ D: route('$default') });

    expect(warnings).toEqual([]);
    expect(specs).toEqual([
      {
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        stage: 'v1',
        region: 'us-east-1',
        accountId: '000000000000',
        routeSelectionExpression: '$request.body.type',
        throttle: { rateLimit: 10, burstLimit: 20 },
        accessLogFormat: '$context.requestId',
        routes: new Map([
          ['$default', { functionName: 'App-F', timeoutMs: 5000, authorizer: undefined, returnResponse: false }],
        ]),
      },
    ]);
  });

  test('API mappings are other addresses of their stages', () => {
    const mapping = (more: object) => part('ApiMapping', { DomainName: 'ws.example.com', Stage: 'v1', ...more });
    const assembly = load({ ...base, Plain: mapping({}), Below: mapping({ ApiMappingKey: 'live/a' }) });
    const [apiId] = webSocketApiIds(assembly);
    expect(customAddresses(assembly)).toEqual([
      { address: 'ws.example.com', apiId, stage: 'v1' },
      { address: 'ws.example.com/live/a', apiId, stage: 'v1' },
    ]);
  });

  test('a route answers only with a response that it has and selects', () => {
    const response = part('RouteResponse', { RouteId: { Ref: 'R' }, RouteResponseKey: '$default' });
    const returns = (resources: object) => specOf(resources).specs[0]?.routes.get('r')?.returnResponse;

    expect(returns({ R: route('r', { RouteResponseSelectionExpression: '$default' }), Response: response })).toBe(true);
    expect(returns({ R: route('r', { RouteResponseSelectionExpression: '$default' }) })).toBe(false);
    expect(returns({ R: route('r'), Response: response })).toBe(false);
  });

  test("$connect has its authorizer's function and identity sources", () => {
    const { specs } = specOf({
      C: route('$connect', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Auth' } }),
      Auth: part('Authorizer', {
        AuthorizerType: 'REQUEST',
        AuthorizerUri: uri,
        IdentitySource: ['route.request.header.X'],
      }),
    });

    expect(specs[0]?.routes.get('$connect')?.authorizer).toEqual({
      functionName: 'App-F',
      identitySource: ['route.request.header.X'],
    });
  });

  test('a MOCK integration answers with the status of its template', () => {
    const Int = part('Integration', { IntegrationType: 'MOCK', RequestTemplates: { '200': '{"statusCode": 202}' } });
    expect(specOf({ Int, D: route('$default') }).specs[0]?.routes.get('$default')).toMatchObject({
      mock: { statusCode: 202 },
    });
  });

  test('authorization by IAM, integrations elsewhere and HTTP APIs are named', () => {
    expect(specOf({ C: route('$connect', { AuthorizationType: 'AWS_IAM' }) }).warnings).toEqual([
      'App/C accepts every client: authorization by AWS_IAM is not emulated',
    ]);
    expect(specOf({ D: route('$default') }, () => false).warnings).toEqual([
      'App/D is left out: its integration is not a function of the local run',
    ]);
    const Api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } };
    expect(specOf({ Api }).warnings).toEqual([
      'App/Stage is not run: its API is not a WebSocket API of this application',
    ]);
  });
});

describe('event source mappings', () => {
  const mapping = (Properties: object) => ({ Type: 'AWS::Lambda::EventSourceMapping', Properties });
  const table = { Type: 'AWS::DynamoDB::Table', Properties: { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } } };

  test("a queue's event source mapping has batches of 10 by default", () => {
    const assembly = load({
      F: FUNCTION,
      Q: { Type: 'AWS::SQS::Queue' },
      M: mapping({ EventSourceArn: arn('Q'), FunctionName: { Ref: 'F' } }),
    });

    expect(eventSources(assembly, everything)).toEqual({
      warnings: [],
      sources: [
        {
          kind: 'queue',
          resource: assembly.resources.find(({ logicalId }) => logicalId === 'M'),
          sourceName: 'Q',
          queueArn: 'arn:aws:sqs:us-east-1:000000000000:App-Q',
          spec: {
            functionName: 'App-F',
            functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:App-F',
            batchSize: 10,
            filters: [],
            reportBatchItemFailures: false,
          },
        },
      ],
    });
  });

  test("a stream's event source mapping is read with all settings, and with the function's ARN", () => {
    const assembly = load({
      F: FUNCTION,
      T: table,
      D: { Type: 'AWS::SQS::Queue' },
      M: mapping({
        EventSourceArn: { 'Fn::GetAtt': ['T', 'StreamArn'] },
        FunctionName: arn('F'),
        BatchSize: 7,
        BisectBatchOnFunctionError: true,
        DestinationConfig: { OnFailure: { Destination: arn('D') } },
        Enabled: 'false',
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumBatchingWindowInSeconds: 2,
        MaximumRecordAgeInSeconds: 60,
        MaximumRetryAttempts: 3,
        ParallelizationFactor: 4,
        StartingPosition: 'TRIM_HORIZON',
      }),
    });

    expect(eventSources(assembly, everything).sources[0]).toMatchObject({
      kind: 'stream',
      sourceName: 'T',
      spec: {
        functionName: 'App-F',
        streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/App-T/stream/local',
        batchSize: 7,
        bisect: true,
        onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:App-D',
        enabled: false,
        filters: [{ eventName: ['INSERT'] }],
        reportBatchItemFailures: true,
        maximumBatchingWindowMs: 2000,
        maximumRecordAgeMs: 60_000,
        maximumRetryAttempts: 3,
        parallelizationFactor: 4,
        startingPosition: 'TRIM_HORIZON',
      },
    });
  });

  test.each([
    [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:1:stream/s' }, 'sources of kinesis are not emulated'],
    [
      { EventSourceArn: { 'Fn::GetAtt': ['T', 'StreamArn'] } },
      'StartingPosition must be LATEST or TRIM_HORIZON, got: undefined',
    ],
    [{}, 'App/M.EventSourceArn is missing'],
  ])('%j is named', (properties, reason) => {
    const assembly = load({ F: FUNCTION, T: table, M: mapping({ FunctionName: { Ref: 'F' }, ...properties }) });
    expect(eventSources(assembly, everything)).toEqual({ sources: [], warnings: [`App/M is not run: ${reason}`] });
  });
});

describe('schedules', () => {
  const rule = (Properties: object) => load({ F: FUNCTION, R: { Type: 'AWS::Events::Rule', Properties } });
  const target = { Arn: arn('F'), Id: 't', Input: '{"a":1}' };

  test('a rule has its expression, its targets and their input', () => {
    const { rules } = scheduleRules(rule({ ScheduleExpression: 'rate(5 minutes)', Targets: [target] }), everything);
    expect(rules.map((entry) => entry.rule)).toEqual([
      {
        ruleName: 'App-R',
        ruleArn: 'arn:aws:events:us-east-1:000000000000:rule/App-R',
        scheduleExpression: 'rate(5 minutes)',
        targets: [{ functionName: 'App-F', input: '{"a":1}' }],
      },
    ]);
  });

  test('a rule that is disabled or has no schedule is left out', () => {
    expect(
      scheduleRules(rule({ ScheduleExpression: 'rate(5 minutes)', State: 'DISABLED', Targets: [target] }), everything)
        .rules,
    ).toEqual([]);
    expect(scheduleRules(rule({ EventPattern: {}, Targets: [target] }), everything).rules).toEqual([]);
  });

  test('a target that is not run is named', () => {
    const { rules, warnings } = scheduleRules(
      rule({ ScheduleExpression: 'rate(1 day)', Targets: [target] }),
      () => false,
    );
    expect(rules).toEqual([]);
    expect(warnings).toEqual([
      'App/R does not reach arn:aws:lambda:us-east-1:000000000000:function:App-F, which is not a function of the local run',
    ]);
  });
});

describe('functions', () => {
  const delivered: unknown[] = [];

  afterEach(() => delivered.splice(0));

  const contextOf = (assembly: Assembly): FunctionContext => {
    const temp = new TempDir();
    temps.push(temp);
    return {
      assembly,
      temp,
      clock: { now: () => 0, setTimeout, clearTimeout: () => undefined },
      variables: { AWS_ENDPOINT_URL: 'http://local', OWN: 'overridden' },
      variablesOf: () => ({ ISSUER: 'local' }),
      localize: (value) => value.replace('wss://', 'ws://'),
      deliver: (destination, body) => delivered.push([destination, body]),
      problemOf: (runtime) => (runtime.startsWith('nodejs') ? undefined : `${runtime} is not here`),
    };
  };
  const read = (Resources: object) => localFunctions(contextOf(load(Resources)));

  test("a function has CloudFormation's defaults, and the run's variables override its own", () => {
    const { functions } = read({
      F: {
        ...FUNCTION,
        Properties: {
          ...FUNCTION.Properties,
          Environment: { Variables: { URL: 'wss://x', OWN: 'mine', COUNT: 3 } },
          LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'DEBUG' },
        },
      },
    });

    expect(functions[0]?.spec).toMatchObject({
      functionName: 'App-F',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:App-F',
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutMs: 3000,
      memoryMb: 128,
      environment: {
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
        AWS_LAMBDA_LOG_LEVEL: 'DEBUG',
        URL: 'ws://x',
        OWN: 'overridden',
        COUNT: '3',
        AWS_ENDPOINT_URL: 'http://local',
        ISSUER: 'local',
      },
    });
  });

  test('layers are searched in their order, for the runtime first', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'layer-test-'));
    mkdirSync(path.join(dir, 'layer'));
    const assets = {
      files: { l: { source: { path: path.join(dir, 'layer') }, destinations: { d: { objectKey: 'l.zip' } } } },
    };
    const Resources = {
      L: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Key: 'l.zip' } } },
      F: {
        ...FUNCTION,
        Properties: { ...FUNCTION.Properties, Layers: [{ Ref: 'L' }, 'arn:aws:lambda:us-east-1:1:layer:x:1'] },
      },
    };
    const { functions, warnings } = localFunctions(
      contextOf(loadAssembly(writeAssembly({ App: { template: { Resources }, assets } }))),
    );
    rmSync(dir, { recursive: true });

    const modules = [`${dir}/layer/nodejs/node24/node_modules`, `${dir}/layer/nodejs/node_modules`];
    expect(functions[0]?.spec.environment.NODE_PATH).toBe(modules.join(':'));
    expect(warnings).toEqual([
      'App/F runs without the layer arn:aws:lambda:us-east-1:1:layer:x:1, which is not in the assembly',
    ]);
  });

  test('a zip file is unpacked', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'zip-test-'));
    // an empty zip file, which has only the end record
    writeFileSync(path.join(dir, 'code.zip'), Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]));
    const assets = {
      files: { z: { source: { path: path.join(dir, 'code.zip') }, destinations: { d: { objectKey: 'z.zip' } } } },
    };
    const Resources = { F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, Code: { S3Key: 'z.zip' } } } };
    const { functions } = localFunctions(
      contextOf(loadAssembly(writeAssembly({ App: { template: { Resources }, assets } }))),
    );
    rmSync(dir, { recursive: true });

    expect(functions[0]?.spec.codeDir).toBe(path.join(temps[0]?.root ?? '', 'code', 'code'));
  });

  test.each([
    [{ Code: { ImageUri: 'x' } }, 'container images are not run locally'],
    [{ Code: { S3Key: 'missing.zip' } }, 'its code is not in the assembly: missing.zip'],
    [{ Runtime: 'python3.13' }, 'python3.13 is not here'],
    [{ Handler: { Ref: 'AWS::NoValue' } }, 'App/F.Handler is missing'],
  ])('a function with %j is named in a warning', (properties, reason) => {
    const { functions, unavailable, warnings } = read({
      F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, ...properties } },
    });
    expect(functions).toEqual([]);
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:App-F';
    expect(unavailable).toEqual([{ functionName: 'App-F', functionArn, problem: reason }]);
    expect(warnings).toEqual([`App/F is not run: ${reason}`]);
  });

  test('an asynchronous event that failed goes to the destination as a report, and to the dead-letter queue unchanged', () => {
    const { functions, warnings } = read({
      Q: { Type: 'AWS::SQS::Queue' },
      F: { ...FUNCTION, Properties: { ...FUNCTION.Properties, DeadLetterConfig: { TargetArn: arn('Q') } } },
      C: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'F' },
          Qualifier: '$LATEST',
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: arn('Q') } },
        },
      },
    });
    functions[0]?.spec.onFailure?.({ n: 1 }, { errorType: 'E', errorMessage: 'no' });

    const queue = 'arn:aws:sqs:us-east-1:000000000000:App-Q';
    expect(delivered).toEqual([
      [
        queue,
        expect.objectContaining({ requestPayload: { n: 1 }, responsePayload: { errorType: 'E', errorMessage: 'no' } }),
      ],
      [queue, { n: 1 }],
    ]);
    expect(warnings).toEqual(['App/C.MaximumRetryAttempts is not emulated: a failed event is retried 2 times']);
  });
});

describe('token verifiers', () => {
  const verifier = (metadata: object) =>
    load({
      F: {
        ...FUNCTION,
        Properties: { ...FUNCTION.Properties, Environment: { Variables: { KEYS: 'https://i/keys', OTHER: 'x' } } },
        Metadata: { 'cdk-streamer:jwt': metadata },
      },
      G: FUNCTION,
    });
  const local = { jwksUrl: 'https://127.0.0.1/keys', caFile: '/ca.pem' };

  test.each([
    ['named', { issuer: 'i', audience: 'a', jwksUriVariable: 'KEYS' }],
    ['found by its value', { issuer: 'i', audience: ['a', 'b'], tenantClaim: 't', jwksUri: 'https://i/keys' }],
  ])('the variable with the address of the keys is %s', (_name, metadata) => {
    const assembly = verifier(metadata);
    const found = tokenVerifiers(assembly.resources);
    const [f, g] = assembly.resources;
    if (!f || !g) throw new Error('two functions are expected');

    expect(found).toMatchObject([{ issuer: 'i', audience: 'a' }]);
    expect(verifierVariables(found, f, local)).toEqual({ KEYS: local.jwksUrl, NODE_EXTRA_CA_CERTS: '/ca.pem' });
    expect(verifierVariables(found, g, local)).toEqual({});
  });
});
