import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerTables, StreamerWebhook } from '../../../src';
import { build, minimalProps } from '../support/apps';

const js = <T>(value: unknown): T => value as T;
const api = (props: object) => () => build({ ...minimalProps(), ...props });
const job = (options: object) => () => StreamerHandler.async('handlers/report.ts', js(options));
const jwt = { issuer: 'https://issuer.example', audience: ['a'] };

describe('a property that does not exist is refused, with the one that was meant', () => {
  test.each<[what: () => unknown, message: string]>([
    [api({ retantion: 5 }), '`retantion` must be a property that exists, got: 5. Did you mean `retention`?'],
    [api({ handlerstacks: 5 }), 'Did you mean `handlerStacks`?'],
    [api({ throttle: { rateLimit: 5, burstLimit: 5, burst: 5 } }), '`throttle.burst` must be a property that exists'],
    [api({ limits: { maxEvent: 5 } }), 'Did you mean `limits.maxEvents`?'],
    [api({ domain: { basepath: 'a' } }), 'Did you mean `domain.basePath`?'],
    [api({ router: { memorysize: 5 } }), 'Did you mean `router.memorySize`?'],
    [job({ timout: 5 }), '`timout` must be a property that exists, got: 5. Did you mean `timeout`?'],
    [job({ backoff: { inital: 5 } }), 'Did you mean `backoff.initial`?'],
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

test('a property that is undefined is not set', () => {
  expect(api({ timout: undefined })).not.toThrow();
});

test('a construct may be given where its properties are asked for', () => {
  const tables = new StreamerTables(new Stack(new App(), 'Data'), 'Tables');
  expect(() => StreamerTables.fromTables(tables)).not.toThrow();
});
