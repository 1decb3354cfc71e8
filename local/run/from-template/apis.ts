import type { Assembly, Resource } from '../../emulator/assembly';
import type {
  AuthorizerSpec,
  MockResponse,
  RouteSpec,
  ThrottleSpec,
  WebSocketApiSpec,
} from '../../emulator/websocket-api';
import type { CustomAddress } from '../http/endpoints';
import { functionNameOf, list, number, object, type Properties, required, text } from './properties';

const MAX_INTEGRATION_MS = 29_000;

export interface ApiSpecs {
  /** Specifications of the gateways, one for each stage of each WebSocket API. */
  readonly specs: WebSocketApiSpec[];
  readonly warnings: string[];
}

/**
 * Builds the specifications of the WebSocket APIs from their resources.
 *
 * @param runs returns whether a function can run in the local run
 */
export function webSocketApis(assembly: Assembly, runs: (functionName: string) => boolean): ApiSpecs {
  const parts = new ApiParts(assembly.resources, runs);
  const specs = parts.of('AWS::ApiGatewayV2::Stage').flatMap((stage) => parts.stage(stage) ?? []);
  return { specs, warnings: parts.warnings };
}

/** Returns the ids of the assembly's WebSocket APIs. */
export function webSocketApiIds(assembly: Assembly): string[] {
  return assembly.resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Api')
    .filter((api) => api.properties().ProtocolType === 'WEBSOCKET')
    .map((api) => api.ref());
}

/** Returns the addresses of stages on custom domains, according to the template's API mappings. */
export function customAddresses(assembly: Assembly): CustomAddress[] {
  const runs = new Set(webSocketApiIds(assembly));
  return assembly.resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::ApiMapping')
    .map((mapping) => mapping.properties())
    .filter(({ ApiId }) => runs.has(String(ApiId)))
    .map(({ ApiId, ApiMappingKey, DomainName, Stage }) => ({
      address: [DomainName, ApiMappingKey].filter((part) => part !== undefined && part !== '').join('/'),
      apiId: String(ApiId),
      stage: String(Stage),
    }));
}

interface Integration {
  readonly target: { readonly functionName: string } | { readonly mock: MockResponse };
  readonly timeoutMs: number;
}

class ApiParts {
  public readonly warnings: string[] = [];

  public constructor(
    private readonly resources: readonly Resource[],
    private readonly runs: (functionName: string) => boolean,
  ) {}

  public of(type: string, apiId?: string): Resource[] {
    const all = this.resources.filter((resource) => resource.type === type);
    return apiId === undefined ? all : all.filter((resource) => text(resource.properties().ApiId) === apiId);
  }

  public stage(stage: Resource): WebSocketApiSpec | undefined {
    const properties = stage.properties();
    const apiId = required(stage, 'ApiId', text(properties.ApiId));
    const api = this.of('AWS::ApiGatewayV2::Api').find((candidate) => candidate.ref() === apiId);
    if (api?.properties().ProtocolType !== 'WEBSOCKET') {
      this.warnings.push(`${stage.address} is not run: its API is not a WebSocket API of this application`);
      return undefined;
    }
    return {
      apiId,
      stage: stage.ref(),
      region: stage.region,
      accountId: stage.accountId,
      routeSelectionExpression: text(api.properties().RouteSelectionExpression) ?? '$request.body.action',
      routes: this.routes(apiId),
      throttle: throttleOf(object(properties.DefaultRouteSettings)),
      accessLogFormat: text(object(properties.AccessLogSettings).Format),
    };
  }

  private routes(apiId: string): Map<string, RouteSpec> {
    const routes = this.of('AWS::ApiGatewayV2::Route', apiId);
    return new Map(
      routes.flatMap((route) => {
        const spec = this.route(route, apiId);
        return spec ? [[required(route, 'RouteKey', text(route.properties().RouteKey)), spec] as const] : [];
      }),
    );
  }

  private route(route: Resource, apiId: string): RouteSpec | undefined {
    const properties = route.properties();
    const integrationId = text(properties.Target)?.replace(/^integrations\//, '');
    const integration = this.integration(route, apiId, integrationId);
    return (
      integration && {
        ...integration.target,
        timeoutMs: integration.timeoutMs,
        authorizer: this.authorizer(route, apiId),
        returnResponse: this.hasResponse(route, apiId),
      }
    );
  }

  private integration(route: Resource, apiId: string, id: string | undefined): Integration | undefined {
    const resource = this.of('AWS::ApiGatewayV2::Integration', apiId).find((candidate) => candidate.ref() === id);
    const properties = resource?.properties() ?? {};
    const timeoutMs = number(properties.TimeoutInMillis) ?? MAX_INTEGRATION_MS;
    if (properties.IntegrationType === 'MOCK') {
      return { target: { mock: mockResponse(properties) }, timeoutMs };
    }
    const functionName = functionNameOf(text(properties.IntegrationUri) ?? '');
    if (!this.runs(functionName)) {
      this.warnings.push(`${route.address} is left out: its integration is not a function of the local run`);
      return undefined;
    }
    return { target: { functionName }, timeoutMs };
  }

  private authorizer(route: Resource, apiId: string): AuthorizerSpec | undefined {
    const { AuthorizationType: type, AuthorizerId: id } = route.properties();
    if (type === undefined || type === 'NONE') return undefined;
    if (type !== 'CUSTOM') {
      this.warnings.push(`${route.address} accepts every client: authorization by ${String(type)} is not emulated`);
      return undefined;
    }
    const authorizer = this.of('AWS::ApiGatewayV2::Authorizer', apiId).find((candidate) => candidate.ref() === id);
    const properties = authorizer?.properties() ?? {};
    return {
      functionName: functionNameOf(text(properties.AuthorizerUri) ?? ''),
      identitySource: list(properties.IdentitySource).map(String),
    };
  }

  /**
   * Whether a route sends the result of its integration to the client. For this, a route needs a route response and a
   * selection expression.
   */
  private hasResponse(route: Resource, apiId: string): boolean {
    const responses = this.of('AWS::ApiGatewayV2::RouteResponse', apiId);
    const selects = route.properties().RouteResponseSelectionExpression !== undefined;
    return selects && responses.some((response) => response.properties().RouteId === route.ref());
  }
}

function throttleOf(settings: Properties): ThrottleSpec | undefined {
  const rateLimit = number(settings.ThrottlingRateLimit);
  const burstLimit = number(settings.ThrottlingBurstLimit);
  return rateLimit === undefined || burstLimit === undefined ? undefined : { rateLimit, burstLimit };
}

/** Reads the response of a MOCK integration, which answers with the status in its request template. */
function mockResponse(properties: Properties): MockResponse {
  const [template] = Object.values(object(properties.RequestTemplates));
  const status = /"?statusCode"?\s*:\s*(\d{3})/.exec(String(template ?? ''));
  return { statusCode: status ? Number(status[1]) : 200 };
}
