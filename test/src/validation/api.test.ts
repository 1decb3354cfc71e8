import { Duration, Lazy, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type StreamerApiProps, StreamerAuth, StreamerHandler, StreamerTables } from '../../../src';
import { build, minimalProps } from '../support/apps';

const api = (props: Partial<StreamerApiProps>) => () => build({ ...minimalProps(), ...props });
/** Creates an API without type checks, as JavaScript allows. */
const js = (props: Record<string, unknown>) => api(props as never);

const domainName = () =>
  DomainName.fromDomainNameAttributes(new Stack(), 'Domain', {
    name: 'stream.example.com',
    regionalDomainName: 'd',
    regionalHostedZoneId: 'z',
  });
const later = () => Lazy.string({ produce: () => 'later' });

describe('a value that TypeScript accepts but that cannot work is refused', () => {
  test.each<[what: () => unknown, message: string]>([
    [
      api({ limits: { maxInputSize: Size.kibibytes(33) } }),
      "`limits.maxInputSize` must be at most 32 KiB for an API without `payloads`, got: '33792 bytes'",
    ],
    [
      api({ limits: { maxResultSize: Size.kibibytes(121) } }),
      '`limits.maxResultSize` must be at most 120 KiB for an API without `payloads`',
    ],
    [
      api({ limits: { maxInputSize: Size.bytes(10.5) } }),
      "`limits.maxInputSize` must be a whole number of bytes, got: '10.5 bytes'",
    ],
    [
      api({ limits: { maxInputSize: Size.bytes(Number.NaN) } }),
      "`limits.maxInputSize` must be a whole number of bytes, got: 'NaN bytes'",
    ],
    [
      api({ router: { ephemeralStorageSize: Size.mebibytes(600.5) } }),
      "`router.ephemeralStorageSize` must be a whole number of MiB, got: '629669888 bytes'",
    ],
    [api({ limits: { maxEvents: 0 } }), '`limits.maxEvents` must be a whole number from 1 to 1000000, got: 0'],
    [
      api({ accessLogging: false, accessLogFormat: AccessLogFormat.clf() }),
      "`accessLogFormat` must be left out if `accessLogging` is false, got: 'a format'. Remove one of the two",
    ],
    [
      api({ accessLogFormat: AccessLogFormat.custom('$context.status') }),
      "`accessLogFormat` must contain `$context.requestId` or `$context.extendedRequestId`, as API Gateway requires, got: '$context.status'",
    ],
    [
      () => api({ domain: { domainName: domainName(), basePath: '/live' } })(),
      "`domain.basePath` must be letters, digits and $-_.+!*'() between single slashes, without a slash at its ends, got: '/live'",
    ],
    [() => api({ domain: { domainName: domainName(), basePath: '' } })(), '`domain.basePath` must be letters'],
    [() => api({ domain: { domainName: domainName(), basePath: 'a//b' } })(), '`domain.basePath` must be letters'],
    [
      () => api({ domain: { domainName: domainName(), basePath: 'x'.repeat(301) } })(),
      '`domain.basePath` must be 1 to 300 characters',
    ],
    [
      api({ tags: { 'aws:name': 'x' } }),
      "`tags` must have names of 1 to 128 characters that do not start with 'aws:', got: 'aws:name'",
    ],
    [api({ tags: { team: 'x'.repeat(257) } }), '`tags.team` must be a string of at most 256 characters'],
    [
      () => api({ tables: new StreamerTables(new Stack(), 'T'), removalPolicy: RemovalPolicy.DESTROY })(),
      "`removalPolicy` must be left out if `tables` is set, got: 'destroy'. Set it on the tables: `new StreamerTables(this, 'Tables', { removalPolicy })`",
    ],
    [
      () => api({ tables: new StreamerTables(new Stack(), 'T'), deletionProtection: false })(),
      '`deletionProtection` must be left out if `tables` is set, got: false',
    ],
    [
      () => api({ tables: new StreamerTables(new Stack(), 'T'), pointInTimeRecovery: true })(),
      '`pointInTimeRecovery` must be left out if `tables` is set, got: true',
    ],
    [
      api({ retention: Duration.seconds(Token.asNumber({ resolve: () => 7200 })) }),
      '`retention` must be known when the app is synthesized',
    ],
    [
      api({ limits: { maxInputSize: Size.bytes(Token.asNumber({ resolve: () => 9 })) } }),
      '`limits.maxInputSize` must be known when the app is synthesized',
    ],
  ])('%#: %s', (what, message) => {
    expect(what).toThrow(message);
  });
});

