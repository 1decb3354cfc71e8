import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, Code, CodeSigningConfig, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { HandlerMode, StreamerApi, type StreamerApiProps, StreamerHandler } from '../../../src';
import { auth, build, minimalProps, synthesize } from '../support/apps';
import { makeProject } from '../support/project';
import { entryOf, environmentOf, functionOf, permissionsOf, readable, resource } from '../support/readable';

/** The functions in which handlers run: their settings, their permissions, and the services that invoke them. */

type Handlers = StreamerApiProps['handlers'];

function made(handlers: (stack: Stack) => Handlers, more: (stack: Stack) => Partial<StreamerApiProps> = () => ({})) {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [], 'cdk-streamer:dev': true } }), 'Test');
  const props = { auth, projectRoot: makeProject(), handlers: handlers(stack), ...more(stack) };
  const api = new StreamerApi(stack, 'Streamer', props);
  return { stack, api, template: () => Template.fromStack(stack) };
}

const python = (stack: Stack, id = 'Python') =>
  new LambdaFunction(stack, id, {
    runtime: Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: Code.fromInline('def handler(event, context): return event["input"]'),
    timeout: Duration.seconds(30),
  });
const invocations = (template: Template, part: string) =>
  permissionsOf(template, part).filter((line) => line.includes('lambda:'));
/** Matches the ARN pattern of all functions whose names the API has chosen. */
const NAMED_FUNCTIONS = expect.stringMatching(
  /^Allow lambda:InvokeFunction on arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:TestStreamer[0-9A-F]{8}-\*$/,
);
const remotesOf = (template: Template, part: string) => JSON.parse(environmentOf(template, part).STREAMER_FUNCTIONS);

describe('an isolated handler', () => {
  const {
    api,
    stack,
    template: synth,
  } = made(() => ({
    echo: StreamerHandler.sync('handlers/echo.ts'),
    quote: StreamerHandler.sync('handlers/echo.ts', {
      isolated: true,
      timeout: Duration.seconds(3),
      memorySize: 2048,
      environment: { MODE: 'quote' },
      initialPolicy: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/o'] })],
      ephemeralStorageSize: Size.gibibytes(1),
    }),
  }));
  new Bucket(stack, 'Bucket').grantRead(api.handler('quote'));
  const template = synth();

  test("an isolated handler has a separate function, whose timeout is a second longer than the handler's", () => {
    const { Properties } = functionOf(template, 'Isolatedquote');
    expect(Properties).toMatchObject({ Timeout: 4, MemorySize: 2048, EphemeralStorage: { Size: 1024 } });
    expect(Properties.FunctionName).toMatch(/^TestStreamer[0-9A-F]{8}-quote-[0-9a-f]{10}$/);
    expect(Properties.Environment.Variables).toEqual({ MODE: 'quote', STREAMER_API_NAME: expect.any(String) });
  });

  test('an isolated handler has a separate role and log group, and grants do not reach the router', () => {
    expect(permissionsOf(template, 'Isolatedquote')).toEqual(
      expect.arrayContaining([
        'Allow logs:CreateLogStream logs:PutLogEvents on <IsolatedquoteFunctionLogs.Arn>',
        'Allow s3:GetObject on arn:aws:s3:::b/o',
        expect.stringContaining('on <Bucket'),
      ]),
    );
    expect(permissionsOf(template, 'Isolatedquote').join()).not.toContain('dynamodb:');
    expect(permissionsOf(template, 'Router').join()).not.toContain('s3:');
  });

  test('the router invokes an isolated handler, and may invoke only functions of this API', () => {
    expect(invocations(template, 'Router')).toEqual([NAMED_FUNCTIONS]);
    expect(environmentOf(template, 'Router')).not.toHaveProperty('STREAMER_FUNCTIONS');
  });

  test('`handler` returns the function of an isolated handler', () => {
    expect(readable(stack.resolve(api.handler('quote').function.functionName))).toBe('<IsolatedquoteFunction>');
    expect(readable(stack.resolve(api.handler('echo').function.functionName))).toBe('<RouterFunction>');
  });

  test('the timeout of an isolated handler is at most that of a sync handler', () => {
    const quote = StreamerHandler.sync('handlers/echo.ts', { isolated: true, timeout: Duration.seconds(6) });
    expect(() => made(() => ({ quote }))).toThrow(
      "`handlers.quote.timeout` must be at most the API's `syncTimeout` (5 seconds), got: '6 seconds'. Raise `syncTimeout`",
    );
    expect(() =>
      made(
        () => ({ quote }),
        () => ({ syncTimeout: Duration.seconds(6) }),
      ),
    ).not.toThrow();
  });
});

