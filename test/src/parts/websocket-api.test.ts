import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnApi, DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';
import { StreamerApi, type StreamerApiProps, type StreamerDomain } from '../../../src';
import { build, minimalProps } from '../support/apps';
import { environmentOf, permissionsOf, readable, resource } from '../support/readable';

const withProps = (props: Partial<StreamerApiProps>) => build({ ...minimalProps(), ...props });
const stageOf = (stack: Stack) =>
  resource(Template.fromStack(stack), 'AWS::ApiGatewayV2::Stage', 'WebSocketStage').Properties;

describe('a domain of your own', () => {
  const domainName = (scope: Construct) =>
    new DomainName(scope, 'Domain', {
      domainName: 'stream.example.com',
      certificate: Certificate.fromCertificateArn(
        scope,
        'Certificate',
        'arn:aws:acm:us-east-1:123456789012:certificate/c',
      ),
    });
  const onDomain = (options: Omit<StreamerDomain, 'domainName'> = {}) =>
    build((stack) => ({ ...minimalProps(), domain: { domainName: domainName(stack), ...options } }));
  const addresses = ({ api, stack }: ReturnType<typeof onDomain>) =>
    readable(stack.resolve([api.url, api.callbackUrl]));
  const executeApi = 'https://<WebSocketApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1';

  test('a domain of your own is where clients connect; frames are posted at the default endpoint', () => {
    expect(addresses(onDomain())).toEqual(['wss://<Domain>', executeApi]);
  });

  test('a domain of your own has the API at its base path', () => {
    const built = onDomain({ basePath: 'reports/live' });
    expect(addresses(built)).toEqual(['wss://<Domain>/reports/live', executeApi]);
    const mapping = Object.values(Template.fromStack(built.stack).findResources('AWS::ApiGatewayV2::ApiMapping'));
    expect(mapping.map(({ Properties }) => readable(Properties))).toEqual([
      { ApiId: '<WebSocketApi>', Stage: 'v1', DomainName: '<Domain>', ApiMappingKey: 'reports/live' },
    ]);
  });

  test('a custom domain is the only address if the default endpoint is disabled, also for posting', () => {
    const built = onDomain({ basePath: 'live', disableDefaultEndpoint: true });
    const template = Template.fromStack(built.stack);
    expect(addresses(built)).toEqual(['wss://<Domain>/live', 'https://<Domain>/live']);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
    for (const part of ['Dispatcher', 'Processorsgeneratereport']) {
      expect(environmentOf(template, part).STREAMER_CALLBACK_URL).toBe('https://<Domain>/live');
    }
  });

  test('a custom domain changes no permissions, because they name the API', () => {
    const template = Template.fromStack(onDomain({ disableDefaultEndpoint: true }).stack);
    expect(permissionsOf(template, 'Dispatcher')).toContain(
      'Allow execute-api:ManageConnections on arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocketApi>/v1/POST/@connections/*',
    );
  });

  test('the default endpoint stays unless it is disabled', () => {
    Template.fromStack(onDomain().stack).hasResourceProperties('AWS::ApiGatewayV2::Api', {
      DisableExecuteApiEndpoint: Match.absent(),
    });
  });
});

describe('the access log', () => {
  const format = (fields: object) =>
    AccessLogFormat.custom(JSON.stringify({ requestId: '$context.requestId', ...fields }));

  test('if the access log is disabled, there is no log group', () => {
    const { stack } = withProps({ accessLogging: false });
    expect(stageOf(stack)).not.toHaveProperty('AccessLogSettings');
    const groups = Object.keys(Template.fromStack(stack).findResources('AWS::Logs::LogGroup'));
    expect(groups.filter((id) => id.includes('AccessLogs'))).toEqual([]);
  });

  test('the access log has the format that is given', () => {
    const { stack } = withProps({ accessLogFormat: format({ at: AccessLogField.contextRequestTime() }) });
    expect(JSON.parse(stageOf(stack).AccessLogSettings.Format)).toEqual({
      requestId: '$context.requestId',
      at: '$context.requestTime',
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('accessLogFormat'));
  });

  test.each([
    ['$context.authorizer.claims.sub'],
    ['$context.authorizer.principalId'],
    ['$context.identity.apiKey'],
  ])('synthesis warns about an access log format that may contain a token: %s', (field) => {
    const { stack } = withProps({ accessLogFormat: format({ field }) });
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('may write tokens or messages into the access log'),
    );
  });
});

test.each([
  ['$context.integrationErrorMessage', 'contain only variables that API Gateway documents for WebSocket APIs'],
  ['$context.routekey', 'Did you mean $context.routeKey?'],
  ['$context.httpMethod', 'Leave it out: the deployment would fail'],
])('a variable that API Gateway does not document for WebSocket APIs is refused: %s', (field, message) => {
  expect(() => withProps({ accessLogFormat: AccessLogFormat.custom(`$context.requestId ${field}`) })).toThrow(message);
});

test('all variables of the default format are documented ones', () => {
  const { Format } = stageOf(withProps({}).stack).AccessLogSettings;
  expect(() => withProps({ accessLogFormat: AccessLogFormat.custom(Format) })).not.toThrow();
});

test('the stage is created after all routes and their responses, and the API is the default child', () => {
  const { api, stack } = withProps({});
  const template = Template.fromStack(stack);
  const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
  const routes = ['AWS::ApiGatewayV2::Route', 'AWS::ApiGatewayV2::RouteResponse'].flatMap((type) =>
    Object.keys(template.findResources(type)),
  );
  expect(routes).toHaveLength(4);
  expect(stage.DependsOn).toEqual(expect.arrayContaining(routes));
  (api.node.defaultChild as CfnApi).addPropertyOverride('Version', '7');
  expect(api.node.defaultChild).toBe(api.api.node.defaultChild);
});

test('all resources that support tags have the tags', () => {
  const template = Template.fromStack(withProps({ tags: { team: 'reports' } }).stack);
  const tag = Match.arrayWith([{ Key: 'team', Value: 'reports' }]);
  for (const type of ['AWS::Lambda::Function', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup', 'AWS::IAM::Role']) {
    template.allResourcesProperties(type, { Tags: tag });
  }
  template.allResourcesProperties('AWS::ApiGatewayV2::Api', { Tags: { team: 'reports' } });
  template.allResourcesProperties('AWS::ApiGatewayV2::Stage', { Tags: { team: 'reports' } });
  template.allResourcesProperties('AWS::DynamoDB::GlobalTable', { Replicas: [Match.objectLike({ Tags: tag })] });
});

test('two APIs of one app have different names, so their metrics differ', () => {
  const { app } = withProps({});
  const other = new Stack(app, 'Other');
  new StreamerApi(other, 'Streamer', minimalProps());
  const names = [...app.node.children].flatMap((stack) =>
    Object.values(Template.fromStack(stack as Stack).findResources('AWS::ApiGatewayV2::Api')).map(
      (api) => api.Properties.Name,
    ),
  );
  expect(new Set(names).size).toBe(2);
});
