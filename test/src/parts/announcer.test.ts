import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { StreamerApi, type StreamerApiProps, StreamerTopic, StreamerWebhook, type WebhookOptions } from '../../../src';
import { build, minimalProps } from '../support/apps';
import { permissionsOf } from '../support/readable';

const HOOK = 'https://hooks.example.com/streamer?team=1';

function announcing(more: Partial<StreamerApiProps> = {}, url = HOOK, options?: WebhookOptions) {
  const built = build({ ...minimalProps(), webhook: StreamerWebhook.post(url, options), ...more });
  return { ...built, template: () => Template.fromStack(built.stack) };
}

/** Creates an API with an event bus. The bus is in the API's stack, so the stack must exist first. */
function withBus() {
  const { stack } = build(minimalProps());
  const eventBus = new EventBus(stack, 'Bus');
  const api = new StreamerApi(stack, 'Other', { ...minimalProps(), eventBus });
  return { api, template: Template.fromStack(stack) };
}

const environmentOf = (template: Template, description: string) =>
  Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Description: description } }))[0]
    .Properties.Environment.Variables;

describe('without eventBus and webhook', () => {
  test('an API without eventBus and webhook has no announcer', () => {
    const { api, stack } = build(minimalProps());
    expect(api.functions.announcer).toBeUndefined();
    expect(api.functions.webhook).toBeUndefined();
    expect(api.webhook).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 0);
  });
});

describe('an event bus', () => {
  const { api, template } = withBus();

  test('the announcer may only put events to the bus and read the stream', () => {
    expect(permissionsOf(template, 'OtherAnnouncer')).toEqual(
      [
        'Allow dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator on <OtherRequestsTable.StreamArn>',
        'Allow dynamodb:ListStreams on <OtherRequestsTable.StreamArn>',
        'Allow events:PutEvents on <Bus.Arn>',
        'Allow logs:CreateLogStream logs:PutLogEvents on <OtherAnnouncerFunctionLogs.Arn>',
        'Allow sqs:SendMessage on <OtherAnnouncerFailures.Arn>',
      ].sort(),
    );
    expect(environmentOf(template, 'Streamer: announces requests that ended')).toMatchObject({
      STREAMER_EVENT_BUS: { 'Fn::GetAtt': [expect.stringMatching(/^Bus/), 'Arn'] },
      STREAMER_API_NAME: expect.any(String),
    });
    expect(api.functions.announcer).toBeDefined();
    expect(api.functions.webhook).toBeUndefined();
  });

  test('the announcer receives only ended requests, from the beginning of the stream, and failures go to a queue', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^OtherAnnouncerFunction') },
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 21_600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('AnnouncerFailures'), 'Arn'] } },
      },
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT', 'MODIFY'],
              dynamodb: { NewImage: { status: { S: ['COMPLETED', 'FAILED', 'CANCELLED'] } } },
            }),
          },
        ],
      },
    });
  });
});

describe('a webhook', () => {
  const { api, template: templateOf } = announcing({}, HOOK, {
    maxAttempts: 5,
    timeout: Duration.seconds(3),
    backoff: { initial: Duration.seconds(2), max: Duration.hours(1) },
  });
  const template = templateOf();

  test("the webhook's function may only use its queue and its secret", () => {
    expect(permissionsOf(template, 'Webhook').filter((line) => !line.includes('execute-api'))).toEqual(
      [
        'Allow logs:CreateLogStream logs:PutLogEvents on <WebhookFunctionLogs.Arn>',
        'Allow secretsmanager:GetSecretValue on <WebhookSecret>',
        'Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on <WebhookQueue.Arn>',
        'Allow sqs:SendMessage on <WebhookDeadLetters.Arn>',
      ].sort(),
    );
    expect(permissionsOf(template, 'Announcer')).toContain('Allow sqs:SendMessage on <WebhookQueue.Arn>');
    expect(permissionsOf(template, 'Announcer').join()).not.toContain('events:PutEvents');
  });

  test('a webhook sets the variables of its function', () => {
    const { STREAMER_WEBHOOK } = environmentOf(template, 'Streamer: posts webhooks');
    const text = JSON.stringify(STREAMER_WEBHOOK);
    expect(text).toContain(JSON.stringify(JSON.stringify({ url: HOOK }).slice(1, -1)).slice(1, -1));
    for (const field of ['"maxAttempts":5', '"initialMs":2000', '"maxMs":3600000', '"timeoutMs":3000']) {
      expect(text).toContain(JSON.stringify(field).slice(1, -1));
    }
  });

  test("the webhook's queue keeps messages longer than all attempts take, and its concurrency is limited", () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * 23,
      RedrivePolicy: { maxReceiveCount: 10 },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^StreamerWebhookFunction') },
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 5 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('a webhook generates a secret of base64 for 24 bytes, and `webhook.secret` returns the secret', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 32, ExcludePunctuation: true },
    });
    expect(api.webhook?.secret).toBeInstanceOf(Secret);
    expect(api.webhook?.deadLetterQueue).toBeDefined();
    expect(api.functions.webhook).toBeDefined();
  });

  test('if the secret and its key belong to another stack, their policies do not refer to this stack', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const env = { region: 'eu-west-1', account: '123456789012' };
    const other = new Stack(app, 'Keys', { env });
    const [secretKey, encryptionKey] = [new Key(other, 'SecretKey'), new Key(other, 'Key')];
    const secret = new Secret(other, 'Mine', { encryptionKey: secretKey });
    const stack = new Stack(app, 'Api', { env });
    new StreamerApi(stack, 'Streamer', {
      ...minimalProps(),
      encryptionKey,
      webhook: StreamerWebhook.post(HOOK, { secret }),
      topics: { news: StreamerTopic.publishable() },
    });
    const assembly = app.synth();
    expect(assembly.getStackByName('Keys').dependencies.map(({ id }) => id)).not.toContain('Api');
    const lines = permissionsOf(Template.fromStack(stack), 'Webhook').filter((line) => /secretsmanager/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/^Allow kms:Decrypt on .* if .*"kms:ViaService":"secretsmanager\.eu-west-1\./),
      expect.stringMatching(/^Allow secretsmanager:GetSecretValue on /),
    ]);
  });

  test('a webhook may have a secret that is imported by its name', () => {
    const secret = Secret.fromSecretNameV2(new Stack(), 'Named', 'hooks');
    const { stack } = build((scope) => ({
      ...minimalProps(),
      webhook: StreamerWebhook.post(HOOK, { secret: Secret.fromSecretNameV2(scope, 'Named', 'hooks') }),
    }));
    expect(secret.secretFullArn).toBeUndefined();
    expect(permissionsOf(Template.fromStack(stack), 'Webhook').join()).toMatch(
      /GetSecretValue on arn:.*:secret:hooks-\?{6}/,
    );
  });

  test('a webhook may have a secret that the user creates', () => {
    const { stack } = build(minimalProps());
    const secret = new Secret(stack, 'Mine');
    const api = new StreamerApi(stack, 'Other', {
      ...minimalProps(),
      webhook: StreamerWebhook.post(HOOK, { secret }),
    });
    expect(api.webhook?.secret).toBe(secret);
    Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::Secret', 1);
  });

  test("the API's key encrypts the webhook's secret and queues, and the announcer may read the encrypted stream", () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new Stack(app, 'Keyed', { env: { region: 'eu-west-1' } });
    const encryptionKey = new Key(stack, 'Key');
    const eventBus = new EventBus(stack, 'Bus');
    new StreamerApi(stack, 'Other', {
      ...minimalProps(),
      encryptionKey,
      eventBus,
      webhook: StreamerWebhook.post(HOOK),
    });
    const encrypted = Template.fromStack(stack);
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    encrypted.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: key });
    const ofKey = (part: string) => permissionsOf(encrypted, part).filter((line) => line.includes('kms:'));
    expect(ofKey('OtherAnnouncer').join('\n')).toMatch(/kms:Decrypt.*kms:GenerateDataKey.* on <Key.Arn>/);
    expect(ofKey('OtherWebhook').join('\n')).toMatch(/kms:Decrypt.*kms:GenerateDataKey.* on <Key.Arn>/);
  });
});

