import { Stack } from 'aws-cdk-lib';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StreamerApi, type StreamerApiProps, StreamerHandler, StreamerWebhook } from '../../../src';
import { build, minimalProps } from '../support/apps';

const domainName = (stack: Stack, id: string, name = 'stream.example.com') =>
  DomainName.fromDomainNameAttributes(stack, id, { name, regionalDomainName: 'd', regionalHostedZoneId: 'z' });

/** Creates two APIs of one app, each in a separate stack. */
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

  test('two APIs on one domain are accepted with different base paths', () => {
    const at = (basePath: string, name?: string) => (stack: Stack) => ({
      domain: { domainName: domainName(stack, 'Domain', name), basePath },
    });
    expect(two(at('a'), at('b'))).not.toThrow();
    expect(two(at('a'), at('a', 'other.example.com'))).not.toThrow();
  });
});

describe('a resource of another region that the functions would look for in their own', () => {
  const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/b';
  const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:s-abcdef';
  const secretOf = (stack: Stack) => Secret.fromSecretCompleteArn(stack, 'Secret', SECRET);
  const synth = (props: (stack: Stack) => Partial<StreamerApiProps>, region: string) => () =>
    build((stack) => ({ ...minimalProps(), ...props(stack) }), undefined, region).app.synth();

  test.each<[prop: string, props: (stack: Stack) => Partial<StreamerApiProps>]>([
    ['eventBus', (stack) => ({ eventBus: EventBus.fromEventBusArn(stack, 'Bus', BUS) })],
    [
      'webhook.secret',
      (stack) => ({ webhook: StreamerWebhook.post('https://a.example', { secret: secretOf(stack) }) }),
    ],
  ])('%s of another region is refused at the end of synthesis', (prop, props) => {
    expect(synth(props, 'eu-west-1')).toThrow(
      `\`${prop}\` must be in the region of the API, eu-west-1, got: 'us-east-1'`,
    );
    expect(synth(props, 'us-east-1')).not.toThrow();
  });
});

describe('an environment above the 4 KB of Lambda', () => {
  const many = (count: number, action = 'a') =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`${action}${at}`, StreamerHandler.async('handlers/archive.ts')]),
    );

  test("the size of an environment includes the user's values and is measured in bytes", () => {
    const environment = { TEXT: 'ä'.repeat(2_000) };
    const handlers = { a: StreamerHandler.async('handlers/archive.ts', { environment }) };
    expect(() => build({ ...minimalProps(), handlers }).app.synth()).toThrow(
      '`environment of Processors/a/Function` must be',
    );
    const fits = { a: StreamerHandler.async('handlers/archive.ts', { environment: { TEXT: 'ä'.repeat(1_000) } }) };
    expect(() => build({ ...minimalProps(), handlers: fits }).app.synth()).not.toThrow();
  });

  test('many handlers never make an environment larger than 4 KB, whatever their names are', () => {
    expect(() => build({ ...minimalProps(), handlers: many(40, 'x'.repeat(60)) }).app.synth()).not.toThrow();
  });
});
