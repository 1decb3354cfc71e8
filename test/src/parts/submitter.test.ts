import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { StreamerApi } from '../../../src';
import { build, minimalProps } from '../support/apps';
import { entryOf, environmentOf, functionOf, permissionsOf } from '../support/readable';

const VARIABLE = 'STREAMER_SUBMIT_FUNCTION';
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:submit';

function own(stack: Stack, id = 'Own'): LambdaFunction {
  return new LambdaFunction(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({});'),
  });
}

test('there is no submit function until somebody asks for it', () => {
  const template = Template.fromStack(build(minimalProps()).stack);

  expect(Object.keys(template.findResources('AWS::Lambda::Function')).join()).not.toContain('Submitter');
});

describe('the submit function', () => {
  const { api, stack } = build(minimalProps());
  const fn = own(stack);
  const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  api.grantSubmit(fn);
  api.grantSubmit(role);
  api.grantSubmit(api.handler('generate_report'));
  const first = api.submitFunction;
  const template = Template.fromStack(stack);

  test('the submit function is one, however often it is asked for', () => {
    expect(api.submitFunction).toBe(first);
    expect(functionOf(template, 'Submitter').Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Timeout: 30,
      MemorySize: 1024,
    });
  });

  test('the submit function knows the retention and the limits', () => {
    const { STREAMER_RETENTION_SECONDS, STREAMER_LIMITS } = environmentOf(template, 'Submitter');

    expect(STREAMER_RETENTION_SECONDS).toBe('604800');
    expect(JSON.parse(STREAMER_LIMITS)).toMatchObject({ maxEvents: 10_000 });
  });

  test('the submit function knows all actions, and the attempts of async ones', () => {
    const dev = build(minimalProps(), { 'aws:cdk:bundling-stacks': [], 'cdk-streamer:dev': true });
    expect(dev.api.submitFunction).toBeDefined();
    const entry = entryOf(Template.fromStack(dev.stack), 'Submitter');
    expect(entry).toContain(`"echo": { kind: 'sync' }`);
    expect(entry).toContain(`"generate_report": { kind: 'async', maxAttempts: 3, schema: `);
  });

  test('the submit function may accept requests and read how they stand, and nothing else', () => {
    expect(permissionsOf(template, 'Submitter')).toEqual(
      [
        'Allow dynamodb:GetItem dynamodb:PutItem on <RequestsTable.Arn>',
        'Allow dynamodb:GetItem dynamodb:PutItem on <EventsTable.Arn>',
        'Allow logs:CreateLogStream logs:PutLogEvents on <SubmitterFunctionLogs.Arn>',
      ].sort(),
    );
  });

  test('the submit function may be invoked by whom it is granted to: a function, a role, a handler', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, { Properties }]) =>
      JSON.stringify(Properties.PolicyDocument).includes('lambda:InvokeFunction'),
    );

    expect(policies.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'CallerDefaultPolicy',
      'OwnServiceRoleDefaultPolicy',
      'StreamerProcessorsgeneratereportFunctionRoleDefaultPolicy',
    ]);
    const submitter = { 'Fn::GetAtt': [expect.stringMatching(/^StreamerSubmitterFunction/), 'Arn'] };
    const Resource = [{ 'Fn::Join': ['', [submitter, ':$LATEST']] }, submitter];
    for (const [, { Properties }] of policies) {
      expect(Properties.PolicyDocument.Statement).toContainEqual({
        Action: 'lambda:InvokeFunction',
        Effect: 'Allow',
        Resource,
      });
    }
  });

  test('the submit function is named to the functions among them', () => {
    const [mine] = Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(([id, { Properties }]) =>
      id.startsWith('Own') ? [Properties.Environment.Variables[VARIABLE]] : [],
    );

    expect(mine).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^StreamerSubmitterFunction/), 'Arn'] });
    expect(environmentOf(template, 'Processorsgeneratereport')[VARIABLE]).toBe('<SubmitterFunction.Arn>');
    expect(environmentOf(template, 'Router')).not.toHaveProperty(VARIABLE);
  });
});

test('the rules of cdk-nag find nothing in it, nor in who may invoke it', () => {
  const { app, api, stack } = build(minimalProps());
  api.grantSubmit(api.handler('generate_report'));
  app.synth();
  for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
    expect(pack.validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  }
});

test('under a key of the customer it may use the key, as every function does', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Test', { env: { region: 'eu-west-1' } });
  const encryptionKey = new Key(stack, 'Key');
  void new StreamerApi(stack, 'Streamer', { ...minimalProps(), encryptionKey }).submitFunction;
  const template = Template.fromStack(stack);

  expect(functionOf(template, 'Submitter').Properties.KmsKeyArn).toMatch(/^<Key/);
  expect(permissionsOf(template, 'Submitter').filter((line) => line.includes('kms:'))).not.toEqual([]);
});

describe('grantSubmit of an API of another app', () => {
  const stackOf = () => new Stack(new App(), 'Other', { env: { account: '123456789012', region: 'eu-west-1' } });

  test('the submit function is found by its ARN', () => {
    const stack = stackOf();
    const api = StreamerApi.fromStreamerApiAttributes(stack, 'Api', { apiId: 'abc', submitFunctionArn: ARN });
    const first = api.submitFunction;
    api.grantSubmit(own(stack));
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { [VARIABLE]: ARN } } });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: [`${ARN}:$LATEST`, ARN] }],
      },
    });
    expect(api.submitFunction).toBe(first);
  });

  test('the submit function of an API of another app must be named', () => {
    const api = StreamerApi.fromStreamerApiAttributes(stackOf(), 'Api', { apiId: 'abc' });

    expect(() => api.grantSubmit(own(stackOf()))).toThrow(
      '`submitFunctionArn` must be set to submit requests, got: undefined. Export `api.submitFunction.functionArn`',
    );
  });
});
