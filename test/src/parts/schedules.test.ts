import { App, Aspects, CfnParameter, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy, PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { type ActionSchedule, type AsyncHandlerOptions, StreamerApi, StreamerHandler } from '../../../src';
import { auth, build, minimalProps, secureProps } from '../support/apps';
import { makeProject } from '../support/project';
import { readable, resource } from '../support/readable';

const schedule = ScheduleExpression.rate(Duration.hours(1));
const hourly: ActionSchedule = { name: 'hourly', schedule, user: 'ann' };

const report = (schedules: unknown, options: AsyncHandlerOptions = {}) =>
  StreamerHandler.async('handlers/report.ts', { ...options, schedules: schedules as ActionSchedule[] });

function buildWith(schedules: unknown, props: object = {}) {
  return build({ auth, projectRoot: makeProject(), handlers: { report: report(schedules) }, ...props });
}

const templateOf = (schedules: unknown, props: object = {}) => Template.fromStack(buildWith(schedules, props).stack);

// biome-ignore lint/suspicious/noExplicitAny: a template's properties have no static shape
const schedulesIn = (template: Template): any[] =>
  Object.values(template.findResources('AWS::Scheduler::Schedule')).map(readable);

describe('the resources', () => {
  test('a schedule invokes the submit function with a submission of its action', () => {
    const [created] = schedulesIn(templateOf([{ ...hourly, tenant: 'acme', input: { year: 2026 } }]));
    expect(created.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: '<SubmitterFunction.Arn>', RoleArn: '<SchedulesRole.Arn>' },
    });
    expect(JSON.parse(created.Properties.Target.Input)).toEqual({
      type: 'submit',
      user: 'ann',
      tenant: 'acme',
      action: 'report',
      input: { year: 2026 },
      key: 'schedule report hourly <aws.scheduler.scheduled-time>',
    });
    expect(created.Metadata).toEqual({ 'cdk-streamer:schedule': { action: 'report', name: 'hourly' } });
  });

  test('a schedule has the time zone of its expression, and may be disabled', () => {
    const berlin = ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });
    const [created] = schedulesIn(templateOf([{ ...hourly, schedule: berlin, enabled: false }]));
    expect(created.Properties).toMatchObject({
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'DISABLED',
    });
  });

  test('runs that EventBridge Scheduler or Lambda cannot deliver go to one dead-letter queue', () => {
    const template = templateOf([hourly]);
    const [{ Properties }] = schedulesIn(template);
    expect(Properties.Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 });
    expect(Properties.Target.DeadLetterConfig).toEqual({ Arn: '<SchedulesDeadLetters.Arn>' });
    const [config] = Object.values(template.findResources('AWS::Lambda::EventInvokeConfig')).map(readable);
    expect(config).toMatchObject({
      Properties: {
        FunctionName: '<SubmitterFunction>',
        DestinationConfig: { OnFailure: { Destination: '<SchedulesDeadLetters.Arn>' } },
      },
    });
  });

  test('the role may invoke the submit function and send to the dead-letter queue only', () => {
    const { Properties } = resource(templateOf([hourly]), 'AWS::IAM::Policy', 'SchedulesRoleDefaultPolicy');
    expect(Properties.PolicyDocument.Statement).toEqual([
      { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: '<SubmitterFunction.Arn>' },
      { Action: 'sqs:SendMessage', Effect: 'Allow', Resource: '<SchedulesDeadLetters.Arn>' },
    ]);
  });

  test("only schedules of the account's default group can assume the role", () => {
    const { Properties } = resource(templateOf([hourly]), 'AWS::IAM::Role', 'SchedulesRole');
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: {
            'aws:SourceAccount': '<AWS::AccountId>',
            'aws:SourceArn': 'arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule-group/default',
          },
        },
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
      },
    ]);
  });

  test("the customer's key encrypts schedules and the dead-letter queue", () => {
    const template = Template.fromStack(build(secureProps, undefined, 'eu-west-1').stack);
    const [{ Properties }] = schedulesIn(template);
    expect(Properties.KmsKeyArn).toMatch(/^<Key.*\.Arn>$/);
    const policy = resource(template, 'AWS::IAM::Policy', 'SchedulesRoleDefaultPolicy');
    const actions = policy.Properties.PolicyDocument.Statement.map((each: { Action: unknown }) => each.Action);
    expect(actions).toEqual([
      'lambda:InvokeFunction',
      'sqs:SendMessage',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      'kms:Decrypt',
    ]);
  });

  test('the permissions boundary of functions also applies to the role of the schedules', () => {
    const { stack } = build((scope) => ({
      auth,
      projectRoot: makeProject(),
      handlers: { report: report([hourly]) },
      functionDefaults: {
        permissionsBoundary: ManagedPolicy.fromManagedPolicyName(scope, 'Boundary', 'boundary'),
      },
    }));
    const role = resource(Template.fromStack(stack), 'AWS::IAM::Role', 'SchedulesRole');
    expect(role.Properties.PermissionsBoundary).toMatch(/policy\/boundary$/);
  });

  test('all schedules of an API share the role and the queue, which the API exposes', () => {
    const { api, stack } = buildWith([hourly, { ...hourly, name: 'daily' }]);
    api.addHandler('other', report([hourly]));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Scheduler::Schedule', 3);
    expect(new Set(schedulesIn(template).map(({ Properties }) => Properties.Target.RoleArn)).size).toBe(1);
    expect(stack.resolve(api.schedules?.deadLetterQueue.queueArn)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/SchedulesDeadLetters/), 'Arn'],
    });
    expect(api.schedules?.role.roleArn).toBeDefined();
  });

  test('an API without schedules has neither their resources nor a submitter', () => {
    const { api, stack } = build(minimalProps());
    const template = Template.fromStack(stack);
    expect(api.schedules).toBeUndefined();
    template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 0);
    expect(Object.keys(template.findResources('AWS::Lambda::Function')).join()).not.toMatch(/Submitter/);
  });

  test('an aspect that moves schedules to another group is refused, unless the role accepts the group', () => {
    const moved = (accept: (api: StreamerApi) => void) => {
      const { app, api } = buildWith([hourly]);
      Aspects.of(app).add({
        visit: (node) => {
          if (node instanceof CfnSchedule) node.groupName = 'nightly';
        },
      });
      accept(api);
      return () => app.synth();
    };
    expect(moved(() => undefined)).toThrow(
      /`GroupName of Test\/Streamer\/Processors\/report\/Schedules\/hourly` must be absent, got: 'nightly'\. Only schedules of the group `default` can assume the role/,
    );
    const statement = new PolicyStatement({
      actions: ['sts:AssumeRole'],
      principals: [new ServicePrincipal('scheduler.amazonaws.com')],
      conditions: {
        StringEquals: { 'aws:SourceArn': 'arn:aws:scheduler:eu-west-1:123456789012:schedule-group/nightly' },
      },
    });
    expect(moved((api) => (api.schedules?.role as Role).assumeRolePolicy?.addStatements(statement))).not.toThrow();
  });

  test('a second configuration of asynchronous invocations is refused in any order, and the error names the remedy', () => {
    const message =
      /`configureAsyncInvoke` must be called at most once for a function, got: 'Test\/Streamer\/Submitter\/Function'\. The `schedules` of an action configure the submit function/;
    const after = buildWith([hourly]);
    expect(() => after.api.submitFunction.configureAsyncInvoke({ retryAttempts: 0 })).toThrow(message);
    const before = build({ ...minimalProps() });
    before.api.submitFunction.configureAsyncInvoke({ retryAttempts: 0 });
    expect(() => before.api.addHandler('other', report([hourly]))).toThrow(message);
  });

  test('single properties of asynchronous invocations can be changed on the resource', () => {
    const { api, stack } = buildWith([hourly]);
    const config = api.submitFunction.node.findChild('EventInvokeConfig').node.defaultChild as CfnEventInvokeConfig;
    config.addPropertyOverride('MaximumRetryAttempts', 1);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 1 });
  });

  test('schedules are in the nested stack of their action', () => {
    const { stack } = buildWith([hourly], { handlerStacks: 1 });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    template.hasResource('AWS::CloudFormation::Stack', {
      Properties: { Parameters: Match.objectLike({}) },
    });
    const nested = stack.node.findAll().find((each) => each instanceof Stack && each !== stack) as Stack;
    Template.fromStack(nested).resourceCountIs('AWS::Scheduler::Schedule', 1);
  });

  test('an action with too many schedules for one stack is refused at the end of synthesis', () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ ...hourly, name: `n${i}` }));
    const { app } = buildWith(many, { handlerStacks: 1 });
    expect(() => app.synth()).toThrow(/`handlerStacks` must leave room for the handlers of the API/);
  });

  test('the requests of a schedule have its priority class, which must be a class of the action', () => {
    const schedules = [{ ...hourly, priority: 'bulk' }];
    const withClass = (name: string) => ({ handlers: { report: report(schedules, { priorities: { [name]: {} } }) } });
    const [created] = schedulesIn(templateOf(schedules, withClass('bulk')));
    expect(JSON.parse(created.Properties.Target.Input)).toMatchObject({ action: 'report', priority: 'bulk' });
    const prop = '`handlers.report.schedules.hourly.priority` must';
    expect(() => buildWith(schedules)).toThrow(`${prop} be absent: the action has no \`priorities\`, got: 'bulk'`);
    expect(() => buildWith(schedules, withClass('night'))).toThrow(`${prop} be night, got: 'bulk'`);
  });

  test('an input may contain tokens, and the size of such an input is not checked', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new Stack(app, 'Test');
    const bucket = new CfnParameter(stack, 'Bucket').valueAsString;
    const handlers = { report: report([{ ...hourly, input: { bucket } }]) };
    new StreamerApi(stack, 'Streamer', { auth, projectRoot: makeProject(), handlers });
    const [{ Properties }] = schedulesIn(Template.fromStack(stack));
    expect(Properties.Target.Input).toContain('"input":{"bucket":"<Bucket>"}');
  });
});

