// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written so
import { loadAssembly } from '../../../../local/emulator/assembly';
import { removeAssemblies, writeAssembly } from './write-assembly';

afterEach(removeAssemblies);

/** Loads one stack. Returns the properties of its resource `F`. */
function propertiesOf(Properties: object, rest: object = {}, resources: object = {}): Record<string, unknown> {
  const template = { ...rest, Resources: { F: { Type: 'AWS::Lambda::Function', Properties }, ...resources } };
  const assembly = loadAssembly(writeAssembly({ App: { template } }));
  return assembly.resources.find(({ logicalId }) => logicalId === 'F')?.properties() ?? {};
}

describe('names', () => {
  const types: [string, object, string, Record<string, string>][] = [
    ['AWS::Lambda::Function', {}, 'App-X', { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:App-X' }],
    ['AWS::Lambda::Function', { FunctionName: 'f' }, 'f', { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }],
    ['AWS::SQS::Queue', {}, 'https://sqs.us-east-1.amazonaws.com/000000000000/App-X', { QueueName: 'App-X' }],
    ['AWS::SQS::Queue', { FifoQueue: true }, 'https://sqs.us-east-1.amazonaws.com/000000000000/App-X.fifo', {}],
    ['AWS::DynamoDB::Table', {}, 'App-X', { Arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/App-X' }],
    [
      'AWS::DynamoDB::GlobalTable',
      { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } },
      'App-X',
      { StreamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/App-X/stream/local' },
    ],
    ['AWS::Events::Rule', {}, 'App-X', { Arn: 'arn:aws:events:us-east-1:000000000000:rule/App-X' }],
    ['AWS::Logs::LogGroup', {}, 'App-X', { Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:App-X:*' }],
    ['AWS::IAM::Role', {}, 'App-X', { Arn: 'arn:aws:iam::000000000000:role/App-X' }],
    ['AWS::ApiGatewayV2::Stage', { StageName: 'v1' }, 'v1', {}],
    ['AWS::S3::Bucket', { BucketName: 'b' }, 'b', { Arn: 'arn:aws:s3:::b', DomainName: 'b.s3.amazonaws.com' }],
    [
      'AWS::Lambda::Version',
      { FunctionName: 'f' },
      'arn:aws:lambda:us-east-1:000000000000:function:f:1',
      { Version: '1' },
    ],
  ];

  test.each(types)('%s with %j is %s', (Type, Properties, ref, attributes) => {
    const template = { Resources: { X: { Type, Properties } } };
    const [resource] = loadAssembly(writeAssembly({ App: { template } })).resources;

    expect(resource?.ref()).toBe(ref);
    for (const [name, value] of Object.entries(attributes)) expect(resource?.attribute(name)).toBe(value);
  });

  test('an API has an id in the format of API Gateway, and an endpoint with this id', () => {
    const template = {
      Resources: { X: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'WEBSOCKET' } } },
    };
    const [api] = loadAssembly(writeAssembly({ App: { template } })).resources;

    expect(api?.ref()).toMatch(/^[a-z0-9]{10}$/);
    expect(api?.attribute('ApiEndpoint')).toBe(`wss://${api?.ref()}.execute-api.us-east-1.amazonaws.com`);
  });

  test('names are the same in each run and stay within what AWS allows', () => {
    const logicalId = 'VeryLong'.repeat(12);
    const template = {
      Resources: {
        [logicalId]: { Type: 'AWS::Lambda::Function' },
        [`${logicalId}B`]: { Type: 'AWS::S3::Bucket' },
        [`${logicalId}Q`]: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      },
    };
    const names = () =>
      loadAssembly(writeAssembly({ App: { template } })).resources.map(
        (resource) => resource.ref().split('/').at(-1) ?? '',
      );

    const [functionName, bucketName, queueName] = names();
    expect(functionName?.length).toBeLessThanOrEqual(64);
    expect(bucketName).toMatch(/^[a-z0-9-]{3,63}$/);
    expect(queueName).toMatch(/^[\w-]{1,75}\.fifo$/);
    expect(names()).toEqual([functionName, bucketName, queueName]);
  });

  test('two resources never share a shortened name', () => {
    const ids = ['A', 'B'].map((end) => `${'Long'.repeat(30)}${end}`);
    const template = { Resources: Object.fromEntries(ids.map((id) => [id, { Type: 'AWS::Lambda::Function' }])) };
    const names = loadAssembly(writeAssembly({ App: { template } })).resources.map((resource) => resource.ref());

    expect(new Set(names).size).toBe(2);
  });

  test("a stack's own environment is in its ARNs", () => {
    const template = { Resources: { Q: { Type: 'AWS::SQS::Queue' } } };
    const dir = writeAssembly({ App: { template, environment: 'aws://123456789012/cn-north-1' } });

    expect(loadAssembly(dir).resources[0]?.attribute('Arn')).toBe('arn:aws-cn:sqs:cn-north-1:123456789012:App-Q');
  });
});

describe('values', () => {
  test('parameters have their defaults', () => {
    const Parameters = { P: { Type: 'String', Default: 'p' }, L: { Type: 'CommaDelimitedList', Default: 'a, b' } };
    expect(propertiesOf({ a: { Ref: 'P' }, b: { 'Fn::Select': [1, { Ref: 'L' }] } }, { Parameters })).toEqual({
      a: 'p',
      b: 'b',
    });
  });

  test('mappings are looked up by pseudo parameters', () => {
    const Mappings = { M: { 'us-east-1': { size: 512 } } };
    expect(
      propertiesOf({ MemorySize: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'size'] } }, { Mappings }),
    ).toEqual({ MemorySize: 512 });
  });

  test('a resource whose condition is false does not exist, nor does what it is named in', () => {
    const Conditions = { Off: { 'Fn::Equals': ['a', 'b'] } };
    const properties = propertiesOf(
      { a: { 'Fn::If': ['Off', { Ref: 'Q' }, { Ref: 'AWS::NoValue' }] } },
      { Conditions },
      { Q: { Type: 'AWS::SQS::Queue', Condition: 'Off' } },
    );

    expect(properties).toEqual({});
  });

  test('an import is what another stack exports', () => {
    const exporter = {
      Resources: { T: { Type: 'AWS::DynamoDB::Table' } },
      Outputs: { O: { Value: { Ref: 'T' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:T' } } } },
    };
    const importer = {
      Resources: { F: { Type: 'AWS::Lambda::Function', Properties: { x: { 'Fn::ImportValue': 'One:T' } } } },
    };
    // The importing stack is the first in the manifest, but resources are sorted by dependency.
    const assembly = loadAssembly(writeAssembly({ Two: { template: importer }, One: { template: exporter } }));

    expect(assembly.resources.map(({ address }) => address)).toEqual(['One/T', 'Two/F']);
    expect(assembly.resources[1]?.properties()).toEqual({ x: 'One-T' });
  });

  test('nested stacks get parameters and give outputs', () => {
    const parent = {
      Resources: {
        F: { Type: 'AWS::Lambda::Function', Properties: { q: { 'Fn::GetAtt': ['N', 'Outputs.Q'] } } },
        N: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: {
            TemplateURL: { 'Fn::Sub': 'https://s3.${AWS::Region}.${AWS::URLSuffix}/assets/abc.json' },
            Parameters: { Table: { Ref: 'T' } },
          },
        },
        T: { Type: 'AWS::DynamoDB::Table' },
      },
    };
    const nested = {
      Parameters: { Table: { Type: 'String' } },
      Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': 'q-${Table}' } } } },
      Outputs: { Q: { Value: { 'Fn::GetAtt': ['Q', 'QueueName'] } } },
    };
    const assets = {
      files: { abc: { source: { path: 'nested.json' }, destinations: { here: { objectKey: 'abc.json' } } } },
    };
    const assembly = loadAssembly(writeAssembly({ App: { template: parent, assets } }, { 'nested.json': nested }));

    const f = assembly.resources.find(({ address }) => address === 'App/F');
    expect(f?.properties()).toEqual({ q: 'q-App-T' });
    expect(assembly.outputs()).toEqual({ App: {}, 'App-N': { Q: 'q-App-T' } });
    const order = assembly.resources.map(({ address }) => address);
    expect(order.indexOf('App/T')).toBeLessThan(order.indexOf('App-N/Q'));
    expect(order.indexOf('App-N/Q')).toBeLessThan(order.indexOf('App/F'));
  });

  test('stages and assets of nested assemblies are read', () => {
    const stage = {
      artifacts: {
        Inner: { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json', stackName: 'Prod-Inner' } },
        Assets: { type: 'cdk:asset-manifest', properties: { file: 'a.json' } },
      },
    };
    const dir = writeAssembly(
      {},
      {
        'manifest.json': { artifacts: { prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'prod' } } } },
        'prod/manifest.json': stage,
        'prod/t.json': { Resources: { F: { Type: 'AWS::Lambda::Function' } } },
        'prod/a.json': { files: { x: { source: { path: '../code' }, destinations: { d: { objectKey: 'x.zip' } } } } },
      },
    );
    const [resource] = loadAssembly(dir).resources;

    expect(resource?.ref()).toBe('Prod-Inner-F');
    expect(resource?.asset('x.zip')).toBe(`${dir}/code`);
    expect(resource?.asset('y.zip')).toBeUndefined();
  });

  test('names from a running service replace the computed ones', () => {
    const template = {
      Resources: {
        F: { Type: 'AWS::Lambda::Function', Properties: { q: { Ref: 'Q' }, n: { 'Fn::GetAtt': ['Q', 'QueueName'] } } },
        Q: { Type: 'AWS::SQS::Queue' },
      },
    };
    const assembly = loadAssembly(writeAssembly({ App: { template } }));
    const [queue, f] = assembly.resources;
    if (queue) assembly.provide(queue, { ref: 'http://127.0.0.1/q' });

    expect(f?.properties()).toEqual({ q: 'http://127.0.0.1/q', n: 'App-Q' });
  });
});

describe('an assembly that cannot be read', () => {
  const refused =
    (Properties: unknown, rest: object = {}) =>
    () =>
      loadAssembly(
        writeAssembly({
          App: { template: { Resources: { F: { Type: 'AWS::Lambda::Function', Properties, ...rest } } } },
        }),
      );

  test('a folder without an assembly is named with the remedy', () => {
    expect(() => loadAssembly('/nowhere')).toThrow(
      'no cloud assembly in /nowhere: run "cdk synth" first, or name the app with --app',
    );
  });

  test.each([
    [
      { Role: { Ref: 'Nope' } },
      {},
      'App: Resources.F.Properties.Role.Ref: there is no resource or parameter "Nope" in this stack',
    ],
    [
      { A: { 'Fn::GetAtt': ['F', 'Nope'] } },
      {},
      'App: Resources.F.Properties.A.Fn::GetAtt: F (AWS::Lambda::Function) has no attribute "Nope"',
    ],
    [
      { A: { 'Fn::ImportValue': 'x' } },
      {},
      'App: Resources.F.Properties.A.Fn::ImportValue: no stack of this assembly exports "x"',
    ],
    [
      { A: { 'Fn::If': ['C', 1, 2] } },
      {},
      'App: Resources.F.Properties.A.Fn::If: there is no condition "C" in this stack',
    ],
    [{ A: { Ref: 'AWS::Nope' } }, {}, 'App: Resources.F.Properties.A.Ref: there is no pseudo parameter "AWS::Nope"'],
    [{}, { DependsOn: ['Nope'] }, 'App: Resources.F.DependsOn: there is no resource "Nope" in this stack'],
    [
      { A: { 'Fn::FindInMap': ['M', 'a', 'b'] } },
      {},
      "App: Resources.F.Properties.A.Fn::FindInMap: there is no M.a.b in the stack's mappings",
    ],
  ])('%j %j', (properties, rest, message) => {
    expect(refused(properties, rest)).toThrow(message);
  });

  test('a name that depends on itself is a circular reference', () => {
    expect(refused({ FunctionName: { Ref: 'F' } })).toThrow('circular reference: App/F → App/F');
  });

  test('resources that depend on each other are named', () => {
    const template = {
      Resources: {
        A: { Type: 'AWS::Lambda::Function', Properties: { x: { Ref: 'B' } } },
        B: { Type: 'AWS::Lambda::Function', DependsOn: 'A' },
      },
    };
    expect(() => loadAssembly(writeAssembly({ App: { template } }))).toThrow(
      'circular dependency: App/A → App/B → App/A',
    );
  });

  test('a broken template is named', () => {
    const dir = writeAssembly({ App: { template: {} } }, { 'App.template.json': '{' });
    expect(() => loadAssembly(dir)).toThrow(`cannot read ${dir}/App.template.json`);
  });
});