describe('a value that only JavaScript accepts is refused with its rule', () => {
  test.each<[what: () => unknown, message: string]>([
    [() => build(null as never), '`props` must be an object with `auth` and `handlers`, got: null'],
    [() => build('props' as never), "`props` must be an object with `auth` and `handlers`, got: 'props'"],
    [
      js({ auth: undefined }),
      '`auth` must be a StreamerAuth, got: undefined. Use `StreamerAuth.jwt({ issuer, audience })`, `StreamerAuth.custom(fn)` or `StreamerAuth.none()`',
    ],
    [
      js({ auth: { issuer: 'https://issuer.example' } }),
      '`auth` must be a StreamerAuth, got: {"issuer":"https://issuer.example"}',
    ],
    [js({ auth: StreamerAuth }), '`auth` must be a StreamerAuth, got: class StreamerAuth'],
    [js({ auth: new Stack() }), '`auth` must be a StreamerAuth, got: an object of class Stack'],
    [js({ handlers: undefined }), '`handlers` must be an object of handlers by action, got: undefined'],
    [
      js({ handlers: [StreamerHandler.sync('handlers/echo.ts')] }),
      '`handlers` must be an object of handlers by action, got: an array of 1 StreamerHandler',
    ],
    [
      js({ handlers: { echo: 'handlers/echo.ts' } }),
      "`handlers.echo` must be a StreamerHandler, got: 'handlers/echo.ts'. Use `StreamerHandler.sync('handlers/x.ts')` or `StreamerHandler.async('handlers/x.ts')`",
    ],
    [js({ handlers: { echo: null } }), '`handlers.echo` must be a StreamerHandler, got: null'],
    [js({ projectRoot: 5 }), '`projectRoot` must be a string that is not empty, got: 5'],
    [js({ stageName: 5 }), '`stageName` must be 1 to 128 letters'],
    [
      js({ retention: 3600 }),
      '`retention` must be a Duration from 1 hour to 365 days, got: 3600. Use a Duration of aws-cdk-lib, for example `Duration.seconds(…)`',
    ],
    [js({ retention: '7 days' }), "`retention` must be a Duration from 1 hour to 365 days, got: '7 days'"],
    [js({ syncTimeout: {} }), '`syncTimeout` must be a Duration from 1 second to 25 seconds, got: {}'],
    [
      js({ throttle: { rateLimit: '5', burstLimit: 5 } }),
      "`throttle.rateLimit` must be a whole number from 1 to 1000000, got: '5'",
    ],
    [
      js({ limits: { maxResultSize: 1024 } }),
      '`limits.maxResultSize` must be a Size from 1 byte to 120 KiB, got: 1024. Use a Size of aws-cdk-lib, for example `Size.kibibytes(…)`',
    ],
    [js({ limits: { maxEvents: '10' } }), "`limits.maxEvents` must be a whole number from 1 to 1000000, got: '10'"],
    [
      js({ removalPolicy: 'keep' }),
      "`removalPolicy` must be a value of RemovalPolicy, got: 'keep'. Use `RemovalPolicy.RETAIN`, for example",
    ],
    [js({ deletionProtection: 'yes' }), "`deletionProtection` must be true or false, got: 'yes'"],
    [js({ pointInTimeRecovery: 1 }), '`pointInTimeRecovery` must be true or false, got: 1'],
    [
      js({ encryptionKey: 'arn:aws:kms:key' }),
      "`encryptionKey` must be a key of KMS, got: 'arn:aws:kms:key'. Use `new Key(…)`",
    ],
    [
      js({ tables: ['requests'] }),
      '`tables` must be an object with four tables, got: ["requests"]. Use `new StreamerTables(…)`',
    ],
    [js({ logRetention: 'ONE_DAY' }), "`logRetention` must be a value of RetentionDays, got: 'ONE_DAY'"],
    [
      js({ logRetention: 42 }),
      '`logRetention` must be a value of RetentionDays, got: 42. Use `RetentionDays.ONE_MONTH`',
    ],
    [js({ accessLogging: 'off' }), "`accessLogging` must be true or false, got: 'off'"],
    [
      js({ cloudWatchRole: 'arn:aws:iam::1:role/r' }),
      "`cloudWatchRole` must be true or false, got: 'arn:aws:iam::1:role/r'",
    ],
    [js({ tracing: true }), '`tracing` must be a value of Tracing, got: true. Use `Tracing.ACTIVE`'],
    [
      js({ domain: { domainName: 'stream.example.com' } }),
      "`domain.domainName` must be a domain name of API Gateway, got: 'stream.example.com'",
    ],
    [js({ domain: 'stream.example.com' }), "`domain` must be an object of properties, got: 'stream.example.com'"],
    [
      js({ tags: [{ Key: 'a', Value: 'b' }] }),
      '`tags` must be an object of strings by name, got: [{"Key":"a","Value":"b"}]',
    ],
    [js({ tags: { team: 5 } }), '`tags.team` must be a string of at most 256 characters, got: 5'],
  ])('%#: %s', (what, message) => {
    expect(what).toThrow(message);
  });
});