test('a router without isolated handlers has no function names and may invoke no function', () => {
  const template = synthesize(minimalProps());
  expect(invocations(template, 'Router')).toEqual([]);
  expect(environmentOf(template, 'Router')).not.toHaveProperty('STREAMER_FUNCTIONS');
});

describe('a function of the user', () => {
  const {
    api,
    stack,
    template: synth,
  } = made((scope) => ({
    at_once: StreamerHandler.fromFunction(python(scope, 'Sync'), { mode: HandlerMode.SYNC }),
    later: StreamerHandler.fromFunction(python(scope, 'Async'), { maxConcurrency: 3 }),
    imported: StreamerHandler.fromFunction(
      LambdaFunction.fromFunctionArn(scope, 'Imported', 'arn:aws:lambda:us-east-1:123456789012:function:other'),
    ),
  }));
  const template = synth();

  test("the router invokes a user's sync function, with a timeout within the API's syncTimeout", () => {
    expect(invocations(template, 'Router')).toEqual([expect.stringMatching(/^Allow lambda:InvokeFunction on <Sync/)]);
    expect(remotesOf(template, 'Router')).toEqual({ at_once: expect.stringMatching(/^<Sync\w*>$/) });
    expect(entryOf(template, 'Router')).toContain(`functionHandler("at_once", {"timeoutMs":5000}, 'sync')`);
  });

  test("a processor invokes a user's async function, and its timeout is long enough", () => {
    expect(invocations(template, 'Processorslater')).toEqual([
      expect.stringMatching(/^Allow lambda:InvokeFunction on <Async/),
    ]);
    expect(remotesOf(template, 'Processorslater')).toEqual({ later: expect.stringMatching(/^<Async\w*>$/) });
    expect(entryOf(template, 'Processorslater')).toContain(`functionHandler("later", {"timeoutMs":30000}, 'async')`);
    expect(functionOf(template, 'Processorslater').Properties).toMatchObject({ Timeout: 35, MemorySize: 512 });
  });

  test("a user's function may belong to another app", () => {
    expect(invocations(template, 'Processorsimported')).toEqual([
      'Allow lambda:InvokeFunction on arn:aws:lambda:us-east-1:123456789012:function:other',
    ]);
  });

  test("`handler` returns a user's function with its queues", () => {
    const { function: fn, queue } = api.handler('later');
    expect(readable(stack.resolve([fn.functionName, queue?.queueUrl]))).toEqual([
      expect.stringMatching(/^<Async/),
      '<ProcessorslaterQueue>',
    ]);
  });

  test("a user's function without a schema causes a warning, because nothing else validates its input", () => {
    const warnings = api.node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => data);
    expect(warnings).toEqual([
      expect.stringContaining(
        'The input of `at_once` is not validated: set `schema` to the path of a module that exports one',
      ),
      expect.stringContaining(
        'The input of `imported` is not validated before it is acknowledged: set `schema` to the path of a module that exports one',
      ),
      expect.stringContaining('The input of `later`'),
    ]);
  });
});

