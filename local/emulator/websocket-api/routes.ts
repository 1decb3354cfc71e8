import { STATUS_CODES } from 'node:http';
import type { Clock, FunctionInvoker, LogSink } from '../types';
import { type AccessEntry, formatAccessLine } from './access-log';
import { Authorizer } from './authorizer';
import type { CloseReason } from './close-reasons';
import type { AuthorizerContext, Connection } from './connection';
import { connectEvent, disconnectEvent, messageEvent, type RequestContext, requestContext } from './events';
import { callIntegration, type IntegrationError, type IntegrationResponse } from './integration';
import { errorFrame } from './refusal';
import { selectRoute } from './route-selection';
import { RouteThrottle } from './throttle';
import type { GatewayLimits, WebSocketApiSpec } from './types';

export interface RouteDependencies {
  readonly spec: WebSocketApiSpec;
  readonly limits: GatewayLimits;
  readonly invoker: FunctionInvoker;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly newId: () => string;
}

export type ConnectResult =
  | { readonly accepted: true; readonly protocol: string | undefined }
  | { readonly accepted: false; readonly status: number; readonly body: string };

/** Handles `$connect`, messages and `$disconnect`: it throttles, authorizes, calls the integration and logs. */
export class Routes {
  private readonly throttle: RouteThrottle;
  private readonly authorizer: Authorizer;

  public constructor(private readonly deps: RouteDependencies) {
    const { spec, limits, invoker, clock } = deps;
    this.throttle = new RouteThrottle(spec.throttle, clock);
    this.authorizer = new Authorizer(spec, limits, invoker, clock);
  }

  public async connect(connection: Connection): Promise<ConnectResult> {
    const context = this.context(connection, '$connect', 'CONNECT');
    const refuse = (status: number, message: string, errorMessage = message): ConnectResult => {
      this.record(connection, { context, status, errorMessage });
      return { accepted: false, status, body: errorFrame(message, connection.connectionId, context.requestId) };
    };
    if (!this.throttle.admits('$connect')) return refuse(429, 'Too Many Requests');
    const route = this.deps.spec.routes.get('$connect');
    if (route?.authorizer) {
      const answer = await this.authorizer.authorize(route.authorizer, connection, context);
      if (!answer.allowed) return refuse(answer.status, answer.message, answer.detail);
      connection.authorizer = answer.context;
    }
    return this.integrateConnect(connection, withAuthorizer(context, connection.authorizer), refuse);
  }

  /** Answers one message. As on AWS, messages of one connection are processed concurrently. */
  public async message(connection: Connection, body: string): Promise<void> {
    const { spec } = this.deps;
    const routeKey = selectRoute(spec.routeSelectionExpression, body, spec.routes);
    const context = this.context(connection, routeKey ?? '-', 'MESSAGE', { messageId: this.deps.newId() });
    const fail = (status: number, message: string, errorMessage = message) => {
      connection.send(errorFrame(message, connection.connectionId, context.requestId));
      this.record(connection, { context, status, errorMessage });
    };
    const route = routeKey === undefined ? undefined : spec.routes.get(routeKey);
    if (!route || routeKey === undefined) return fail(403, 'Forbidden');
    if (!this.throttle.admits(routeKey)) return fail(429, 'Too Many Requests');
    const startedAt = this.deps.clock.now();
    try {
      const response = await this.integrate(routeKey, messageEvent(body, context));
      if (route.returnResponse && response.body !== '') connection.send(response.body);
      this.recordResponse(connection, context, response, startedAt);
    } catch (error) {
      fail((error as IntegrationError).status, 'Internal server error', (error as Error).message);
    }
  }

  /** Invokes `$disconnect`. If this fails, the error is only logged. */
  public async disconnect(connection: Connection, { code, reason }: CloseReason): Promise<void> {
    const extra = { disconnectStatusCode: code, disconnectReason: reason };
    const context = this.context(connection, '$disconnect', 'DISCONNECT', extra);
    const startedAt = this.deps.clock.now();
    try {
      const response = await this.integrate('$disconnect', disconnectEvent(connection, context));
      this.recordResponse(connection, context, response, startedAt);
    } catch (error) {
      const { status, message } = error as IntegrationError;
      this.record(connection, { context, status, errorMessage: message });
    }
  }

  private async integrateConnect(
    connection: Connection,
    context: RequestContext,
    refuse: (status: number, message: string, errorMessage?: string) => ConnectResult,
  ): Promise<ConnectResult> {
    const startedAt = this.deps.clock.now();
    try {
      const response = await this.integrate('$connect', connectEvent(connection, context));
      if (response.status > 299) {
        return refuse(response.status, STATUS_CODES[response.status] ?? 'Forbidden', '$connect was refused');
      }
      this.recordResponse(connection, context, response, startedAt);
      return { accepted: true, protocol: chosenProtocol(connection, response) };
    } catch (error) {
      return refuse((error as IntegrationError).status, 'Internal server error', (error as Error).message);
    }
  }

  /** Calls the integration of a route. If the route does not exist, the result is 200. */
  private async integrate(routeKey: string, event: object): Promise<IntegrationResponse> {
    const route = this.deps.spec.routes.get(routeKey);
    if (!route) return { status: 200, headers: {}, body: '' };
    return callIntegration(route, event, this.deps.invoker, this.deps.clock);
  }

  private context(
    connection: Connection,
    routeKey: string,
    eventType: RequestContext['eventType'],
    extra?: Record<string, unknown>,
  ): RequestContext {
    const { spec, newId, clock } = this.deps;
    return requestContext(spec, connection, { routeKey, eventType, requestId: newId(), now: clock.now(), extra });
  }

  private recordResponse(
    connection: Connection,
    context: RequestContext,
    response: IntegrationResponse,
    startedAt: number,
  ): void {
    const integrationLatency = this.deps.clock.now() - startedAt;
    this.record(connection, { context, status: response.status, integrationStatus: 200, integrationLatency });
  }

  private record(connection: Connection, entry: AccessEntry): void {
    const { accessLog, accessLogFormat } = this.deps.spec;
    if (accessLog && accessLogFormat) accessLog(formatAccessLine(accessLogFormat, entry));
    const { context, status, integrationLatency, errorMessage } = entry;
    const time = integrationLatency === undefined ? '' : ` in ${integrationLatency} ms`;
    const code = context.disconnectStatusCode === undefined ? '' : ` (${context.disconnectStatusCode})`;
    this.deps.log({
      source: 'gateway',
      level: errorMessage === undefined ? 'info' : 'warn',
      message: `${connection.connectionId} ${context.routeKey}${code}: ${status}${time}`,
      detail: errorMessage,
    });
  }
}

function withAuthorizer(context: RequestContext, authorizer: AuthorizerContext | undefined): RequestContext {
  return authorizer ? { ...context, authorizer } : context;
}

/** Returns the subprotocol in the response of `$connect`, if the client offered it. */
function chosenProtocol({ handshake }: Connection, response: IntegrationResponse): string | undefined {
  const named = response.headers['sec-websocket-protocol'];
  return named !== undefined && handshake.offeredProtocols.includes(named) ? named : undefined;
}
