import { loadAssembly } from '../../../../local/emulator/assembly';
import type { SqsService } from '../../../../local/emulator/sqs';
import { schedulesOf } from '../../../../local/run/from-template/schedules';
import { removeAssemblies, writeAssembly } from '../../emulator/assembly/write-assembly';

/** Schedules of hand-written templates. */
afterEach(removeAssemblies);

const load = (Resources: object) => loadAssembly(writeAssembly({ App: { template: { Resources } } }));
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const PARTS = {
  F: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'worker' } },
  Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'queue' } },
};

const schedule = (Target: object, more: object = {}, Metadata?: object) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { RoleArn: 'role', ...Target },
    ...more,
  },
  Metadata,
});

function read(resources: object) {
  const assembly = load({ ...PARTS, ...resources });
  const invoked: unknown[] = [];
  const sent: unknown[] = [];
  const found = schedulesOf(assembly, {
    invoker: {
      invoke: () => Promise.reject(new Error('schedules invoke asynchronously')),
      invokeAsync: (name, event) => void invoked.push([name, event]),
    },
    sqs: {
      queueByArn: (queueArn) => ({ send: (input: object) => sent.push([queueArn.split(':').at(-1), input]) }) as never,
    } satisfies Pick<SqsService, 'queueByArn'>,
    runs: (name) => name === 'worker',
    nameOf: (name) => name,
  });
  return { ...found, warnings: [...assembly.warnings, ...found.warnings], invoked, sent };
}

test('a schedule has all properties of the template, and invokes its function', () => {
  const { schedules, warnings, invoked } = read({
    S: schedule(
      {
        Arn: arn('F'),
        Input: '{"n":1}',
        RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 60 },
      },
      {
        Name: 'nightly',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        StartDate: '2026-01-01T00:00:00Z',
        EndDate: '2026-02-01T00:00:00Z',
        State: 'DISABLED',
        KmsKeyArn: 'key',
      },
    ),
  });
  expect(warnings).toEqual([]);
  expect(schedules.map(({ spec, action }) => ({ ...spec, target: spec.target.name, action }))).toEqual([
    {
      name: 'nightly',
      arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly',
      expression: 'cron(0 3 * * ? *)',
      timeZone: 'Europe/Berlin',
      startAt: Date.UTC(2026, 0, 1),
      endAt: Date.UTC(2026, 1, 1),
      enabled: false,
      input: '{"n":1}',
      target: 'worker',
      maxRetries: 5,
      maxAgeMs: 60_000,
    },
  ]);
  schedules[0].spec.target.deliver('{"n":1}', () => undefined);
  expect(invoked).toEqual([['worker', { n: 1 }]]);
});

test('a schedule of an action is named after the action, and one of a group after the group', () => {
  const { schedules } = read({
    A: schedule({ Arn: arn('F') }, {}, { 'cdk-streamer:schedule': { action: 'report', name: 'nightly' } }),
    G: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'night' } },
    B: schedule({ Arn: arn('F') }, { Name: 'b', GroupName: { Ref: 'G' } }),
  });
  expect(schedules.map(({ spec, action }) => [spec.name, action])).toEqual([
    ['report/nightly', 'report'],
    ['night/b', undefined],
  ]);
});

test('schedules with the same name, for example in two APIs, get their addresses as names', () => {
  const metadata = { 'cdk-streamer:schedule': { action: 'report', name: 'nightly' } };
  const { schedules } = read({
    A: schedule({ Arn: arn('F') }, {}, metadata),
    B: schedule({ Arn: arn('F') }, {}, metadata),
  });
  expect(schedules.map(({ spec }) => spec.name)).toEqual(['App/A', 'App/B']);
});

test('a schedule sends to its queue, and a failed delivery goes to the dead-letter queue with the reason', () => {
  const { schedules, sent } = read({
    D: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    S: schedule(
      { Arn: arn('Q'), SqsParameters: { MessageGroupId: 'g' }, DeadLetterConfig: { Arn: arn('D') } },
      { Name: 's' },
    ),
  });
  const { target } = schedules[0].spec;
  const answers: unknown[] = [];
  target.deliver('{"n":1}', (answer) => answers.push(answer));
  expect(answers).toEqual([{ ok: true }]);
  target.onFailure?.({ json: '{"n":2}', error: new Error('too large'), retries: 3 });
  const value = (StringValue: string) => ({ DataType: 'String', StringValue });
  expect(sent).toEqual([
    ['queue', { body: '{"n":1}', groupId: 'g' }],
    [
      'dead',
      {
        body: '{"n":2}',
        attributes: {
          ERROR_CODE: value('Error'),
          ERROR_MESSAGE: value('too large'),
          RETRY_ATTEMPTS: value('3'),
          SCHEDULE_ARN: value('arn:aws:scheduler:us-east-1:000000000000:schedule/default/s'),
          TARGET_ARN: value('arn:aws:sqs:us-east-1:000000000000:queue'),
        },
      },
    ],
  ]);
});

test.each([
  ['a function that is not run', 'arn:aws:lambda:us-east-1:000000000000:function:other'],
  ['a universal target', 'arn:aws:scheduler:::aws-sdk:lambda:invoke'],
])('a warning names a schedule whose target is %s', (_name, target) => {
  const { schedules, warnings } = read({ S: schedule({ Arn: target }) });
  expect(schedules).toEqual([]);
  expect(warnings).toEqual([
    `App/S does not reach ${target}, which is neither a function nor a queue of the local run`,
  ]);
});
