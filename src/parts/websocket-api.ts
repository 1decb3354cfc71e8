import { Annotations, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigwv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import { acknowledge, acknowledgeWildcard } from '../grants/nag';
import type { StreamerDomain } from '../options/streamer-domain';
import type { Settings } from '../settings';
import type { AuthBinding } from './authorizer';

interface WebSocketApiProps {
  readonly settings: Settings;
  readonly router: IFunction;
  readonly auth: AuthBinding;
  readonly stageName: string;
  readonly throttle: apigwv2.ThrottleSettings;
  readonly accessLogging: boolean;
  readonly accessLogFormat?: AccessLogFormat;
  readonly domain?: StreamerDomain;
}

/** The WebSocket API and its only stage. All frames go to the router. */
export class StreamerWebSocketApi extends Construct {
  public readonly api: apigwv2.WebSocketApi;
  public readonly stage: apigwv2.WebSocketStage;
  /** Address that clients connect to. */
  public readonly url: string;
  /** Address to which functions post the frames for connections. */
  public readonly callbackUrl: string;

  public constructor(scope: Construct, id: string, props: WebSocketApiProps) {
    super(scope, id);
    this.api = this.createApi(props);
    this.stage = this.createStage(props);
    deployAfterRoutes(this.stage, this.api);
    const { domain } = props;
    if (domain) this.mapDomain(domain);
    this.url = domain ? `wss://${address(domain)}` : this.stage.url;
    this.callbackUrl = domain?.disableDefaultEndpoint ? `https://${address(domain)}` : this.stage.callbackUrl;
  }

  /** Grants sending frames to connections, and sets the variable with their address. It does not grant reading or closing connections. */
  public grantPost(fn: LambdaFunction): void {
    const resource = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `${this.stage.stageName}/POST/@connections/*`,
    });
    fn.addToRolePolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources: [resource] }));
    acknowledgeWildcard(fn, resource, 'Connection ids are not known before they connect');
    fn.addEnvironment(ENV.callbackUrl, this.callbackUrl);
  }

  private createApi({ settings, router, auth }: WebSocketApiProps): apigwv2.WebSocketApi {
    // Creates one integration per route. With a shared integration, aws-cdk-lib 2.257 grants the permission to invoke the function to the first route
    // only.
    const integration = (name: string) => new WebSocketLambdaIntegration(`${name}Integration`, router);
    const api = new apigwv2.WebSocketApi(this, 'Api', {
      apiName: settings.apiName,
      routeSelectionExpression: '$request.body.type',
      connectRouteOptions: {
        integration: integration('Connect'),
        // The built-in authorizers declare no identity source. Every declared source would be mandatory, but the token may be in one of two places.
        authorizer: new WebSocketLambdaAuthorizer('Authorizer', auth.authorizer, {
          identitySource: auth.identitySources,
        }),
      },
      disconnectRouteOptions: { integration: integration('Disconnect') },
      defaultRouteOptions: { integration: integration('Default'), returnResponse: true },
    });
    acknowledgeRoutes(api);
    return api;
  }

  private createStage(props: WebSocketApiProps): apigwv2.WebSocketStage {
    return new apigwv2.WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: props.stageName,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: props.throttle,
      accessLogSettings: props.accessLogging ? createAccessLog(this, props.settings, props.accessLogFormat) : undefined,
    });
  }

  private mapDomain({ domainName, basePath, disableDefaultEndpoint }: StreamerDomain): void {
    new apigwv2.ApiMapping(this, 'Mapping', {
      api: this.api,
      stage: this.stage,
      domainName,
      apiMappingKey: basePath,
    });
    if (disableDefaultEndpoint) {
      (this.api.node.defaultChild as apigwv2.CfnApi).disableExecuteApiEndpoint = true;
    }
  }
}

const address = ({ domainName, basePath }: StreamerDomain): string =>
  basePath === undefined ? domainName.name : `${domainName.name}/${basePath}`;

/**
 * Makes the deployment depend on the routes. A deployment contains the resources that exist when it is created: without the route responses, clients
 * would get no acknowledgments until the next deployment.
 */
function deployAfterRoutes(stage: apigwv2.WebSocketStage, api: apigwv2.WebSocketApi): void {
  for (const each of api.node.findAll()) {
    if (each instanceof apigwv2.CfnRoute || each instanceof apigwv2.CfnRouteResponse) stage.node.addDependency(each);
  }
}

function acknowledgeRoutes(api: apigwv2.WebSocketApi): void {
  for (const route of api.node.children) {
    if (route instanceof apigwv2.WebSocketRoute && route.routeKey !== '$connect') {
      acknowledge(route, { 'AwsSolutions-APIG4': 'API Gateway authorizes a WebSocket on $connect only' });
    }
  }
}

/** Fields of an access log line. None of them can contain a token. */
const FIELDS = {
  requestId: '$context.requestId',
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integration.error',
  integrationLatency: '$context.integrationLatency',
};

/** Matches fields that may contain a token: values that an authorizer returned, headers, query and body. */
const REVEALING =
  /\$context\.(authorizer|identity\.(accessKey|apiKey\b))|\$input|\$?request\.(header|querystring|body)/;

/** Creates the access log: its log group, and the format of its lines. */
function createAccessLog(
  scope: Construct,
  { logRetention, encryptionKey }: Settings,
  format = AccessLogFormat.custom(JSON.stringify(FIELDS)),
): IAccessLogSettings {
  warnOfSecrets(scope, format.toString());
  const logGroup = new LogGroup(scope, 'AccessLogs', {
    retention: logRetention,
    encryptionKey,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return { destination: new LogGroupLogDestination(logGroup), format };
}

function warnOfSecrets(scope: Construct, format: string): void {
  const found = Token.isUnresolved(format) ? undefined : REVEALING.exec(format)?.[0];
  if (!found) return;
  Annotations.of(scope).addWarningV2(
    'cdk-streamer:accessLogFormat',
    `\`accessLogFormat\` names ${found}, which may write tokens or messages into the access log: leave it out, or make sure that yours does not`,
  );
}
