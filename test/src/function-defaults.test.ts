import { RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, FileSystem as Efs } from 'aws-cdk-lib/aws-efs';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import {
  AdotLambdaExecWrapper,
  AdotLambdaLayerJavaScriptSdkVersion,
  AdotLayerVersion,
  ApplicationLogLevel,
  Architecture,
  Code,
  CodeSigningConfig,
  FileSystem,
  Function as LambdaFunction,
  LambdaInsightsVersion,
  LayerVersion,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsVersions,
  Runtime,
  RuntimeManagementMode,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  type AsyncHandlerOptions,
  type StreamerApiProps,
  StreamerAuth,
  type StreamerFunctionDefaults,
  StreamerHandler,
} from '../../src';
import { build, maximalProps, minimalProps } from './support/apps';

type Properties = Record<string, never> & { readonly Properties: Record<string, unknown> };

/** Returns every function of an API with all parts, by its description. */
function functionsOf(
  defaults: (stack: Stack) => StreamerFunctionDefaults,
  more: Partial<StreamerApiProps> = {},
): { readonly functions: Record<string, Record<string, unknown>>; readonly template: Template } {
  const props = (stack: Stack): StreamerApiProps => ({
    ...maximalProps(stack),
    functionDefaults: defaults(stack),
    ...more,
  });
  const { stack, api } = build(props, undefined, 'us-east-1');
  api.submitFunction.functionArn;
  const template = Template.fromStack(stack);
  const found = Object.values(template.findResources('AWS::Lambda::Function')) as Properties[];
  const functions = found.map(({ Properties }) => [String(Properties.Description), Properties] as const);
  return { functions: Object.fromEntries(functions), template };
}

const PARTS = [
  ...['answers the frames of clients', 'authorizes handshakes', 'sends pending requests to their queues'],
  ...['finds requests that are due', 'runs generate_report', 'runs archive', 'runs translate', 'answers lookup'],
];

const vpcOf = (stack: Stack) =>
  Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-1'],
  });

const layer = (stack: Stack, id: string) =>
  LayerVersion.fromLayerVersionArn(stack, id, `arn:aws:lambda:eu-west-1:123456789012:layer:${id}:1`);