describe('the checks', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;

  test.each([
    ['a value that is not an array', 'hourly', /^`schedules` must be an array, got: 'hourly'/],
    ['an element that is not an object', ['hourly'], /^`schedules\[0\]` must be an object with `name`/],
    ['an unknown property', [{ ...hourly, time: 1 }], /^`schedules\[0\]\.time` must be a property that exists/],
    ['no name', [{ ...hourly, name: undefined }], /^`schedules\[0\]\.name` must be a letter, then/],
    ['a name with a slash', [{ ...hourly, name: 'a/b' }], /^`schedules\[0\]\.name` must be a letter, then/],
    ['a repeated name', [hourly, hourly], /^`schedules\[1\]\.name` must differ from the names of the other schedules/],
    ['no user', [{ ...hourly, user: undefined }], /^`schedules\[0\]\.user` must be a string of 1 to 256 characters/],
    ['a user that is too long', [{ ...hourly, user: 'u'.repeat(257) }], /`schedules\[0\]\.user` must be a string of 1/],
    ['a user with a lone surrogate', [{ ...hourly, user: '\ud800' }], /`schedules\[0\]\.user` must have no lone/],
    ['an empty tenant', [{ ...hourly, tenant: '' }], /^`schedules\[0\]\.tenant` must be a string of 1 to 256/],
    ['a number as `enabled`', [{ ...hourly, enabled: 1 }], /^`schedules\[0\]\.enabled` must be true or false, got: 1/],
    ['a string as expression', [{ ...hourly, schedule: 'rate(1 hour)' }], /must be a ScheduleExpression/],
    [
      'a cron expression with five fields',
      [{ ...hourly, schedule: ScheduleExpression.expression('cron(0 3 * * ?)') }],
      /^`schedules\[0\]\.schedule` must be `rate\(value unit\)`, `cron\(…\)` with six fields, or `at/,
    ],
    [
      'an unknown time zone',
      [{ ...hourly, schedule: ScheduleExpression.expression('cron(0 3 * * ? *)', TimeZone.of('Mars/Olympus')) }],
      /^`schedules\[0\]\.schedule\.timeZone` must be a name of the IANA time zone database, got: 'Mars\/Olympus'/,
    ],
    [
      'a time zone that is a string',
      [{ ...hourly, schedule: ScheduleExpression.cron({ hour: '3', timeZone: 'Europe/Berlin' as never }) }],
      /^`schedules\[0\]\.schedule\.timeZone` must be a TimeZone, got: 'Europe\/Berlin'/,
    ],
    [
      'a cron expression with an hour that does not exist',
      [{ ...hourly, schedule: ScheduleExpression.cron({ hour: '24', minute: '0' }) }],
      /^`schedules\[0\]\.schedule` must have hours from 0 to 23, got: 'cron\(0 24/,
    ],
    [
      'a user that differs between deliveries',
      [{ ...hourly, user: '<aws.scheduler.execution-id>' }],
      /^`schedules\[0\]\.user` must contain no keyword of EventBridge Scheduler, got: '<aws\.scheduler\.execution-id>'/,
    ],
    [
      'a name that objects inherit',
      [{ ...hourly, name: 'constructor' }],
      /^`schedules\[0\]\.name` must be a name that no/,
    ],
    [
      'a date in the input',
      [{ ...hourly, input: { at: new Date(0) } }],
      /`schedules\[0\]\.input\.at` must be a JSON value/,
    ],
    [
      'a function in the input',
      [{ ...hourly, input: [() => 1] }],
      /^`schedules\[0\]\.input\[0\]` must be a JSON value/,
    ],
    [
      'a number in the input that is not finite',
      [{ ...hourly, input: Number.NaN }],
      /`schedules\[0\]\.input` must be a JSON/,
    ],
    [
      'an input that contains itself',
      [{ ...hourly, input: cyclic }],
      /`schedules\[0\]\.input\.self` must be a JSON value/,
    ],
    [
      'an execution id in the input',
      [{ ...hourly, input: { id: '<aws.scheduler.execution-id>' } }],
      /^`schedules\[0\]\.input` must be the same in each delivery of a run, got: '<aws\.scheduler\.execution-id>'/,
    ],
  ])('%s is refused', (_name, schedules, message) => {
    expect(() => report(schedules)).toThrow(message as RegExp);
  });

  test('schedules of an action that accepts no requests are refused', () => {
    expect(() => report([hourly], { retired: true })).toThrow(
      '`schedules` must have no entry if `retired` is true, got: 1',
    );
    expect(() => report([], { retired: true })).not.toThrow();
  });

  test('an input above the size of a message is refused, and the largest one is accepted', () => {
    const sized = (bytes: number) => buildWith([{ ...hourly, input: 'x'.repeat(bytes - 2) }]);
    expect(() => sized(40_000)).toThrow(
      /^`handlers\.report\.schedules\.hourly\.input` must have at most 32672 bytes as JSON, got: 40000/,
    );
    expect(() => sized(32_673)).toThrow(/at most 32672 bytes/);
    expect(() => sized(32_672)).not.toThrow();
  });

  test("an input above the API's own limit is refused", () => {
    const { Size } = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
    expect(() =>
      buildWith([{ ...hourly, input: 'x'.repeat(99) }], { limits: { maxInputSize: Size.bytes(100) } }),
    ).toThrow(/must have at most the 100 bytes of `limits\.maxInputSize` as JSON, got: 101/);
  });
});
