import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, AnyPrincipal, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { StreamerTopic } from '../../../src';
import { routerEntry } from '../../../src/bundling/entry';
import { build, minimalProps, synthesize } from '../support/apps';
import { environmentOf, permissionsOf, resource } from '../support/readable';

const TOPICS = {
  'news/*': StreamerTopic.readOnly(),
  'users/{user}': StreamerTopic.readOnly(),
  'rooms/*': StreamerTopic.publishable(),
};
const withTopics = () => ({ ...minimalProps(), topics: TOPICS });
const SEND = 'Allow sqs:SendMessage on <NotifierQueue.Arn>';

describe('without topics', () => {
  const { api, stack } = build(minimalProps());

  test('an API without topics has no notifier', () => {
    expect(api.functions.notifier).toBeUndefined();
    expect(api.topics).toBeUndefined();
    const template = Template.fromStack(stack);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/Notifier|STREAMER_TOPICS|STREAMER_PUBLISH_QUEUE|Fifo/);
  });

  test('an API without topics cannot grant publishing', () => {
    expect(() => api.grantPublish(api.handler('echo'))).toThrow(
      "`grantPublish` must be called on an API with `topics`, got: 'one without'. Define the topics that users may subscribe to: `topics: { 'news/*': StreamerTopic.readOnly() }`",
    );
  });
});

describe('with topics', () => {
  const template = synthesize(withTopics());

  test('a published message goes through a FIFO queue with a dead-letter queue', () => {
    const { Properties } = resource(template, 'AWS::SQS::Queue', 'NotifierQueue');
    expect(Properties).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      VisibilityTimeout: 120,
      RedrivePolicy: { deadLetterTargetArn: '<NotifierDeadLetters.Arn>', maxReceiveCount: 20 },
    });
    expect(Properties.ContentBasedDeduplication).toBeUndefined();
    expect(resource(template, 'AWS::SQS::Queue', 'NotifierDeadLetters').Properties).toMatchObject({ FifoQueue: true });
  });

  test('the notifier reads the queue of topics with limited concurrency', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('NotifierFunction') },
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('the notifier may only write logs of topics, send to connections, and send parts of fan-outs to its own queue', () => {
    expect(permissionsOf(template, 'Notifier')).toEqual(
      [
        'Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on <NotifierQueue.Arn>',
        'Allow dynamodb:DeleteItem on <ConnectionsTable.Arn>',
        'Allow dynamodb:DeleteItem dynamodb:Query on <SubscriptionsTable.Arn>',
        'Allow dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem on <EventsTable.Arn>',
        'Allow sqs:SendMessage on <NotifierQueue.Arn>',
        'Allow execute-api:ManageConnections on arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketApi>/v1/POST/@connections/*',
        'Allow logs:CreateLogStream logs:PutLogEvents on <NotifierFunctionLogs.Arn>',
      ].sort(),
    );
  });

  test('the rate of topics is 2,000 frames per second by default, and the notifier gets it', () => {
    expect(environmentOf(template, 'Notifier').STREAMER_TOPIC_RATE).toBe('2000');
    const faster = synthesize({ ...withTopics(), topicRate: 5_000 });
    expect(environmentOf(faster, 'Notifier').STREAMER_TOPIC_RATE).toBe('5000');
  });

  test.each([199, 100_001, 1.5])('a rate of topics of %p is refused', (topicRate) => {
    expect(() => synthesize({ ...withTopics(), topicRate })).toThrow(
      `\`topicRate\` must be a whole number from 200 to 100000, got: ${topicRate}`,
    );
  });

  test('the router may send to the queue of topics, and has the topic rules', () => {
    const before = permissionsOf(synthesize(minimalProps()), 'Router');
    expect(permissionsOf(template, 'Router')).toEqual([...before, SEND].sort());
    const { STREAMER_TOPICS, STREAMER_PUBLISH_QUEUE } = environmentOf(template, 'Router');
    expect(JSON.parse(STREAMER_TOPICS)).toEqual([
      { pattern: 'news/*', publish: false },
      { pattern: 'users/{user}', publish: false },
      { pattern: 'rooms/*', publish: true },
    ]);
    expect(STREAMER_PUBLISH_QUEUE).toBe('<NotifierQueue>');
  });

  test('the router may not send to the queue if users may not publish to any topic', () => {
    const readOnly = synthesize({ ...minimalProps(), topics: { news: StreamerTopic.readOnly() } });
    expect(permissionsOf(readOnly, 'Router')).toEqual(permissionsOf(synthesize(minimalProps()), 'Router'));
    expect(environmentOf(readOnly, 'Router').STREAMER_PUBLISH_QUEUE).toBeUndefined();
  });

  test.each([
    ['AwsSolutions', () => new AwsSolutionsChecks()],
    ['Serverless', () => new ServerlessChecks()],
  ])('the rules of %s find nothing', (_, pack) => {
    const { app, stack } = build(withTopics());
    app.synth();
    const { violations } = pack().validateScope(stack);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

test('the router’s bundle contains the code for topics only if the API has topics', () => {
  const entry = (topics: boolean) => routerEntry({ handlers: [], topics })((file) => file);
  expect(entry(true)).toContain("from 'cdk-streamer:runtime/topics'");
  expect(entry(true)).toContain('topics: createTopics()');
  expect(entry(false)).not.toMatch(/topics/i);
});

describe('grantPublish', () => {
  test('grantPublish lets a function send to the queue, and sets the variable that names it', () => {
    const { api, stack } = build(withTopics());
    const fn = new LambdaFunction(stack, 'Nightly', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => undefined'),
    });
    api.grantPublish(fn);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      Environment: { Variables: { STREAMER_PUBLISH_QUEUE: { Ref: Match.stringLikeRegexp('NotifierQueue') } } },
    });
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies.match(/sqs:SendMessage/g)?.length).toBeGreaterThan(1);
  });

  test('grantPublish accepts the action of a handler', () => {
    const { api, stack } = build(withTopics());
    api.grantPublish(api.handler('generate_report'));
    const template = Template.fromStack(stack);
    expect(permissionsOf(template, 'Processorsgeneratereport')).toContain(SEND);
    expect(environmentOf(template, 'Processorsgeneratereport').STREAMER_PUBLISH_QUEUE).toBe('<NotifierQueue>');
  });

  const FAR = 'arn:aws:iam::111111111111:role/publisher';
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('grantPublish'))
      .map(({ entry }) => String(entry.data));

  test.each<[what: string, principal: () => IPrincipal, expected: object]>([
    [
      'an account',
      () => new AccountPrincipal('111111111111'),
      { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111111111111:root']] } },
    ],
    ['a service', () => new ServicePrincipal('events.amazonaws.com'), { Service: 'events.amazonaws.com' }],
  ])('grantPublish lets %s send, by the policies of the queue and its key', (_what, principal, Principal) => {
    const { api, stack } = build(
      (scope: Stack) => ({ ...withTopics(), encryptionKey: new Key(scope, 'Key') }),
      { 'aws:cdk:bundling-stacks': [] },
      'eu-west-1',
    );
    expect(api.grantPublish({ grantPrincipal: principal() }).success).toBe(true);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'sqs:SendMessage', Principal })]) },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Principal, Resource: '*' }),
        ]),
      },
    });
    expect(warnings(stack)).toEqual([]);
  });

  test("grantPublish lets a role of another account send by the queue's policy, and warns that the role needs its own policy", () => {
    const { api, stack } = build(withTopics(), undefined, 'eu-west-1');
    api.grantPublish(Role.fromRoleArn(stack, 'Far', FAR));
    Template.fromStack(stack).hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'sqs:SendMessage', Principal: { AWS: FAR } })]),
      },
    });
    expect(warnings(stack)).toEqual([expect.stringContaining('cannot change the policy of the grantee itself')]);
  });

  test('grantPublish changes no policy of the queue for a role of the same account', () => {
    const { api, stack } = build(withTopics(), undefined, 'eu-west-1');
    api.grantPublish(Role.fromRoleArn(stack, 'Near', 'arn:aws:iam::123456789012:role/publisher'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'sqs:SendMessage' })] },
      Roles: ['publisher'],
    });
    expect(warnings(stack)).toEqual([]);
  });

  test('grantPublish lets a role send and use the key that encrypts the queue', () => {
    const { api, stack } = build(
      (scope: Stack) => ({ ...withTopics(), encryptionKey: new Key(scope, 'Key') }),
      { 'aws:cdk:bundling-stacks': [] },
      'eu-west-1',
    );
    api.grantPublish(new Role(stack, 'Publisher', { assumedBy: new AnyPrincipal() }));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('Publisher'),
      PolicyDocument: {
        Statement: [
          { Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('NotifierQueue'), 'Arn'] } },
          {
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Condition: { StringEquals: { 'kms:ViaService': Match.anyValue() } },
          },
        ],
      },
    });
  });
});

