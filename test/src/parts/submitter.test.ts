import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { OnDisconnect, StreamerApi, StreamerHandler } from '../../../src';
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

test('the submit function is created only when it is used', () => {
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

  test('the submit function is created once, however often it is used', () => {
    expect(api.submitFunction).toBe(first);
    expect(functionOf(template, 'Submitter').Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Timeout: 30,
      MemorySize: 1024,
    });
  });

  test('the submit function has variables for the retention and the limits', () => {
    const { STREAMER_RETENTION_SECONDS, STREAMER_LIMITS } = environmentOf(template, 'Submitter');

    expect(STREAMER_RETENTION_SECONDS).toBe('604800');
    expect(JSON.parse(STREAMER_LIMITS)).toMatchObject({ maxEvents: 10_000 });
  });

  test("the submit function's code contains all actions, and the maximum attempts of async actions", () => {
    const dev = build(minimalProps(), { 'aws:cdk:bundling-stacks': [], 'cdk-streamer:dev': true });
    expect(dev.api.submitFunction).toBeDefined();
    const entry = entryOf(Template.fromStack(dev.stack), 'Submitter');
    expect(entry).toContain(`"echo": { kind: 'sync' }`);
    expect(entry).toContain(`"generate_report": { kind: 'async', maxAttempts: 3, schema: `);
  });

  test("the submit function's code contains the settings that apply to new requests", () => {
    const handlers = {
      brief: StreamerHandler.async('handlers/report.ts', {
        deadline: Duration.seconds(90),
        onDisconnect: OnDisconnect.cancelAfter(Duration.seconds(0)),
      }),
    };
    const dev = build({ ...minimalProps(), handlers }, { 'aws:cdk:bundling-stacks': [], 'cdk-streamer:dev': true });
    expect(dev.api.submitFunction).toBeDefined();
    const entry = entryOf(Template.fromStack(dev.stack), 'Submitter');
    expect(entry).toContain(`"brief": { kind: 'async', maxAttempts: 3, deadlineMs: 90000, cancelAfterMs: 0`);
  });

  test('the submit function may accept requests, read their status, list and cancel them and send them messages, and nothing else', () => {
    expect(permissionsOf(template, 'Submitter')).toEqual(
      [
        'Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on <EventsTable.Arn>',
        'Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on <RequestsTable.Arn>',
        'Allow dynamodb:Query on <RequestsTable.Arn>/index/byUser',
        'Allow logs:CreateLogStream logs:PutLogEvents on <SubmitterFunctionLogs.Arn>',
      ].sort(),
    );
  });

  test('grantSubmit lets a function, a role and a handler invoke the submit function', () => {
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

  test("grantSubmit sets the variable with the submit function's ARN on functions", () => {
    const [mine] = Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(([id, { Properties }]) =>
      id.startsWith('Own') ? [Properties.Environment.Variables[VARIABLE]] : [],
    );

    expect(mine).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^StreamerSubmitterFunction/), 'Arn'] });
    expect(environmentOf(template, 'Processorsgeneratereport')[VARIABLE]).toBe('<SubmitterFunction.Arn>');
    expect(environmentOf(template, 'Router')).not.toHaveProperty(VARIABLE);
  });
});

test('the rules of cdk-nag find nothing in the submit function and in its grantees', () => {
  const { app, api, stack } = build(minimalProps());
  api.grantSubmit(api.handler('generate_report'));
  app.synth();
  for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
    expect(pack.validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  }
});

test("the submit function may use the customer's key, as every function may", () => {
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

  test('an API of another app needs `submitFunctionArn` for its submit function', () => {
    const api = StreamerApi.fromStreamerApiAttributes(stackOf(), 'Api', { apiId: 'abc' });

    expect(() => api.grantSubmit(own(stackOf()))).toThrow(
      '`submitFunctionArn` must be set to submit requests, got: undefined. Export `api.submitFunction.functionArn`',
    );
  });
});
