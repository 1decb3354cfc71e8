import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type IStreamerApi, StreamerApi, type StreamerApiAttributes } from '../../src';
import { build, minimalProps } from './support/apps';
import { readable } from './support/readable';

function imported(attributes: Partial<StreamerApiAttributes> = {}) {
  const stack = new Stack();
  return { stack, api: StreamerApi.fromStreamerApiAttributes(stack, 'Api', { apiId: 'abc123', ...attributes }) };
}
const addresses = ({ stack, api }: { stack: Stack; api: IStreamerApi }) =>
  readable(stack.resolve([api.url, api.callbackUrl]));

describe('an API of another app', () => {
  test('an API of another app is reached by its id, in the region of the stack', () => {
    expect(addresses(imported())).toEqual([
      'wss://abc123.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1',
      'https://abc123.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1',
    ]);
    expect(imported().api).toMatchObject({ apiId: 'abc123', stageName: 'v1' });
  });

  test('an API of another app is reached at another stage and region', () => {
    expect(addresses(imported({ stageName: 'prod', region: 'eu-west-1' }))).toEqual([
      'wss://abc123.execute-api.eu-west-1.<AWS::URLSuffix>/prod',
      'https://abc123.execute-api.eu-west-1.<AWS::URLSuffix>/prod',
    ]);
  });

  test('an API of another app can have a custom domain', () => {
    const given = { url: 'wss://stream.example.com', callbackUrl: 'https://stream.example.com' };
    expect(addresses(imported(given))).toEqual([given.url, given.callbackUrl]);
  });

  test.each<[attributes: Partial<StreamerApiAttributes>, message: string]>([
    [{ apiId: '' }, "`apiId` must be a string that is not empty, got: ''"],
    [{ apiId: undefined }, '`apiId` must be a string that is not empty, got: undefined'],
    [{ url: 'https://a' }, "`url` must be an address such as 'wss://api.example.com', got: 'https://a'"],
    [{ callbackUrl: 'wss://a' }, '`callbackUrl` must be an address such as'],
    [{ publishQueueArn: 'arn:aws:sqs:eu-west-1:1:topics' }, '`publishQueueArn` must be the ARN of a FIFO queue, got:'],
    [{ encryptionKey: 'key' as never }, "`encryptionKey` must be a key of KMS, got: 'key'"],
    [
      { submitFunctionArn: 'arn:aws:sqs:eu-west-1:1:topics.fifo' },
      "`submitFunctionArn` must be the ARN of a function, got: 'arn:aws:sqs:eu-west-1:1:topics.fifo'",
    ],
    [
      { publishQueueArn: 'arn:aws:sns:eu-west-1:1:topics.fifo' },
      "`publishQueueArn` must be the ARN of a FIFO queue, got: 'arn:aws:sns:eu-west-1:1:topics.fifo'",
    ],
    [{ submitFunctionArn: 'submit' }, "`submitFunctionArn` must be the ARN of a function, got: 'submit'"],
  ])('the attributes %j of an API of another app are refused', (attributes, message) => {
    expect(() => imported(attributes)).toThrow(message);
  });
});

