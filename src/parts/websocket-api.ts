import { Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigwv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import { acknowledge } from '../private/acknowledge';
import type { AuthBinding } from '../private/auth';

export interface WebSocketApiProps {
  readonly router: IFunction;
  readonly auth: AuthBinding;
  readonly stageName: string;
  readonly throttle: apigwv2.ThrottleSettings;
  readonly logRetention: RetentionDays;
}

/** The API and its one stage; all frames go to the router. */
export class StreamerWebSocketApi extends Construct {
  public readonly api: apigwv2.WebSocketApi;
  public readonly stage: apigwv2.WebSocketStage;

  public constructor(scope: Construct, id: string, props: WebSocketApiProps) {
    super(scope, id);
    this.api = this.createApi(props);
    this.stage = this.createStage(props);
  }

  /** Sending frames to connections, and the address to do it at. Neither reading nor closing them. */
  public grantPost(fn: LambdaFunction): void {
    const resource = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.api.apiId,
      resourceName: `${this.stage.stageName}/POST/@connections/*`,
    });
    fn.addToRolePolicy(new PolicyStatement({ actions: ['execute-api:ManageConnections'], resources: [resource] }));
    fn.addEnvironment(ENV.callbackUrl, this.stage.callbackUrl);
  }

  private createApi({ router, auth }: WebSocketApiProps): apigwv2.WebSocketApi {
    // one integration a route: aws-cdk-lib 2.257 gives the Lambda permission to the first route only when they share one
    const integration = (name: string) => new WebSocketLambdaIntegration(`${name}Integration`, router);
    const api = new apigwv2.WebSocketApi(this, 'Api', {
      apiName: Names.uniqueResourceName(this, { maxLength: 128 }),
      routeSelectionExpression: '$request.body.type',
      connectRouteOptions: {
        integration: integration('Connect'),
        // ours declare no identity source: each one would be mandatory, and a token may come in either of two places
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

  private createStage({ stageName, throttle, logRetention }: WebSocketApiProps): apigwv2.WebSocketStage {
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new apigwv2.WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle,
      accessLogSettings: {
        destination: new apigwv2.LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }
}

/** Fields of a line of the access log; none of them can hold a token. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  connectionId: '$context.connectionId',
  eventType: '$context.eventType',
  routeKey: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  integrationLatency: '$context.integrationLatency',
};

function acknowledgeRoutes(api: apigwv2.WebSocketApi): void {
  for (const route of api.node.children) {
    if (route instanceof apigwv2.WebSocketRoute && route.routeKey !== '$connect') {
      acknowledge(route, { 'AwsSolutions-APIG4': 'API Gateway authorizes a WebSocket on $connect only' });
    }
  }
}
