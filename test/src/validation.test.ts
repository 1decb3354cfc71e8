import { Duration, Lazy, SecretValue, Token } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  type AsyncHandlerOptions,
  Concurrency,
  type JwtAuthOptions,
  type StreamerApiProps,
  StreamerAuth,
  StreamerHandler,
  StreamerTopic,
  StreamerWebhook,
} from '../../src';
import { build, minimalProps, synthesize } from './support/apps';
import { resource } from './support/readable';

const api = (props: Partial<StreamerApiProps>) => () => build({ ...minimalProps(), ...props });
const job = (options: AsyncHandlerOptions) => () => StreamerHandler.async('handlers/report.ts', options);
const jwt = (options: Partial<JwtAuthOptions>) => () =>
  StreamerAuth.jwt({ issuer: 'https://issuer.example', audience: ['a'], ...options });
const echo = (environment: Record<string, string>) => StreamerHandler.sync('handlers/echo.ts', { environment });

describe('a property that cannot work is refused at once', () => {
  test.each<[what: () => unknown, message: string]>([
    [
      api({ handlers: { '1st': echo({}) } }),
      "`handlers` must have names of a letter, then letters, digits, '_', '.' or '-', at most 64 characters, got: '1st'",
    ],
    [api({ handlers: { ['x'.repeat(65)]: echo({}) } }), 'at most 64 characters'],
    [
      api({ handlers: { a: StreamerHandler.sync('handlers/none.ts') } }),
      "`handlers.a` must name a file, got: 'handlers/none.ts' (resolved to /",
    ],
    [
      api({ handlers: { a: StreamerHandler.async('handlers/report.ts', { schema: 's.ts' }) } }),
      "`handlers.a.schema` must name a file, got: 's.ts' (resolved to /",
    ],
    [
      api({ handlers: { a: echo({ MODE: '1' }), b: echo({ MODE: '2' }) } }),
      "`handlers.b.environment` must give each variable the value that the other sync handlers in the router give it, got: 'MODE'",
    ],
    [api({ stageName: 'a/b' }), "`stageName` must be 1 to 128 letters, digits, '_' or '-', got: 'a/b'"],
    [api({ retention: Duration.minutes(59) }), "`retention` must be from 1 hour to 365 days, got: '59 minutes'"],
    [api({ retention: Duration.days(366) }), "`retention` must be from 1 hour to 365 days, got: '366 days'"],
    [
      api({ syncTimeout: Duration.seconds(26) }),
      "`syncTimeout` must be from 1 second to 25 seconds, got: '26 seconds'",
    ],
    [
      api({ throttle: { rateLimit: 0, burstLimit: 5 } }),
      '`throttle.rateLimit` must be a whole number from 1 to 1000000, got: 0',
    ],
    [
      api({ throttle: { rateLimit: 5, burstLimit: 0.5 } }),
      '`throttle.burstLimit` must be a whole number from 1 to 1000000, got: 0.5',
    ],
    [
      api({ retention: Duration.millis(5_400_001) }),
      "`retention` must be a whole number of seconds, got: '5400001 ms'",
    ],
    [
      api({ retention: Duration.days(Number.NaN) }),
      "`retention` must be a whole number of milliseconds, got: 'NaN ms'",
    ],
    [job({ timeout: Duration.millis(1500.5) }), "`timeout` must be a whole number of milliseconds, got: '1500.5 ms'"],
    [job({ retry: { maxAttempts: Number.NaN } }), '`retry.maxAttempts` must be a whole number from 1 to 100, got: NaN'],
    [job({ timeout: Duration.minutes(16) }), "`timeout` must be from 1 second to 15 minutes, got: '16 minutes'"],
    [job({ timeout: Duration.millis(999) }), '`timeout` must be from 1 second to 15 minutes'],
    [job({ memorySize: 64 }), '`memorySize` must be a whole number from 128 to 10240, got: 64'],
    [job({ retry: { maxAttempts: 0 } }), '`retry.maxAttempts` must be a whole number from 1 to 100, got: 0'],
    [job({ maxConcurrency: 0 }), '`maxConcurrency` must be a whole number from 1 to 1000, got: 0'],
    [job({ progressRate: 101 }), '`progressRate` must be a whole number from 1 to 100, got: 101'],
    [
      job({ environment: { STREAMER_X: '' } }),
      "`environment` must have names of letters, digits and _ that do not start with STREAMER_, got: 'STREAMER_X'",
    ],
    [job({ environment: { 'A-B': '' } }), '`environment` must have names'],
    [job({ retry: { base: Duration.millis(10) } }), "`retry.base` must be from 100 millis to 1 hour, got: '10 millis'"],
    [job({ retry: { cap: Duration.hours(13) } }), "`retry.cap` must be from 100 millis to 12 hours, got: '13 hours'"],
    [
      job({ retry: { base: Duration.minutes(2), cap: Duration.minutes(1) } }),
      "`retry.cap` must be at least `retry.base` (2 minutes), got: '1 minute'",
    ],
    [
      job({ retry: { cap: Duration.millis(500) } }),
      "`retry.cap` must be at least the default of `retry.base` (1 second), got: '500 millis'. Set a smaller `retry.base`",
    ],
    [
      () => StreamerWebhook.post('https://example.com/hook', { backoff: { max: Duration.seconds(2) } }),
      "`webhook.backoff.max` must be at least the default of `webhook.backoff.initial` (5 seconds), got: '2 seconds'. Set a smaller",
    ],
    [() => echo({ STREAMER_X: '' }), '`environment` must have names'],
    [
      jwt({ issuer: 'http://issuer.example' }),
      "`issuer` must be an https URL without credentials, query or fragment, got: 'http://issuer.example'",
    ],
    [jwt({ issuer: 'issuer' }), '`issuer` must be an https URL'],
    [jwt({ audience: [] }), '`audience` must have at least one entry, got: []'],
    [jwt({ audience: ['a', ''] }), "`audience` must have only strings that are not empty, got: ''"],
    [jwt({ audience: [undefined as never] }), '`audience` must have only strings that are not empty, got: undefined'],
    [jwt({ audience: [5 as never] }), '`audience` must have only strings that are not empty, got: 5'],
    [
      jwt({ allowedOrigins: [] }),
      '`allowedOrigins` must have at least one entry, got: []. Leave it out to accept any origin',
    ],
    [
      () => StreamerAuth.none({ allowedOrigins: [] }),
      '`allowedOrigins` must have at least one entry, got: []. Leave it out to accept any origin',
    ],
    [jwt({ allowedOrigins: 'https://a.example' as never }), '`allowedOrigins` must be an array of origins'],
    [jwt({ allowedOrigins: [undefined as never] }), "such as 'https://example.com', without a path, got: undefined"],
    [
      () => StreamerAuth.custom({ functionArn: 'arn' } as never, { identitySources: [undefined as never] }),
      "`identitySources` must be such as 'route.request.header.Authorization'",
    ],
    [
      () => StreamerWebhook.post('https://a.example/hook', { secret: 'whsec_abc' as never }),
      "`webhook.secret` must be a secret of aws-cdk-lib/aws-secretsmanager, got: 'string'. Use `new Secret(…)`",
    ],
    [
      () => StreamerWebhook.post('https://a.example/hook', { secret: SecretValue.unsafePlainText('a') as never }),
      '`webhook.secret` must be a secret of aws-cdk-lib/aws-secretsmanager, got: an object of class SecretValue',
    ],
    [jwt({ tenantClaim: '' }), "`tenantClaim` must not be empty, got: ''"],
    [jwt({ jwksUri: 'https://a:b@keys.example/' }), '`jwksUri` must be an https URL without credentials'],
    [
      jwt({ allowedOrigins: ['https://a.example/'] }),
      "`allowedOrigins` must be an origin such as 'https://example.com', without a path, got: 'https://a.example/'",
    ],
    [jwt({ allowedOrigins: ['*'] }), '`allowedOrigins` must be an origin'],
  ])('%#: %s', (what, message) => {
    expect(what).toThrow(message);
  });
});