describe('publishing to the topics of an API of another app', () => {
  const publishQueueArn = 'arn:aws:sqs:eu-west-1:123456789012:topics.fifo';
  const publisher = (attributes: Partial<StreamerApiAttributes>) => {
    const { stack, api } = imported(attributes);
    const code = Code.fromInline('exports.handler = () => 1');
    const fn = new LambdaFunction(stack, 'Publisher', { code, runtime: Runtime.NODEJS_24_X, handler: 'index.handler' });
    api.grantPublish(fn);
    return Template.fromStack(stack);
  };

  test("grantPublish allows sending to the API's queue, and sets the variable with the queue's URL", () => {
    const template = publisher({ publishQueueArn });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'sqs:SendMessage', Effect: 'Allow', Resource: publishQueueArn }] },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { STREAMER_PUBLISH_QUEUE: Match.anyValue() } },
    });
  });

  test('grantPublish on an API of another app also allows the use of its key, if it has one', () => {
    const keyArn = 'arn:aws:kms:eu-west-1:123456789012:key/1';
    const encryptionKey = Key.fromKeyArn(new Stack(), 'Key', keyArn);
    publisher({ publishQueueArn, encryptionKey }).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: keyArn }),
        ]),
      },
    });
  });

  test('grantPublish on an API in another region allows the use of its key in that region', () => {
    const encryptionKey = Key.fromKeyArn(new Stack(), 'Key', 'arn:aws:kms:us-east-1:123456789012:key/1');
    const farQueue = 'arn:aws:sqs:us-east-1:123456789012:topics.fifo';
    const template = publisher({ publishQueueArn: farQueue, region: 'us-east-1', encryptionKey });
    const policies = readable(template.findResources('AWS::IAM::Policy'));
    expect(JSON.stringify(policies)).toContain('"kms:ViaService":"sqs.us-east-1.<AWS::URLSuffix>"');
  });

  test('a warning names a queue policy that this app cannot change', () => {
    const { stack, api } = imported({ publishQueueArn });
    const grant = api.grantPublish({ grantPrincipal: new ServicePrincipal('events.amazonaws.com') });
    expect(grant.success).toBe(false);
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp(
        "`grantPublish` cannot change the policy of the topics' queue.* must allow sqs:SendMessage to .*events.amazonaws.com",
      ),
    );
  });

  test('grantPublish on an API of another app needs the ARN of its queue', () => {
    expect(() => publisher({})).toThrow('`publishQueueArn` must be set to publish, got: undefined. Export');
  });
});

test('missing attributes of an API of another app are refused in JavaScript', () => {
  expect(() => StreamerApi.fromStreamerApiAttributes(new Stack(), 'Api', undefined as never)).toThrow(
    '`attributes` must be an object with `apiId`, got: undefined',
  );
});

const counts: [name: string, metric: (api: IStreamerApi) => Metric][] = [
  ['ConnectCount', (api) => api.metricConnects()],
  ['MessageCount', (api) => api.metricMessages()],
  ['ClientError', (api) => api.metricClientErrors()],
  ['IntegrationError', (api) => api.metricIntegrationErrors()],
  ['ExecutionError', (api) => api.metricExecutionErrors()],
];

describe.each<[whose: string, make: () => { stack: Stack; api: IStreamerApi }, apiId: string]>([
  ['this app', () => build(minimalProps()), '<WebSocketApi>'],
  ['another app', () => imported(), 'abc123'],
])('metrics of an API of %s', (_whose, make, apiId) => {
  const { stack, api } = make();
  const dimensions = [
    { name: 'ApiId', value: apiId },
    { name: 'Stage', value: 'v1' },
  ];
  const shown = (metric: Metric) => readable(stack.resolve(metric.toMetricConfig().metricStat));

  test.each(counts)('%s is a sum', (metricName, metric) => {
    expect(shown(metric(api))).toMatchObject({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensions,
      statistic: 'Sum',
    });
  });

  test('the latency is an average, unless another statistic is given', () => {
    expect(shown(api.metricIntegrationLatency())).toMatchObject({
      metricName: 'IntegrationLatency',
      statistic: 'Average',
    });
    expect(shown(api.metricIntegrationLatency({ statistic: 'p99' }))).toMatchObject({ statistic: 'p99' });
  });

  test('`metric` returns any other metric of API Gateway by its name', () => {
    expect(shown(api.metric('DataProcessed', { statistic: 'Maximum' }))).toMatchObject({
      metricName: 'DataProcessed',
      dimensions,
      statistic: 'Maximum',
    });
  });
});

test('metrics of an API in another region have that region', () => {
  const { api } = imported({ region: 'eu-west-1' });
  expect(api.metricConnects().region).toBe('eu-west-1');
});