describe('functionDefaults', () => {
  test('functionDefaults reach every function that is created', () => {
    const { functions, template } = functionsOf((stack) => ({
      architecture: Architecture.X86_64,
      runtime: Runtime.NODEJS_22_X,
      vpc: vpcOf(stack),
      vpcSubnets: { subnets: vpcOfSubnets(stack) },
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
      ipv6AllowedForDualStack: true,
      layers: [layer(stack, 'audit')],
      minMemorySize: 1536,
      environment: { COST_CENTRE: '42' },
      descriptionPrefix: 'shop | ',
      tracing: Tracing.PASS_THROUGH,
      applicationLogLevelV2: ApplicationLogLevel.WARN,
      systemLogLevelV2: SystemLogLevel.WARN,
      ephemeralStorageSize: Size.gibibytes(1),
      permissionsBoundary: ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'),
      deadLetterQueue: Queue.fromQueueArn(stack, 'Dead', 'arn:aws:sqs:eu-west-1:123456789012:dead'),
      runtimeManagementMode: RuntimeManagementMode.FUNCTION_UPDATE,
      logGroup: LogGroup.fromLogGroupName(stack, 'Logs', '/shop/functions'),
    }));
    expect(Object.keys(functions).length).toBeGreaterThan(PARTS.length);
    for (const [description, fn] of Object.entries(functions)) {
      expect(description).toMatch(/^shop \| Streamer: /);
      expect(fn).toMatchObject({
        Architectures: ['x86_64'],
        Runtime: 'nodejs22.x',
        VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'], Ipv6AllowedForDualStack: true },
        Environment: { Variables: { COST_CENTRE: '42' } },
        TracingConfig: { Mode: 'PassThrough' },
        LoggingConfig: { ApplicationLogLevel: 'WARN', SystemLogLevel: 'WARN', LogGroup: '/shop/functions' },
        DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:123456789012:dead' },
        RuntimeManagementConfig: { UpdateRuntimeOn: 'FunctionUpdate' },
      });
      expect(fn.Layers).toContain('arn:aws:lambda:eu-west-1:123456789012:layer:audit:1');
      expect(fn.MemorySize).toBeGreaterThanOrEqual(1536);
      expect((fn.EphemeralStorage as { Size: number }).Size).toBeGreaterThanOrEqual(1024);
    }
    const roles = Object.values(template.findResources('AWS::IAM::Role')) as Properties[];
    const ofFunctions = roles.filter((role) => JSON.stringify(role).includes('lambda.amazonaws.com'));
    expect(ofFunctions.length).toBe(Object.keys(functions).length);
    for (const { Properties } of ofFunctions) {
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/boundary');
    }
  });

  test('functionDefaults can set layers of AWS, code signing and file systems', () => {
    const { functions } = functionsOf(
      (stack) => ({
        vpc: vpcOf(stack),
        filesystem: fileSystemOf(stack),
        insightsVersion: LambdaInsightsVersion.VERSION_1_0_404_0,
        adotInstrumentation: {
          layerVersion: AdotLayerVersion.fromJavaScriptSdkLayerVersion(AdotLambdaLayerJavaScriptSdkVersion.LATEST),
          execWrapper: AdotLambdaExecWrapper.REGULAR_HANDLER,
        },
        paramsAndSecrets: ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103),
        codeSigningConfig: CodeSigningConfig.fromCodeSigningConfigArn(
          stack,
          'Signing',
          'arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef0',
        ),
      }),
      { router: {} },
    );
    for (const fn of Object.values(functions)) {
      expect((fn.Layers as unknown[]).length).toBeGreaterThanOrEqual(3);
      expect(fn.FileSystemConfigs).toHaveLength(1);
      expect(fn.CodeSigningConfigArn).toContain('csc-0123456789abcdef0');
      expect(JSON.stringify(fn.Environment)).toContain('/opt/otel-handler');
    }
  });

  test("a function's own options take precedence over functionDefaults, and layers are concatenated", () => {
    const own: AsyncHandlerOptions = {
      architecture: Architecture.ARM_64,
      description: 'mine',
      tracing: Tracing.ACTIVE,
    };
    const { stack } = build((stack) => ({
      ...minimalProps(),
      functionDefaults: {
        architecture: Architecture.X86_64,
        layers: [layer(stack, 'audit')],
        descriptionPrefix: 'shop: ',
        environment: { A: 'all', B: 'all' },
      },
      handlers: {
        job: StreamerHandler.async('handlers/report.ts', {
          ...own,
          layers: [layer(stack, 'own')],
          environment: { B: 'own' },
        }),
      },
    }));
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Description: 'shop: mine',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      Layers: ['audit', 'own'].map((id) => `arn:aws:lambda:eu-west-1:123456789012:layer:${id}:1`),
    });
    const job = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.Description === 'shop: mine',
    );
    expect(job?.Properties.Environment.Variables).toMatchObject({ A: 'all', B: 'own' });
  });

  test("functionDefaults reserve for a queue's function at least the maximum concurrency of the queue", () => {
    const { functions } = functionsOf(() => ({ reservedConcurrency: 3 }), { router: { reservedConcurrency: 70 } });
    const reserved = (text: string) =>
      Object.entries(functions).find(([name]) => name.includes(text))?.[1].ReservedConcurrentExecutions;
    expect([reserved('answers the frames'), reserved('runs generate_report'), reserved('runs archive')]).toEqual([
      70, 12, 50,
    ]);
    expect([reserved('finds requests'), reserved('posts webhooks')]).toEqual([3, 5]);
  });

  test.each<[name: string, props: Partial<StreamerApiProps>]>([
    ['the router', { router: { provisionedConcurrency: 20 } }],
    [
      'an isolated handler',
      { handlers: { a: StreamerHandler.sync('handlers/echo.ts', { isolated: true, provisionedConcurrency: 20 }) } },
    ],
    [
      'an async handler',
      {
        handlers: { a: StreamerHandler.async('handlers/report.ts', { maxConcurrency: 8, provisionedConcurrency: 20 }) },
      },
    ],
  ])('functionDefaults reserve at least the provisioned concurrency of %s', (_, props) => {
    const withReserved = (reservedConcurrency: number) => () =>
      build({ ...minimalProps(), ...props, functionDefaults: { reservedConcurrency } });
    expect(withReserved(8)).toThrow(
      /`provisionedConcurrency` must be at most the 8 invocations that `functionDefaults.reservedConcurrency` reserves for Test\/Streamer\/\S+, got: 20. Set `reservedConcurrency` next to it/,
    );
    expect(withReserved(20)).not.toThrow();
  });

  test('functionDefaults do not change functions of the user', () => {
    const { stack } = build((stack) => ({
      ...minimalProps(),
      auth: StreamerAuth.custom(
        new LambdaFunction(stack, 'Mine', {
          runtime: Runtime.PYTHON_3_13,
          handler: 'index.handler',
          code: Code.fromInline('def handler(event, context): pass'),
        }),
      ),
      functionDefaults: { environment: { COST_CENTRE: '42' } },
    }));
    const all = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    const mine = all.filter(({ Properties }) => Properties.Runtime === 'python3.13');
    expect(mine).toHaveLength(1);
    expect(JSON.stringify(mine)).not.toContain('COST_CENTRE');
  });
});

