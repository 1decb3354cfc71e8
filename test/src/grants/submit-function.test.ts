import { App, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type IStreamerApi, StreamerApi } from '../../../src';

const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:submit';
const [OWNER, OTHER] = ['123456789012', '222222222222'];

type MakeGrantee = (stack: Stack) => IGrantable;

const fn: MakeGrantee = (stack) =>
  new LambdaFunction(stack, 'Own', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({});'),
  });
const role: MakeGrantee = (stack) =>
  new Role(stack, 'Own', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
const roleOf =
  (account: string): MakeGrantee =>
  (stack) =>
    Role.fromRoleArn(stack, 'Own', `arn:aws:iam::${account}:role/caller`);
const service: MakeGrantee = () => new ServicePrincipal('scheduler.amazonaws.com');

/** Creates a stack that uses the API of another app. The stack's account is known or unknown. */
function stackWith(account: string | undefined, use: (api: IStreamerApi, stack: Stack) => void, functionArn = ARN) {
  const stack = new Stack(new App(), 'Caller', { env: account ? { account, region: 'eu-central-1' } : undefined });
  use(StreamerApi.fromStreamerApiAttributes(stack, 'Api', { apiId: 'abc', submitFunctionArn: functionArn }), stack);
  return stack;
}

const granted = (account: string | undefined, make: MakeGrantee, functionArn = ARN) =>
  stackWith(account, (api, stack) => api.grantSubmit(make(stack)), functionArn);

const warningsOf = (stack: Stack): string[] =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data));

const advice = (principal: string) => `\`api.submitFunction.addPermission('Submit', { ${principal} })\``;

describe.each<[name: string, make: MakeGrantee]>([
  ['a function', fn],
  ['a role', role],
])('grantSubmit of an API of another app to %s', (_name, make) => {
  test.each([
    ['of a stack without an account', undefined],
    ['of another account', OTHER],
    ['of the same account', OWNER],
  ])('the policy of a grantee %s allows the invocation', (_where, account) => {
    Template.fromStack(granted(account, make)).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: [`${ARN}:$LATEST`, ARN] }],
      },
    });
  });

  test('a warning contains the permission that the owner of the function must add for another account', () => {
    const [warning, ...more] = warningsOf(granted(OTHER, make));
    expect(warning).toContain(
      `The submit function of Caller/Api is in the account ${OWNER}, so this app cannot change`,
    );
    expect(warning).toContain(`${advice("principal: new AccountPrincipal('222222222222')")}, unless`);
    expect(warning).toContain('[ack: cdk-streamer:submitPermission]');
    expect(more).toEqual([]);
  });

  test('a warning contains the permission if the account is not known', () => {
    expect(warningsOf(granted(undefined, make))).toEqual([
      expect.stringContaining(advice("principal: new AccountPrincipal('<account of Caller>')")),
    ]);
  });

  test('there is no warning within one account', () => {
    expect(warningsOf(granted(OWNER, make))).toEqual([]);
  });

  test('there is no warning for an ARN that is imported from a stack of the same environment', () => {
    expect(warningsOf(granted(undefined, make, Fn.importValue('SubmitFunctionArn')))).toEqual([]);
  });
});

describe('grantSubmit of an API of another app to principals without a policy in the app', () => {
  test('an imported role needs no permission from the owner if it is in the account of the function', () => {
    expect(warningsOf(granted(undefined, roleOf(OWNER)))).toEqual([]);
  });

  test('an imported role of another account is named by its ARN', () => {
    expect(warningsOf(granted(undefined, roleOf(OTHER)))).toEqual([
      expect.stringContaining(advice("principal: new ArnPrincipal('arn:aws:iam::222222222222:role/caller')")),
    ]);
  });

  test("a service always needs a permission in the function's policy", () => {
    const [warning] = warningsOf(granted(undefined, service));
    expect(warning).toContain(advice("principal: new ServicePrincipal('scheduler.amazonaws.com')"));
    expect(warning).not.toContain('unless');
  });

  test("within one account, a service gets the permission in the function's policy", () => {
    Template.fromStack(granted(OWNER, service)).hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: ARN,
      Principal: 'scheduler.amazonaws.com',
    });
  });
});

test('the warning names a rule that invokes the function of another account', () => {
  const stack = stackWith(undefined, (api, scope) => {
    const targets = [new LambdaTarget(api.submitFunction)];
    new Rule(scope, 'Nightly', { schedule: Schedule.cron({ hour: '3', minute: '0' }), targets });
  });
  const expected = advice("principal: new ServicePrincipal('events.amazonaws.com'), sourceArn: '<ARN of the source>'");
  expect(warningsOf(stack)).toContainEqual(expect.stringContaining(expected));
});

test('the grant that grantSubmit returns can be a dependency of other resources', () => {
  const stack = stackWith(OTHER, (api, scope) => {
    api.grantSubmit(fn(scope)).applyBefore(role(new Stack(scope, 'Later')) as Role);
  });
  expect(Template.fromStack(stack).toJSON()).toBeDefined();
});
