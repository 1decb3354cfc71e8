import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { StreamerApi } from '../../../src';
import { build, minimalProps, secureProps } from '../support/apps';
import { functionOf, permissionsOf, readable, resource } from '../support/readable';

const template = Template.fromStack(build(secureProps, undefined, 'eu-west-1').stack);
const propertiesOf = (type: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no static shape
  Object.values(template.findResources(type)).map(({ Properties }) => readable(Properties) as any);

describe("a customer's key", () => {
  test("a customer's key encrypts every table", () => {
    const tables = propertiesOf('AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(4);
    for (const { SSESpecification, Replicas } of tables) {
      expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(Replicas[0].SSESpecification).toEqual({ KMSMasterKeyId: '<Key.Arn>' });
    }
  });

  test("a customer's key encrypts every queue", () => {
    const queues = propertiesOf('AWS::SQS::Queue');
    expect(queues.map(({ KmsMasterKeyId, SqsManagedSseEnabled }) => [KmsMasterKeyId, SqsManagedSseEnabled])).toEqual(
      queues.map(() => ['<Key.Arn>', undefined]),
    );
  });

  test("a customer's key encrypts every log group and every function's environment", () => {
    const groups = propertiesOf('AWS::Logs::LogGroup').map(({ KmsKeyId }) => KmsKeyId);
    const functions = propertiesOf('AWS::Lambda::Function').map(({ KmsKeyArn }) => KmsKeyArn);
    expect(new Set([...groups, ...functions])).toEqual(new Set(['<Key.Arn>']));
    expect(groups.length).toBe(functions.length + 1);
  });

  test("a customer's key lets CloudWatch Logs of this account and region use it", () => {
    const { Statement } = resource(template, 'AWS::KMS::Key', 'Key').Properties.KeyPolicy;
    expect(Statement).toContainEqual({
      Effect: 'Allow',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': 'arn:<AWS::Partition>:logs:eu-west-1:123456789012:log-group:*',
        },
      },
    });
  });

  const via = (service: string) =>
    `if ${JSON.stringify({ StringEquals: { 'kms:ViaService': `${service}.eu-west-1.<AWS::URLSuffix>` } })}`;
  const throughTables = `Allow kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo on <Key.Arn> ${via('dynamodb')}`;
  const toQueues = `Allow kms:Decrypt kms:GenerateDataKey on <Key.Arn> ${via('sqs')}`;
  /** Permissions for the function's environment variables, and for the messages of its queue. */
  const own = 'Allow kms:Decrypt on <Key.Arn>';
  const ofStream = 'Allow kms:Decrypt kms:DescribeKey on <Key.Arn>';

  test.each([
    ['Authorizer', [own]],
    ['Router', [own, throughTables]],
    ['Sweeper', [own, throughTables]],
    ['Dispatcher', [own, ofStream, throughTables, toQueues]],
    ['Processorsgeneratereport', [own, throughTables]],
  ])("the %s may use a customer's key only for the data that it reads and writes", (part, expected) => {
    const found = permissionsOf(template, part).filter((line) => line.includes('kms:'));
    expect([...new Set(found)].sort()).toEqual(expected.sort());
  });

  test('synthesis names the permissions that the policy of a key of another app must contain', () => {
    const { stack } = build(
      (scope) => ({
        ...minimalProps(),
        encryptionKey: Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/k'),
      }),
      undefined,
      'eu-west-1',
    );
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('must allow CloudWatch Logs of this region to use it'),
    );
  });

  test('a key of another region is refused at the end of synthesis', () => {
    const { app } = build(
      (scope) => ({
        ...minimalProps(),
        encryptionKey: Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/k'),
      }),
      undefined,
      'eu-west-1',
    );
    expect(() => app.synth()).toThrow("`encryptionKey` must be in the region of the API, eu-west-1, got: 'us-east-1'");
  });

  test("a customer's key needs a stack whose region is known", () => {
    expect(() => build((scope) => ({ ...minimalProps(), encryptionKey: new Key(scope, 'Key') }))).toThrow(
      '`encryptionKey` must be used in a stack whose region is known',
    );
  });
});

describe('without a key of the customer', () => {
  const { stack } = build(minimalProps());
  const plain = Template.fromStack(stack);

  test("without a customer's key, SQS encrypts the queues, and no resource names a key", () => {
    for (const { Properties } of Object.values(plain.findResources('AWS::SQS::Queue'))) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
    }
    expect(JSON.stringify(plain.toJSON())).not.toMatch(/kms/i);
    expect(functionOf(plain, 'Router').Properties.KmsKeyArn).toBeUndefined();
  });
});

test('a key of another stack can encrypt two APIs: it allows CloudWatch Logs once, and depends on neither API', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const env = { region: 'eu-west-1', account: '123456789012' };
  const keys = new Stack(app, 'Keys', { env });
  const encryptionKey = new Key(keys, 'Key');
  for (const name of ['One', 'Two']) {
    new StreamerApi(new Stack(app, name, { env }), 'Streamer', { ...minimalProps(), encryptionKey });
  }
  app.synth();
  const { Statement } = resource(Template.fromStack(keys), 'AWS::KMS::Key', 'Key').Properties.KeyPolicy;
  const services = Statement.map(({ Principal }: { Principal: { Service?: string } }) => Principal.Service);
  expect(services.filter(Boolean)).toEqual(['logs.eu-west-1.amazonaws.com']);
  expect(keys.dependencies).toEqual([]);
});
