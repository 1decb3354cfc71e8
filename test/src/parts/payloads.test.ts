import { Duration, RemovalPolicy, Size, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { StreamerAuth, StreamerHandler } from '../../../src';
import { build, minimalProps, synthesize } from '../support/apps';
import { environmentOf, permissionsOf, resource } from '../support/readable';

const withPayloads = () => ({ ...minimalProps(), payloads: {} });
const UPLOADS = 'Allow s3:GetObject s3:PutObject on <PayloadsBucket.Arn>/*/in/*';
const READ_IN = 'Allow s3:GetObject on <PayloadsBucket.Arn>/*/in/*';
const READ_OUT = 'Allow s3:GetObject on <PayloadsBucket.Arn>/*/out/*';
const WRITE_OUT = 'Allow s3:GetObject s3:PutObject on <PayloadsBucket.Arn>/*/out/*';
const LIST = 'Allow s3:ListBucket on <PayloadsBucket.Arn>';

test('an API without payloads has no bucket, and no function has a permission on S3', () => {
  const { stack, api } = build(minimalProps());

  expect(api.payloadsBucket).toBeUndefined();
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/S3::Bucket|s3:|STREAMER_PAYLOADS/);
});

describe('the bucket of an API with payloads', () => {
  const template = synthesize(withPayloads());
  const bucket = resource(template, 'AWS::S3::Bucket', 'PayloadsBucket');

  test('the bucket of an API with payloads is private and encrypted, and is kept with the tables', () => {
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('the bucket of an API with payloads refuses requests without TLS', () => {
    const { Statement } = resource(template, 'AWS::S3::BucketPolicy', 'PayloadsBucketPolicy').Properties.PolicyDocument;
    expect(Statement).toMatchObject([
      { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  test('the bucket of an API with payloads deletes objects two days after twice the retention, which requests need at most', () => {
    const daysOf = (retention: Duration) =>
      resource(synthesize({ ...withPayloads(), retention }), 'AWS::S3::Bucket', 'PayloadsBucket').Properties
        .LifecycleConfiguration.Rules[0].ExpirationInDays;

    expect(bucket.Properties.LifecycleConfiguration.Rules).toEqual([
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, ExpirationInDays: 16, Status: 'Enabled' },
    ]);
    expect([Duration.hours(1), Duration.hours(25), Duration.days(365)].map(daysOf)).toEqual([4, 6, 732]);
  });

  test('the bucket of an API with payloads may be used by pages of any origin if the authorizer accepts any', () => {
    expect(bucket.Properties.CorsConfiguration.CorsRules).toEqual([
      {
        AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
        AllowedMethods: ['GET', 'PUT'],
        AllowedOrigins: ['*'],
        MaxAge: 3000,
      },
    ]);
  });

  test.each([
    ['jwt', StreamerAuth.jwt({ issuer: 'https://i.example', audience: ['a'], allowedOrigins: ['https://a.example'] })],
    ['none', StreamerAuth.none({ allowedOrigins: ['https://a.example'] })],
  ])('the bucket of an API with payloads may be used by the origins of the authorizer %s', (_name, auth) => {
    const corsOf = (payloads: object) =>
      resource(synthesize({ ...minimalProps(), auth, payloads }), 'AWS::S3::Bucket', 'PayloadsBucket').Properties
        .CorsConfiguration.CorsRules[0].AllowedOrigins;

    expect(corsOf({})).toEqual(['https://a.example']);
    expect(corsOf({ allowedOrigins: ['https://b.example'] })).toEqual(['https://b.example']);
  });

  test('the bucket of an API with payloads is deleted with its objects if the removal policy is DESTROY', () => {
    for (const props of [
      { ...withPayloads(), removalPolicy: RemovalPolicy.DESTROY },
      { ...minimalProps(), payloads: { removalPolicy: RemovalPolicy.DESTROY } },
    ]) {
      const destroyed = synthesize(props);
      destroyed.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
      destroyed.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
    }
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });
});

test.each([
  ['AwsSolutions', () => new AwsSolutionsChecks()],
  ['Serverless', () => new ServerlessChecks()],
])('the rules of %s find nothing', (_, pack) => {
  const { app, stack } = build(withPayloads());
  app.synth();
  const { violations } = pack().validateScope(stack);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

describe('permissions', () => {
  const props = withPayloads();
  const { stack, api } = build(props);
  void api.submitFunction;
  const template = Template.fromStack(stack);
  const s3Of = (name: string) => permissionsOf(template, name).filter((permission) => permission.includes('s3:'));

  test('permissions router and submitter may create URLs for uploads and downloads, and check uploads', () => {
    expect(s3Of('Router').sort()).toEqual([READ_OUT, UPLOADS, LIST].sort());
    expect(s3Of('Submitter').sort()).toEqual([READ_OUT, UPLOADS, LIST].sort());
  });

  test('permissions a processor may read inputs and write results, and the dispatcher may read results', () => {
    expect(s3Of('Processorsgeneratereport').sort()).toEqual([READ_IN, WRITE_OUT, LIST].sort());
    expect(s3Of('Dispatcher').sort()).toEqual([READ_OUT, LIST].sort());
    expect(s3Of('Sweeper')).toEqual([]);
  });

  test('permissions the functions with a permission know the name of the bucket', () => {
    for (const name of ['Router', 'Submitter', 'Dispatcher', 'Processorsgeneratereport']) {
      expect(environmentOf(template, name).STREAMER_PAYLOADS_BUCKET).toBe('<PayloadsBucket>');
    }
  });

  test('permissions limits are 20 MiB by default, and an action can have others', () => {
    expect(JSON.parse(environmentOf(template, 'Router').STREAMER_LIMITS)).toMatchObject({
      maxInputBytes: 20_971_520,
      maxResultBytes: 20_971_520,
    });
  });
});

test("a customer's key encrypts the bucket, and functions may use the key through S3 only", () => {
  const withKey = (stack: Stack) => ({ ...withPayloads(), encryptionKey: new Key(stack, 'Key') });
  const template = Template.fromStack(build(withKey, undefined, 'eu-west-1').stack);

  expect(resource(template, 'AWS::S3::Bucket', 'PayloadsBucket').Properties.BucketEncryption).toEqual({
    ServerSideEncryptionConfiguration: [
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { KMSMasterKeyID: '<Key.Arn>', SSEAlgorithm: 'aws:kms' },
      },
    ],
  });
  expect(permissionsOf(template, 'Router')).toContain(
    'Allow kms:Decrypt kms:GenerateDataKey on <Key.Arn> if {"StringEquals":{"kms:ViaService":"s3.eu-west-1.<AWS::URLSuffix>"}}',
  );
});

test('an existing bucket gets no other settings', () => {
  const { stack, api } = build((scope) => ({ ...minimalProps(), payloads: { bucket: new Bucket(scope, 'Own') } }));
  const template = Template.fromStack(stack);

  expect(api.payloadsBucket?.node.id).toBe('Own');
  template.resourceCountIs('AWS::S3::Bucket', 1);
  expect(resource(template, 'AWS::S3::Bucket', 'Own').Properties).toBeUndefined();
  expect(permissionsOf(template, 'Router')).toContain('Allow s3:GetObject s3:PutObject on <Own.Arn>/*/in/*');
});

describe('sizes', () => {
  const handler = (options: object) => () =>
    build({ ...minimalProps(), handlers: { work: StreamerHandler.async('handlers/report.ts', options) } });

  test('sizes an action of an API without payloads cannot have sizes that fit into no message', () => {
    expect(handler({ maxInputSize: Size.kibibytes(33) })).toThrow(
      "`handlers.work.maxInputSize` must be at most 32 KiB for an API without `payloads`, got: '33792 bytes'",
    );
    expect(handler({ maxResultSize: Size.mebibytes(1) })).toThrow(
      '`handlers.work.maxResultSize` must be at most 120 KiB',
    );
    expect(handler({ maxInputSize: Size.kibibytes(32), maxResultSize: Size.kibibytes(120) })).not.toThrow();
  });

  test.each([
    [{ payloads: { bucket: {} } }, '`payloads.bucket` must be a bucket of S3'],
    [{ payloads: { allowedOrigins: [] } }, '`payloads.allowedOrigins` must have at least one entry'],
    [{ payloads: { retention: 1 } }, '`payloads.retention` must be a property that exists'],
    [
      { payloads: {}, limits: { maxInputSize: Size.mebibytes(101) } },
      '`limits.maxInputSize` must be a Size from 1 byte',
    ],
    [{ limits: { maxResultSize: Size.kibibytes(121) } }, '`limits.maxResultSize` must be at most 120 KiB'],
  ])('%j is refused', (props, message) => {
    expect(() => build({ ...minimalProps(), ...(props as object) })).toThrow(message);
  });

  test('sizes an existing bucket cannot be combined with properties of a new one', () => {
    const create = (stack: Stack) => ({
      ...minimalProps(),
      payloads: { bucket: new Bucket(stack, 'Own'), removalPolicy: RemovalPolicy.DESTROY },
    });
    expect(() => build(create)).toThrow('`payloads.removalPolicy` must be left out if `payloads.bucket` is set');
  });
});