test('values at the bounds are accepted', () => {
  const timeout = Duration.minutes(15);
  expect(
    job({ timeout, memorySize: 10_240, retry: { maxAttempts: 100 }, maxConcurrency: 1000, progressRate: 100 }),
  ).not.toThrow();
  expect(
    job({
      timeout: Duration.seconds(1),
      memorySize: 128,
      retry: { maxAttempts: 1 },
      maxConcurrency: 1,
      progressRate: 1,
    }),
  ).not.toThrow();
  expect(api({ retention: Duration.hours(1), syncTimeout: Duration.seconds(25) })).not.toThrow();
});

test('functions get timeouts in whole seconds, rounded up', () => {
  const webhook = StreamerWebhook.post('https://a.example/hook', { timeout: Duration.millis(1500) });
  const template = synthesize({ ...minimalProps(), syncTimeout: Duration.millis(1500), webhook });
  expect(resource(template, 'AWS::Lambda::Function', 'RouterFunction').Properties.Timeout).toBe(6);
  expect(resource(template, 'AWS::Lambda::Function', 'WebhookFunction').Properties.Timeout).toBe(22);
  expect(resource(template, 'AWS::SQS::Queue', 'WebhookQueue').Properties.VisibilityTimeout).toBe(132);
});

test('in JavaScript, null means that an option of a sync handler is not set', () => {
  const options = { environment: null, initialPolicy: null } as never;
  expect(api({ handlers: { a: StreamerHandler.sync('handlers/echo.ts', options) } })).not.toThrow();
});