describe('100 functions of the user that answer at once', () => {
  const fromFunctions = (count: number) => (stack: Stack) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `at_once_${at}`,
        StreamerHandler.fromFunction(python(stack, `Python${at}`), { mode: HandlerMode.SYNC }),
      ]),
    );
  const { template: synth } = made(fromFunctions(100));
  const template = synth();

  test("the names of 100 sync functions of the user are in the code of a function, not in the router's environment", () => {
    const code: string = functionOf(template, 'RouterNames').Properties.Code.ZipFile;
    const module = { exports: {} as { handler?: () => Promise<object> } };
    new Function('exports', code)(module.exports);
    return expect(module.exports.handler?.()).resolves.toEqual(
      Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`at_once_${at}`, expect.stringContaining(`<Python${at}`)]),
      ),
    );
  });

  test('the router may invoke 100 sync functions of the user, and the function that returns their names', () => {
    expect(environmentOf(template, 'Router')).not.toHaveProperty('STREAMER_FUNCTIONS');
    expect(environmentOf(template, 'Router').STREAMER_NAMES_FUNCTION).toBe('<RouterNamesFunction>');
    const allowed = invocations(template, 'Router');
    expect(allowed).toHaveLength(101);
    expect(allowed).toContain('Allow lambda:InvokeFunction on <RouterNamesFunction.Arn>');
  });

  test('the function that returns names may only write its log', () => {
    expect(permissionsOf(template, 'RouterNames')).toEqual([
      'Allow logs:CreateLogStream logs:PutLogEvents on <RouterNamesFunctionLogs.Arn>',
    ]);
  });

  test('code signing is refused for 100 sync functions of the user', () => {
    const codeSigningConfig = (stack: Stack) =>
      CodeSigningConfig.fromCodeSigningConfigArn(
        stack,
        'Signing',
        'arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0',
      );
    const { template: refused } = made(fromFunctions(100), (stack) => ({
      functionDefaults: { codeSigningConfig: codeSigningConfig(stack) },
    }));
    expect(refused).toThrow(
      "`functionDefaults.codeSigningConfig` must come with so few sync handlers by `fromFunction` that their names fit into the router's environment, got: 100. Give their functions a `functionName`",
    );
    const { template: few } = made(fromFunctions(4), (stack) => ({
      functionDefaults: { codeSigningConfig: codeSigningConfig(stack) },
    }));
    expect(few).not.toThrow();
  });
});

test('synthesis warns about a function of another account or region, and names the policy that it needs', () => {
  const env = { account: '111111111111', region: 'eu-west-1' };
  const warnings = (arn: string) => {
    const { api, stack } = build(
      (scope) => ({
        ...minimalProps(),
        handlers: { far: StreamerHandler.fromFunction(LambdaFunction.fromFunctionArn(scope, 'Far', arn)) },
      }),
      { 'aws:cdk:bundling-stacks': [] },
      env.region,
    );
    Template.fromStack(stack);
    return api.node
      .findAll()
      .flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => data))
      .filter((text) => /functionOfOther/.test(text));
  };
  // This is the account of the stack that `build` creates.
  expect(warnings('arn:aws:lambda:eu-west-1:123456789012:function:near')).toEqual([]);
  expect(warnings('arn:aws:lambda:eu-west-1:222222222222:function:far')).toEqual([
    expect.stringMatching(
      /in the account 222222222222: its own policy must allow `lambda:InvokeFunction` to the role of/,
    ),
  ]);
  expect(warnings('arn:aws:lambda:us-west-2:123456789012:function:far')).toEqual([
    expect.stringContaining('is in us-west-2, the API in eu-west-1: each call crosses regions'),
  ]);
});