describe.each<[string, () => AwsSolutionsChecks | ServerlessChecks]>([
  ['AwsSolutions', () => new AwsSolutionsChecks()],
  ['Serverless', () => new ServerlessChecks()],
])('the rules of %s', (_, pack) => {
  test('the rules find nothing in an API with an event bus and a webhook', () => {
    const { stack, app } = build(minimalProps());
    const eventBus = new EventBus(stack, 'Bus');
    new StreamerApi(stack, 'Other', { ...minimalProps(), eventBus, webhook: StreamerWebhook.post(HOOK) });
    app.synth();
    const found = pack().validateScope(stack).violations;
    expect(
      found.map(
        ({ ruleName, violatingResources }) => `${ruleName} ${violatingResources.map((each) => each.constructPath)}`,
      ),
    ).toEqual([]);
  });
});

describe('a webhook that cannot work is refused', () => {
  test.each<[string, () => StreamerWebhook, string]>([
    ['http', () => StreamerWebhook.post('http://hooks.example.com/x'), '`webhook` must be an https URL'],
    ['no URL', () => StreamerWebhook.post('hooks'), '`webhook` must be an https URL'],
    ['credentials', () => StreamerWebhook.post('https://a:b@hooks.example.com'), '`webhook` must be an https URL'],
    ['a fragment', () => StreamerWebhook.post(`${HOOK}#x`), '`webhook` must be an https URL'],
    ['no attempts', () => StreamerWebhook.post(HOOK, { maxAttempts: 0 }), '`webhook.maxAttempts` must'],
    ['a long timeout', () => StreamerWebhook.post(HOOK, { timeout: Duration.minutes(2) }), '`webhook.timeout` must'],
    [
      'a short first wait',
      () => StreamerWebhook.post(HOOK, { backoff: { initial: Duration.millis(1) } }),
      '`webhook.backoff.initial` must',
    ],
    [
      'a longest wait below the first',
      () => StreamerWebhook.post(HOOK, { backoff: { initial: Duration.minutes(2), max: Duration.minutes(1) } }),
      '`webhook.backoff.max` must',
    ],
  ])('a webhook that cannot work is refused: %s', (_, post, message) => {
    expect(post).toThrow(message);
  });

  test('no message contains the path or the query of the URL, because they may contain tokens', () => {
    expect(() => StreamerWebhook.post('http://hooks.example.com/s3cret?token=t0ken')).toThrow(
      /^(?!.*(s3cret|t0ken)).*http:\/\/hooks\.example\.com/,
    );
  });

  test.each([
    ['eventBus', { eventBus: 'default' as never }, '`eventBus` must be an event bus'],
    ['webhook', { webhook: HOOK as never }, '`webhook` must be a StreamerWebhook'],
  ])('another kind of %s is refused', (_, props, message) => {
    expect(() => announcing(props)).toThrow(message);
  });
});

test.each([
  'http://127.0.0.1:9000/hook',
  'http://localhost:9000',
])('%s is accepted for local runs, with a warning', (url) => {
  const { stack } = announcing({}, url);
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('reaches nothing on AWS'));
});
