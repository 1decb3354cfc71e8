import { App, Duration, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerTables, StreamerWebhook } from '../../../src';
import { build, minimalProps } from '../support/apps';

const js = <T>(value: unknown): T => value as T;
const api = (props: object) => () => build({ ...minimalProps(), ...props });
const job = (options: object) => () => StreamerHandler.async('handlers/report.ts', js(options));
const jwt = { issuer: 'https://issuer.example', audience: ['a'] };

describe('a property that does not exist is refused, and the error names the one that was meant', () => {
  test.each<[what: () => unknown, message: string]>([
    [api({ retantion: 5 }), '`retantion` must be a property that exists, got: 5. Did you mean `retention`?'],
    [api({ handlerstacks: 5 }), 'Did you mean `handlerStacks`?'],
    [api({ throttle: { rateLimit: 5, burstLimit: 5, burst: 5 } }), '`throttle.burst` must be a property that exists'],
    [api({ limits: { maxEvent: 5 } }), 'Did you mean `limits.maxEvents`?'],
    [api({ domain: { basepath: 'a' } }), 'Did you mean `domain.basePath`?'],
    [api({ router: { memorysize: 5 } }), 'Did you mean `router.memorySize`?'],
    [job({ timout: 5 }), '`timout` must be a property that exists, got: 5. Did you mean `timeout`?'],
    [job({ retry: { bas: 5 } }), 'Did you mean `retry.base`?'],
    [() => StreamerHandler.sync('handlers/echo.ts', js({ isolate: true })), 'Did you mean `isolated`?'],
    [() => StreamerAuth.jwt(js({ ...jwt, tenantClaims: 'x' })), 'Did you mean `tenantClaim`?'],
    [() => StreamerAuth.none(js({ allowedOrigin: [] })), 'Did you mean `allowedOrigins`?'],
    [() => StreamerWebhook.post('https://a.example', js({ maxAttempt: 1 })), 'Did you mean `webhook.maxAttempts`?'],
    [() => new StreamerTables(new Stack(), 'Tables', js({ removalpolicy: 1 })), 'Did you mean `removalPolicy`?'],
    [
      () => StreamerApi.fromStreamerApiAttributes(new Stack(), 'Api', js({ apiId: 'a', stagename: 'v1' })),
      'Did you mean `stageName`?',
    ],
    [
      api({ something: 1 }),
      '`something` must be a property that exists, got: 1. Known properties: accessLogFormat, accessLogging,',
    ],
  ])('%#: %s', (what, message) => {
    expect(what).toThrow(message);
  });
});

describe('a value in place of an object of properties is refused', () => {
  const seconds = Duration.seconds(5);

  test.each<[what: () => unknown, message: string]>([
    [
      api({ throttle: 20 }),
      '`throttle` must be an object of properties, got: 20. Known properties: burstLimit, rateLimit',
    ],
    [api({ limits: 5 }), '`limits` must be an object of properties, got: 5. Known properties: maxEvents,'],
    [
      api({ limits: new Map([['maxEvents', 5]]) }),
      '`limits` must be an object of properties, got: an object of class Map',
    ],
    [
      api({ router: 'x' }),
      "`router` must be an object of properties, got: 'x'. Known properties: adotInstrumentation,",
    ],
    [api({ functionDefaults: [{ tracing: 'Active' }] }), '`functionDefaults` must be an object of properties, got: [{'],
    [api({ functionDefaults: 5 }), '`functionDefaults` must be an object of properties, got: 5'],
    [api({ functionDefaults: false }), '`functionDefaults` must be an object of properties, got: false'],
    [api({ domain: new Stack() }), '`domain` must be an object of properties, got: an object of class Stack'],
    [
      api({ tags: new Map([['team', 'a']]) }),
      '`tags` must be an object of strings by name, got: an object of class Map',
    ],
    [api({ eventBus: '' }), "`eventBus` must be an event bus, got: ''"],
    [api({ webhook: false }), '`webhook` must be a StreamerWebhook, got: false'],
    [api({ tables: 0 }), '`tables` must be an object with four tables, got: 0'],
    [
      job(js(seconds)),
      '`options` must be an object of properties, got: an object of class Duration. Known properties:',
    ],
    [job({ retry: seconds }), '`retry` must be an object of properties, got: an object of class Duration'],
    [
      () => StreamerWebhook.post('https://a.example', { backoff: js(seconds) }),
      '`webhook.backoff` must be an object of properties, got: an object of class Duration. Known properties: initial, max',
    ],
    [() => StreamerWebhook.post('https://a.example', js(5)), '`webhook` must be given an object of options, got: 5'],
    [() => StreamerAuth.none(js('https://x')), "`options` must be an object with `allowedOrigins`, got: 'https://x'"],
    [
      () => StreamerAuth.none(js(['https://x'])),
      '`options` must be an object with `allowedOrigins`, got: ["https://x"]',
    ],
    [() => StreamerAuth.jwt(js(undefined)), '`options` must be an object with `issuer` and `audience`, got: undefined'],
    [() => StreamerApi.fromStreamerApiAttributes(new Stack(), 'Api', js(seconds)), '`options` must be an object of'],
  ])('%#: %s', (what, message) => {
    expect(what).toThrow(message);
  });

  test('an object of a class that has the properties is accepted', () => {
    class Limits {
      public readonly maxEvents = 5;
    }
    expect(api({ limits: new Limits() })).not.toThrow();
  });
});

test('a property that is undefined is not set', () => {
  expect(api({ timout: undefined })).not.toThrow();
});

test('a construct is accepted as an object of properties if it has these properties', () => {
  const tables = new StreamerTables(new Stack(new App(), 'Data'), 'Tables');
  expect(() => StreamerTables.fromTables(tables)).not.toThrow();
});
