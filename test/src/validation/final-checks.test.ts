import { Stack } from 'aws-cdk-lib';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { StreamerApi, type StreamerApiProps, StreamerHandler } from '../../../src';
import { build, minimalProps } from '../support/apps';

const domainName = (stack: Stack, id: string, name = 'stream.example.com') =>
  DomainName.fromDomainNameAttributes(stack, id, { name, regionalDomainName: 'd', regionalHostedZoneId: 'z' });

/** Two APIs of one app, each in a stack of its own. */
function two(first: (stack: Stack) => Partial<StreamerApiProps>, second: (stack: Stack) => Partial<StreamerApiProps>) {
  const { app } = build((stack) => ({ ...minimalProps(), ...first(stack) }));
  const other = new Stack(app, 'Other');
  new StreamerApi(other, 'Second', { ...minimalProps(), ...second(other) });
  return () => void app.synth();
}

describe('two APIs on one domain', () => {
  test('two APIs on one domain need different base paths', () => {
    const at = (stack: Stack) => ({ domain: { domainName: domainName(stack, 'Domain'), basePath: 'live' } });
    expect(two(at, at)).toThrow(
      "[Other/Second] `domain.basePath` must differ from that of Test/Streamer, which has the same domain, got: 'live'",
    );
  });

  test('two APIs on one domain cannot both be at its root', () => {
    const at = (stack: Stack) => ({ domain: { domainName: domainName(stack, 'Domain') } });
    expect(two(at, at)).toThrow('`domain.basePath` must differ from that of Test/Streamer');
  });

  test('two APIs on one domain live side by side otherwise', () => {
    const at = (basePath: string, name?: string) => (stack: Stack) => ({
      domain: { domainName: domainName(stack, 'Domain', name), basePath },
    });
    expect(two(at('a'), at('b'))).not.toThrow();
    expect(two(at('a'), at('a', 'other.example.com'))).not.toThrow();
  });
});

describe('an environment above the 4 KB of Lambda', () => {
  const many = (count: number, action = 'a') =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`${action}${at}`, StreamerHandler.async('handlers/archive.ts')]),
    );

  test('an environment is counted in bytes, also the values that a user sets', () => {
    const environment = { TEXT: 'ä'.repeat(2_000) };
    const handlers = { a: StreamerHandler.async('handlers/archive.ts', { environment }) };
    expect(() => build({ ...minimalProps(), handlers }).app.synth()).toThrow(
      '`environment of Processors/a/Function` must be',
    );
    const fits = { a: StreamerHandler.async('handlers/archive.ts', { environment: { TEXT: 'ä'.repeat(1_000) } }) };
    expect(() => build({ ...minimalProps(), handlers: fits }).app.synth()).not.toThrow();
  });

  test('an environment above the 4 KB of Lambda is not what many handlers make, whatever they are called', () => {
    expect(() => build({ ...minimalProps(), handlers: many(40, 'x'.repeat(60)) }).app.synth()).not.toThrow();
  });
});