describe('functionDefaults are refused', () => {
  const withDefaults = (functionDefaults: object) => () =>
    build({ ...minimalProps(), functionDefaults: functionDefaults as StreamerFunctionDefaults });

  test.each<[string, object, RegExp]>([
    [
      'a runtime of another language',
      { runtime: Runtime.PYTHON_3_13 },
      /`functionDefaults\.runtime` must be a runtime of Node\.js 22 or newer, got: 'python3\.13'/,
    ],
    ['an old Node.js', { runtime: Runtime.NODEJS_20_X }, /Node\.js 22 or newer, got: 'nodejs20\.x'/],
    [
      'an architecture of another name',
      { architecture: 'arm64' },
      /`functionDefaults\.architecture` must be an architecture of Lambda/,
    ],
    [
      'less memory than Lambda has',
      { minMemorySize: 64 },
      /`functionDefaults\.minMemorySize` must be a whole number from 128 to 10240/,
    ],
    ['a variable of Streamer', { environment: { STREAMER_X: '1' } }, /do not start with STREAMER_/],
    [
      'a file system without a network',
      { filesystem: {} },
      /`functionDefaults\.filesystem` must come with `functionDefaults\.vpc`/,
    ],
    [
      'a boundary that is a name',
      { permissionsBoundary: 'boundary' },
      /`functionDefaults\.permissionsBoundary` must be a managed policy/,
    ],
    ['a log group that is a name', { logGroup: '/aws/x' }, /`functionDefaults\.logGroup` must be a log group/],
  ])('functionDefaults are refused: %s', (_, defaults, message) => {
    expect(withDefaults(defaults)).toThrow(message);
  });

  test("a function's layers and those of functionDefaults must not exceed Lambda's limit", () => {
    const stack = new Stack();
    const layers = (count: number, name: string) =>
      Array.from({ length: count }, (_, index) => layer(stack, `${name}${index}`));
    const job = StreamerHandler.async('handlers/report.ts', { layers: layers(3, 'own') });
    expect(() =>
      build({ ...minimalProps(), handlers: { job }, functionDefaults: { layers: layers(3, 'all') } }),
    ).toThrow(/`layers` must have at most 5 entries with those of `functionDefaults`, got: 6/);
  });
});

const vpcOfSubnets = (stack: Stack) => (stack.node.findChild('Vpc') as ReturnType<typeof vpcOf>).privateSubnets;

function fileSystemOf(stack: Stack): FileSystem {
  const vpc = stack.node.findChild('Vpc') as ReturnType<typeof vpcOf>;
  const efs = new Efs(stack, 'Efs', { vpc, removalPolicy: RemovalPolicy.DESTROY });
  return FileSystem.fromEfsAccessPoint(new AccessPoint(stack, 'Point', { fileSystem: efs }), '/mnt/files');
}
