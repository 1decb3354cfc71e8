import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { StreamerApi, StreamerAuth, StreamerHandler } from '../../../src';
import { build, minimalProps } from '../support/apps';
import { functionOf, permissionsOf, readable, resource } from '../support/readable';

const issuer = 'https://issuer.example';

/** Calls a factory without type checks, as a JavaScript program can. */
const untyped = (action: string, ...args: unknown[]) =>
  (StreamerAuth as unknown as Record<string, (...args: unknown[]) => unknown>)[action](...args);

describe('without a login', () => {
  const auth = StreamerAuth.none({ allowedOrigins: ['https://app.example'] });
  const template = Template.fromStack(build({ ...minimalProps(), auth }).stack);

  test('without a login, a separate function names the visitors, and it has no permissions', () => {
    const { Properties, Metadata } = functionOf(template, 'Authorizer');

    expect(Properties).toMatchObject({
      MemorySize: 256,
      Timeout: 5,
      Environment: { Variables: { STREAMER_ALLOWED_ORIGINS: '["https://app.example"]' } },
    });
    expect(Metadata['cdk-streamer:visitors']).toBe(true);
    expect(Metadata).not.toHaveProperty('cdk-streamer:jwt');
    expect(permissionsOf(template, 'Authorizer')).toEqual([
      'Allow logs:CreateLogStream logs:PutLogEvents on <AuthorizerFunctionLogs.Arn>',
    ]);
  });

  test('the authorizer without a login is invoked for each handshake', () => {
    const [route] = Object.values(template.findResources('AWS::ApiGatewayV2::Authorizer'));

    expect(route.Properties).toMatchObject({ AuthorizerType: 'REQUEST', IdentitySource: [] });
  });
});

describe('with a function of the user', () => {
  const { stack } = build(minimalProps());
  const own = new LambdaFunction(stack, 'Own', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({});'),
  });
  const identitySources = ['route.request.querystring.ticket'];
  new StreamerApi(stack, 'Named', { ...minimalProps(), auth: StreamerAuth.custom(own, { identitySources }) });
  new StreamerApi(stack, 'Plain', { ...minimalProps(), auth: StreamerAuth.custom(own) });
  const template = Template.fromStack(stack);
  const authorizerOf = (name: string) =>
    resource(template, 'AWS::ApiGatewayV2::Authorizer', `${name}WebSocketApiAuthorizer`).Properties;

  test("a user's function is the authorizer, and is invoked for handshakes with the identity source", () => {
    const AuthorizerUri = expect.stringContaining('<Own.Arn>');

    expect(authorizerOf('Named')).toMatchObject({ AuthorizerUri, IdentitySource: identitySources });
    expect(authorizerOf('Plain')).toMatchObject({ AuthorizerUri, IdentitySource: [] });
  });

  test('each API gets one permission to invoke a custom authorizer', () => {
    const allowed = Object.values(template.findResources('AWS::Lambda::Permission')).map(readable);

    expect(
      allowed.filter((each) => (each as { Properties: object }).Properties['FunctionName' as never] === '<Own.Arn>'),
    ).toMatchObject([
      {
        Properties: { Principal: 'apigateway.amazonaws.com', SourceArn: expect.stringMatching('<NamedWebSocketApi>') },
      },
      {
        Properties: { Principal: 'apigateway.amazonaws.com', SourceArn: expect.stringMatching('<PlainWebSocketApi>') },
      },
    ]);
  });

  test('with a custom authorizer, no other authorizer is created', () => {
    const functions = Object.keys(template.findResources('AWS::Lambda::Function'));

    expect(functions.filter((id) => id.includes('Authorizer'))).toEqual([expect.stringMatching(/^Streamer/)]);
  });
});

describe('an option that cannot work is refused at once', () => {
  test.each<[what: () => unknown, message: string]>([
    [
      () => untyped('custom'),
      '`StreamerAuth.custom` must get a Lambda function, got: undefined. Pass `new Function(…)`',
    ],
    [
      () => untyped('custom', 'arn:aws:lambda:x'),
      "`StreamerAuth.custom` must get a Lambda function, got: 'arn:aws:lambda:x'",
    ],
    [() => untyped('custom', StreamerHandler.sync('a.ts')), '`StreamerAuth.custom` must get a Lambda function, got: '],
    [
      () => untyped('custom', { functionArn: 'arn' }, { identitySources: ['$request.header.Auth'] }),
      "`identitySources` must be such as 'route.request.header.Authorization' or 'route.request.querystring.ticket', got: '$request.header.Auth'",
    ],
    [
      () => StreamerAuth.none({ allowedOrigins: ['https://app.example/'] }),
      "`allowedOrigins` must be an origin such as 'https://example.com', without a path, got: 'https://app.example/'",
    ],
    [() => StreamerAuth.none({ allowedOrigins: ['*'] }), '`allowedOrigins` must be an origin'],
    [() => untyped('jwt', { audience: ['a'] }), '`issuer` must be an https URL'],
    [() => untyped('jwt', { issuer, audience: 'reports' }), "`audience` must be an array of strings, got: 'reports'"],
    [() => untyped('jwt', { issuer }), '`audience` must be an array of strings, got: undefined'],
    [() => StreamerAuth.jwt({ issuer, audience: [] }), '`audience` must have at least one entry, got: []'],
  ])('%# %s', (what, message) => {
    expect(what).toThrow(message);
  });
});