describe('patterns', () => {
  const making = (topics: unknown) => () => build({ ...minimalProps(), topics: topics as never });

  test.each([
    ['nothing', {}, '`topics` must have at least one pattern'],
    ['a string', 'news', '`topics` must be an object of topics by pattern'],
    ['another kind of value', { news: true }, '`topics.news` must be a StreamerTopic, got: true'],
    ['an empty pattern', { '': StreamerTopic.readOnly() }, '`topics` must have patterns of 1 to 128 characters'],
    ['a long pattern', { ['a'.repeat(129)]: StreamerTopic.readOnly() }, '`topics` must have patterns of 1 to 128'],
    ['a star in the middle', { 'a/*/b': StreamerTopic.readOnly() }, "any rest, got: 'a/*/b'"],
    ['an invalid placeholder', { 'a/{tenant}': StreamerTopic.readOnly() }, "any rest, got: 'a/{tenant}'"],
    ['a space', { 'a b': StreamerTopic.readOnly() }, "any rest, got: 'a b'"],
    ['a name and any rest', { '{user}*': StreamerTopic.readOnly() }, 'a character between `{user}` and the rest'],
    ['two names', { '{user}{user}': StreamerTopic.readOnly() }, 'a character between `{user}` and the rest'],
  ])('%s is refused', (_, topics, message) => {
    expect(making(topics)).toThrow(message);
  });

  test('patterns that are null are left out, as in JavaScript', () => {
    expect(build({ ...minimalProps(), topics: null as never }).api.functions.notifier).toBeUndefined();
  });
});
