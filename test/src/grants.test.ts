import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { OnDisconnect, StreamerHandler } from '../../src';
import { build, maximalProps, minimalProps, synthesize } from './support/apps';
import { permissionsOf, resource } from './support/readable';

const logsOf = (part: string) => `Allow logs:CreateLogStream logs:PutLogEvents on <${part}FunctionLogs.Arn>`;
const connections =
  'Allow execute-api:ManageConnections on arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketApi>/v1/POST/@connections/*';

describe('each role holds exactly what its function uses', () => {
  const template = synthesize(minimalProps());

  test.each<[part: string, permissions: string[]]>([
    ['Authorizer', []],
    [
      'Router',
      [
        'Allow dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:PutItem on <ConnectionsTable.Arn>',
        'Allow dynamodb:Query on <RequestsTable.Arn>/index/byUser',
        'Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on <RequestsTable.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:PutItem on <SubscriptionsTable.Arn>',
        'Allow dynamodb:Query on <SubscriptionsTable.Arn>/index/byConnection',
        'Allow dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on <EventsTable.Arn>',
      ],
    ],
    [
      'Dispatcher',
      [
        'Allow dynamodb:ListStreams on <RequestsTable.StreamArn>',
        'Allow dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator on <RequestsTable.StreamArn>',
        'Allow sqs:SendMessage on <DispatcherFailures.Arn>',
        expect.stringMatching(
          /^Allow sqs:SendMessage on arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:TestStreamer[0-9A-F]{8}-\*$/,
        ),
        'Allow dynamodb:DeleteItem dynamodb:GetItem on <ConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem on <RequestsTable.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:Query on <SubscriptionsTable.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on <EventsTable.Arn>',
        connections,
      ],
    ],
    [
      'Processorsgeneratereport',
      [
        'Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on <ProcessorsgeneratereportQueue.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:GetItem on <ConnectionsTable.Arn>',
        'Allow dynamodb:UpdateItem on <RequestsTable.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:Query on <SubscriptionsTable.Arn>',
        'Allow dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on <EventsTable.Arn>',
        connections,
      ],
    ],
    [
      'Sweeper',
      [
        'Allow dynamodb:GetItem dynamodb:UpdateItem on <RequestsTable.Arn>',
        'Allow dynamodb:Query on <RequestsTable.Arn>/index/due',
        'Allow dynamodb:DeleteItem dynamodb:Query on <EventsTable.Arn>',
      ],
    ],
  ])('each role has exactly the permissions that its function uses: %s', (part, permissions) => {
    expect(permissionsOf(template, part)).toEqual([...permissions, logsOf(part)].sort());
  });

  test('no role has a managed policy', () => {
    const managed = Object.values(template.findResources('AWS::IAM::Role')).map(
      (role) => role.Properties.ManagedPolicyArns,
    );
    expect(managed).toEqual(managed.map(() => undefined));
  });
});

test('with `OnDisconnect.cancelAfter`, the processor of the action may put subscriptions, and no other role changes', () => {
  const handlers = {
    ...minimalProps().handlers,
    chat: StreamerHandler.async('handlers/report.ts', { onDisconnect: OnDisconnect.cancelAfter(Duration.seconds(30)) }),
    keep: StreamerHandler.async('handlers/report.ts', { onDisconnect: OnDisconnect.keepRunning() }),
  };
  const template = synthesize({ ...minimalProps(), handlers });
  const subscriptions = (part: string) =>
    permissionsOf(template, part).filter((line) => line.includes('<SubscriptionsTable.Arn>'));

  expect(subscriptions('Processorschat')).toEqual([
    'Allow dynamodb:DeleteItem dynamodb:PutItem dynamodb:Query on <SubscriptionsTable.Arn>',
  ]);
  expect(subscriptions('Processorskeep')).toEqual([
    'Allow dynamodb:DeleteItem dynamodb:Query on <SubscriptionsTable.Arn>',
  ]);
  expect(permissionsOf(template, 'Router')).toEqual(permissionsOf(synthesize(minimalProps()), 'Router'));
});

describe('a grant to one handler', () => {
  const { api, stack } = build(maximalProps());
  new Bucket(stack, 'Bucket').grantWrite(api.handler('generate_report'));
  new Bucket(stack, 'Shared').grantRead(api.handler('echo'));
  const template = Template.fromStack(stack);
  const onBucket = (part: string) => permissionsOf(template, part).filter((line) => line.includes('<Bucket'));

  test('a grant to one handler reaches the role of that handler', () => {
    expect(onBucket('Processorsgeneratereport')).toContainEqual(expect.stringContaining('s3:PutObject'));
  });

  test.each([
    'Processorsarchive',
    'Router',
    'Dispatcher',
    'Sweeper',
    'Authorizer',
  ])('a grant to one handler is absent from the role of %s', (part) => {
    expect(onBucket(part)).toEqual([]);
  });

  test('a grant to one handler reaches the router for a sync handler, and no other role', () => {
    const parts = ['Router', 'Processorsgeneratereport', 'Processorsarchive', 'Dispatcher', 'Sweeper', 'Authorizer'];
    expect(parts.filter((part) => permissionsOf(template, part).some((line) => line.includes('<Shared')))).toEqual([
      'Router',
    ]);
  });

  test('a grant to one handler as initial policy reaches the same role', () => {
    expect(permissionsOf(template, 'Processorsgeneratereport')).toContain('Allow s3:PutObject on arn:aws:s3:::b/o');
    expect(permissionsOf(template, 'Router')).toContain('Allow s3:GetObject on arn:aws:s3:::b/o');
    expect(permissionsOf(template, 'Processorsarchive')).not.toContain('Allow s3:PutObject on arn:aws:s3:::b/o');
  });

  test("a grant to one handler does not mention resources of another action's handler", () => {
    expect(permissionsOf(template, 'Processorsarchive').join()).not.toContain('generatereport');
    expect(resource(template, 'AWS::SQS::Queue', 'ProcessorsarchiveQueue').Properties.RedrivePolicy).toEqual({
      deadLetterTargetArn: '<ProcessorsarchiveDeadLetters.Arn>',
      maxReceiveCount: 1_000,
    });
  });
});