test('in JavaScript, null means that a property is not set', () => {
  const optional = [
    'projectRoot stageName retention syncTimeout throttle removalPolicy deletionProtection pointInTimeRecovery encryptionKey',
    'tables limits domain logRetention accessLogging accessLogFormat cloudWatchRole tracing tags',
  ].flatMap((line) => line.split(' '));
  const { projectRoot, ...rest } = minimalProps();
  const nulls = Object.fromEntries(optional.map((name) => [name, null]));
  const { api } = build({ ...nulls, ...rest, projectRoot } as never);
  expect(api.stageName).toBe('v1');
});

test('values at the bounds are accepted', () => {
  expect(
    api({ limits: { maxInputSize: Size.bytes(1), maxResultSize: Size.kibibytes(120), maxEvents: 1_000_000 } }),
  ).not.toThrow();
  expect(() => api({ domain: { domainName: domainName(), basePath: "a/b.c_d-$+!*'()" } })()).not.toThrow();
  expect(api({ tags: { team: '' } })).not.toThrow();
});

test('values known only at deployment are accepted if no other value is computed from them', () => {
  const number = Token.asNumber({ resolve: () => 5 });
  expect(
    api({ stageName: later(), throttle: { rateLimit: number, burstLimit: number }, limits: { maxEvents: number } }),
  ).not.toThrow();
  expect(api({ accessLogFormat: AccessLogFormat.custom(later()), tags: { team: later() } })).not.toThrow();
  expect(() => api({ domain: { domainName: domainName(), basePath: later() } })()).not.toThrow();
});

test('a message shows neither a whole construct nor a very long string', () => {
  const big = { stageName: 'x'.repeat(5_000) };
  const lengthOf = (what: () => unknown) => {
    try {
      what();
      return 0;
    } catch (error) {
      return (error as Error).message.length;
    }
  };
  expect(lengthOf(api(big))).toBeGreaterThan(200);
  expect(lengthOf(api(big))).toBeLessThan(400);
  expect(js({ encryptionKey: { key: new Key(new Stack(), 'Key') } })).toThrow(
    '`encryptionKey` must be a key of KMS, got: an object with key',
  );
});