describe('executions that are kept initialized', () => {
  const { template: synth } = made(
    () => ({
      quote: StreamerHandler.sync('handlers/echo.ts', { isolated: true, provisionedConcurrency: 1 }),
      report: StreamerHandler.async('handlers/report.ts', { reservedConcurrency: 4, provisionedConcurrency: 2 }),
    }),
    () => ({ router: { provisionedConcurrency: 3, memorySize: 2048, reservedConcurrency: 100 } }),
  );
  const template = synth();
  const alias = (part: string) => resource(template, 'AWS::Lambda::Alias', `${part}FunctionLive`).Properties;

  test('provisioned executions belong to an alias `live` of the newest version', () => {
    expect(alias('Router')).toMatchObject({
      Name: 'live',
      FunctionName: '<RouterFunction>',
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 3 },
    });
    expect(alias('Processorsreport').ProvisionedConcurrencyConfig).toEqual({ ProvisionedConcurrentExecutions: 2 });
    expect(functionOf(template, 'Router').Properties).toMatchObject({
      MemorySize: 2048,
      ReservedConcurrentExecutions: 100,
    });
    template.resourceCountIs('AWS::Lambda::Version', 3);
  });

  test('the API, the queue and the router invoke the alias with provisioned executions', () => {
    const uris = Object.values(template.findResources('AWS::ApiGatewayV2::Integration')).map(
      (each) => readable(each.Properties.IntegrationUri) as string,
    );
    expect(uris).toHaveLength(3);
    for (const uri of uris) expect(uri).toContain('<RouterFunctionLive');
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
      ScalingConfig: { MaximumConcurrency: 4 },
    });
    expect(invocations(template, 'Router')).toEqual([NAMED_FUNCTIONS]);
    const { FunctionName } = functionOf(template, 'Isolatedquote').Properties;
    expect(entryOf(template, 'Router')).toContain(`isolatedHandler("quote", {"functionName":"${FunctionName}:live"`);
  });
});

test('if an alias is a handler, only the alias may be invoked', () => {
  const { template: synth } = made((stack) => ({
    job: StreamerHandler.fromFunction(
      new Alias(stack, 'Stable', { aliasName: 'stable', version: python(stack).currentVersion }),
    ),
  }));
  expect(invocations(synth(), 'Processorsjob')).toEqual([expect.stringMatching(/ on <Stable/)]);
});

describe('a function in a network', () => {
  const { template: synth } = made(
    (stack) => {
      const vpc = new Vpc(stack, 'Vpc');
      const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
      return { report: StreamerHandler.async('handlers/report.ts', { vpc, securityGroups }) };
    },
    (stack) => ({ router: { vpc: new Vpc(stack, 'Other') } }),
  );
  const template = synth();

  test.each([
    'Router',
    'Processorsreport',
  ])('the role of a function in a VPC has inline the permissions that Lambda needs: %s', (part) => {
    const role = resource(template, 'AWS::IAM::Role', `${part}FunctionRole`).Properties;
    expect(role.Policies[0].PolicyDocument.Statement[0].Action).toContain('ec2:CreateNetworkInterface');
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(functionOf(template, part).Properties.VpcConfig.SubnetIds).toHaveLength(2);
  });

  test('a function in a VPC is in the given security groups', () => {
    expect(functionOf(template, 'Processorsreport').Properties.VpcConfig.SecurityGroupIds).toEqual([
      expect.stringMatching(/^<Group/),
    ]);
  });
});

test.each([
  [{ memorySize: 64 }, '`router.memorySize` must be a whole number from 128 to 10240, got: 64'],
  [{ vpcSubnets: {} }, '`router.vpcSubnets` must come with `router.vpc`, got: {}'],
  [{ reservedConcurrency: 1, provisionedConcurrency: 2 }, '`router.provisionedConcurrency` must be at most'],
])('options of the router that cannot work are refused: %p', (router, message) => {
  expect(() =>
    made(
      () => ({ echo: StreamerHandler.sync('handlers/echo.ts') }),
      () => ({ router }),
    ),
  ).toThrow(message);
});

