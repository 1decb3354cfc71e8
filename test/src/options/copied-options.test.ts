import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerTopic, StreamerWebhook } from '../../../src';
import { copyOptions } from '../../../src/validation/copy';
import { makeProject } from '../support/project';

/** Options are copied when they are validated: a caller may change its own objects later. */

/** Changes every array and plain object of an options object, as a caller could after it has passed the object. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const each of value) spoil(each);
    value.push('spoilt');
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const each of Object.values(value)) spoil(each);
    for (const key of Object.keys(value)) (value as Record<string, unknown>)[key] = 'spoilt';
  }
}

/** Creates an API with every class of options, and calls `after` with all of their objects before synthesis. */
function templateOf(auth: 'jwt' | 'none' | 'custom', after: (value: unknown) => void): object {
  const projectRoot = makeProject();
  const stack = new Stack();
  const fn = new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: Code.fromInline('pass'),
  });
  const jwt = { issuer: 'https://auth.example.com', audience: ['app'], allowedOrigins: ['https://example.com'] };
  const custom = { identitySources: ['route.request.header.Authorization'] };
  const none = { allowedOrigins: ['https://example.com'] };
  const auths = {
    jwt: () => StreamerAuth.jwt(jwt),
    custom: () => StreamerAuth.custom(fn, custom),
    none: () => StreamerAuth.none(none),
  };
  const sync = { environment: { A: '1' }, initialPolicy: [statement()], bundling: { define: { X: '1' } } };
  const isolated = { isolated: true, environment: { B: '1' }, initialPolicy: [statement()] };
  const schedule = ScheduleExpression.rate(Duration.hours(1));
  const queued = () => ({
    retry: { maxAttempts: 2 },
    priorities: { high: { maxConcurrency: 5 } },
    schedules: [{ name: 'hourly', schedule, user: 'ann', input: { ids: [1, { a: 2 }] } }],
  });
  const asynchronous = { ...queued(), environment: { C: '1' }, initialPolicy: [statement()] };
  const remote = queued();
  const webhook = { maxAttempts: 3, backoff: { initial: Duration.seconds(2) } };
  const handlers = {
    sync: StreamerHandler.sync('handlers/echo.ts', sync),
    isolated: StreamerHandler.sync('handlers/echo.ts', isolated),
    queued: StreamerHandler.async('handlers/report.ts', asynchronous),
    remote: StreamerHandler.fromFunction(fn, remote),
  };
  const given = auths[auth]();
  const hook = StreamerWebhook.post('https://example.com/hook', webhook);
  for (const options of [jwt, custom, none, sync, isolated, asynchronous, remote, webhook]) after(options);
  const props = {
    auth: given,
    projectRoot,
    handlers: {},
    webhook: hook,
    tags: { team: 'a' },
    topics: { 'news/*': StreamerTopic.readOnly() },
    throttle: { rateLimit: 5 },
    bundling: { define: { Y: '1' } },
    router: { memorySize: 512 },
    functionDefaults: { environment: { D: '1' }, layers: [] },
  };
  const api = new StreamerApi(stack, 'Streamer', props);
  after(props);
  for (const [action, handler] of Object.entries(handlers)) api.addHandler(action, handler);
  return Template.fromStack(stack).toJSON();
}

const statement = () => new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] });

test.each(['jwt', 'none', 'custom'] as const)('options that change later do not change an API with %s', (auth) => {
  expect(templateOf(auth, spoil)).toEqual(templateOf(auth, () => undefined));
});

test('a copy keeps instances of classes and tokens, and copies what contains them', () => {
  const timeout = Duration.seconds(1);
  const token = { resolve: () => 1, creationStack: [] };
  const options = { timeout, list: [{ timeout }], token };
  const copy = copyOptions(options);
  expect(copy).toEqual(options);
  expect([copy.timeout, copy.list[0].timeout, copy.token]).toEqual([timeout, timeout, token]);
  expect(copy.timeout).toBe(timeout);
  expect(copy.token).toBe(token);
  expect(copy.list).not.toBe(options.list);
  expect(copy.list[0]).not.toBe(options.list[0]);
});

test('a copy has the same keys, holes and cycles as its original, so that validation finds them', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const copy = copyOptions(cycle);
  expect(copy.self).toBe(copy);
  expect(Object.keys(copyOptions(JSON.parse('{"__proto__":1}')))).toEqual(['__proto__']);
  expect(0 in copyOptions(new Array(1))).toBe(false);
  expect(copyOptions(undefined)).toBeUndefined();
});