test('two sync handlers may share a variable with the same value', () => {
  expect(api({ handlers: { a: echo({ MODE: '1' }), b: echo({ MODE: '1' }) } })).not.toThrow();
});

test.each<[prop: string, what: (number: number) => () => unknown]>([
  ['retry.maxAttempts', (maxAttempts) => job({ retry: { maxAttempts } })],
  ['progressRate', (progressRate) => job({ progressRate })],
  ['maxConcurrency', (maxConcurrency) => job({ maxConcurrency })],
  ['reservedConcurrency', (reservedConcurrency) => job({ reservedConcurrency })],
  ['provisionedConcurrency', (provisionedConcurrency) => job({ provisionedConcurrency })],
  ['router.reservedConcurrency', (reservedConcurrency) => api({ router: { reservedConcurrency } })],
  ['webhook.maxAttempts', (maxAttempts) => () => StreamerWebhook.post('https://example.com/hook', { maxAttempts })],
])('%s must be known at synthesis, because other values are computed from it', (prop, what) => {
  expect(what(Token.asNumber({ resolve: () => 5 }))).toThrow(
    `\`${prop}\` must be known when the app is synthesized, got: 'a number that is known only at deployment'`,
  );
});

const later = Lazy.string({ produce: () => 'later' });
const schedule = { name: 'hourly', schedule: ScheduleExpression.rate(Duration.hours(1)), user: 'ann' };
const maybe = <T>(value: unknown): T => value as T;
const rejects = (options: object) => job(maybe(options));

test.each<[prop: string, what: () => unknown]>([
  ['property', () => Concurrency.perInput(later, 1)],
  ['priorities', rejects({ priorities: { [later]: {} } })],
  ['schedules[0].name', rejects({ schedules: [{ ...schedule, name: later }] })],
  ['schedules[0].priority', rejects({ schedules: [{ ...schedule, priority: later }] })],
  ['schedules[0].enabled', rejects({ schedules: [{ ...schedule, enabled: Lazy.any({ produce: () => true }) }] })],
  ['retired', rejects({ retired: Lazy.any({ produce: () => true }) })],
  ['schema', rejects({ schema: later })],
  ['entry', () => StreamerHandler.sync(later)],
  ['isolated', () => StreamerHandler.sync('handlers/echo.ts', { isolated: maybe(Lazy.any({ produce: () => true })) })],
  ['environment', rejects({ environment: { [later]: '1' } })],
  ['directory', () => StreamerHandler.fromDirectory(later)],
  ['mode', () => StreamerHandler.fromDirectory('handlers', { mode: maybe(later) })],
  ['handlers', api({ handlers: { [later]: echo({}) } })],
  ['topics', api({ topics: { [`${later}/*`]: StreamerTopic.readOnly() } })],
  ['accessLogging', api({ accessLogging: maybe(Lazy.any({ produce: () => true })) })],
  [
    'memorySize',
    api({
      handlers: {
        report: StreamerHandler.async('handlers/report.ts', { memorySize: Token.asNumber({ resolve: () => 5 }) }),
      },
      functionDefaults: { minMemorySize: 512 },
    }),
  ],
])('%s must be known at synthesis, because it is compared or becomes part of code', (prop, what) => {
  expect(what).toThrow(
    `\`${prop}\` must be known when the app is synthesized, got: 'a value that is known only at deployment'`,
  );
});

test('values known only at deployment are accepted if no other value is computed from them', () => {
  const text = Lazy.string({ produce: () => 'later' });
  const number = Token.asNumber({ resolve: () => 5 });
  expect(job({ memorySize: number })).not.toThrow();
  expect(
    jwt({ issuer: text, audience: [text], tenantClaim: text, jwksUri: text, allowedOrigins: [text] }),
  ).not.toThrow();
  expect(api({ throttle: { rateLimit: number, burstLimit: number } })).not.toThrow();
});