test('one API can have actions whose names differ only in characters that logical ids leave out', () => {
  const report = StreamerHandler.async('handlers/report.ts');
  const quote = StreamerHandler.sync('handlers/echo.ts', { isolated: true });
  const { template } = made(() => ({ 'a.b': report, 'a-b': report, a_b: report, 'q.r': quote, 'q-r': quote }));
  // The other four are authorizer, router, dispatcher and sweeper.
  template().resourceCountIs('AWS::Lambda::Function', 4 + 5);
});

describe('metrics of an action', () => {
  const { api, stack } = made((scope) => ({
    echo: StreamerHandler.sync('handlers/echo.ts'),
    report: StreamerHandler.async('handlers/report.ts'),
    job: StreamerHandler.fromFunction(python(scope)),
  }));
  const show = (metric: unknown) => {
    const { namespace, metricName, statistic, dimensions } = metric as Record<string, never>;
    return [namespace, metricName, statistic, readable(stack.resolve(dimensions))];
  };

  test('metrics of an action are those of its function', () => {
    const { functionName } = api.handler('report').function;
    const dimensions = { FunctionName: readable(stack.resolve(functionName)) };
    expect(show(api.handler('report').metricErrors())).toEqual(['AWS/Lambda', 'Errors', 'Sum', dimensions]);
    expect(show(api.handler('report').metricThrottles())).toEqual(['AWS/Lambda', 'Throttles', 'Sum', dimensions]);
    expect(show(api.handler('job').metricDuration({ statistic: 'p99' }))[2]).toBe('p99');
  });

  test('the queues of an action have metrics', () => {
    const queue = (id: string) => ({ QueueName: `<Processorsreport${id}.QueueName>` });
    const report = api.handler('report');
    const visible = 'ApproximateNumberOfMessagesVisible';
    expect(show(report.metricQueueDepth())).toEqual(['AWS/SQS', visible, 'Maximum', queue('Queue')]);
    expect(show(report.metricOldestRequestAge())).toEqual([
      'AWS/SQS',
      'ApproximateAgeOfOldestMessage',
      'Maximum',
      queue('Queue'),
    ]);
    expect(show(report.metricDeadLetters())).toEqual(['AWS/SQS', visible, 'Maximum', queue('DeadLetters')]);
  });

  test('a sync handler has no queue to measure', () => {
    expect(() => api.handler('echo').metricDeadLetters()).toThrow(
      '`metricDeadLetters` must be called on an async handler, got: ',
    );
  });
});

describe('an action that runs one attempt at a time', () => {
  const { template: synth } = made(() => ({
    alone: StreamerHandler.async('handlers/report.ts', { maxConcurrency: 1 }),
    many: StreamerHandler.async('handlers/report.ts'),
  }));
  const template = synth();
  const onRequests = (part: string) =>
    permissionsOf(template, part).filter((line) => line.endsWith(' on <RequestsTable.Arn>'));

  test('an action that runs one attempt at a time is capped for its processor, whose queue mapping has the least that Lambda takes', () => {
    const mappings = Object.entries(template.findResources('AWS::Lambda::EventSourceMapping'));
    const concurrency = (part: string) =>
      mappings.find(([id]) => id.includes(part))?.[1].Properties.ScalingConfig.MaximumConcurrency;

    expect(entryOf(template, 'Processorsalone')).toContain('"caps":[{"scope":"action","max":1}]');
    expect(entryOf(template, 'Processorsmany')).not.toContain('caps');
    expect(concurrency('Processorsalone')).toBe(2);
    expect(concurrency('Processorsmany')).toBe(50);
  });

  test('the processor of a serial action may read requests, and that of another action may not', () => {
    expect(onRequests('Processorsalone')).toEqual([
      'Allow dynamodb:GetItem dynamodb:UpdateItem on <RequestsTable.Arn>',
    ]);
    expect(onRequests('Processorsmany')).toEqual(['Allow dynamodb:UpdateItem on <RequestsTable.Arn>']);
  });
});
