import type { Connection } from './connection';
import type { WebSocketApiSpec } from './types';

export interface RequestContext {
  readonly routeKey: string;
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  readonly requestId: string;
  readonly connectionId: string;
  readonly [name: string]: unknown;
}

export interface ContextInput {
  readonly routeKey: string;
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  readonly requestId: string;
  readonly now: number;
  /** `messageId`, or the code and reason of a disconnect. */
  readonly extra?: Record<string, unknown>;
}

/** Returns the `requestContext`. It has the fields that API Gateway sends, in the same order. */
export function requestContext(spec: WebSocketApiSpec, connection: Connection, input: ContextInput): RequestContext {
  const { handshake, authorizer } = connection;
  return {
    routeKey: input.routeKey,
    ...(authorizer ? { authorizer } : {}),
    ...input.extra,
    eventType: input.eventType,
    extendedRequestId: input.requestId,
    requestTime: clfTime(input.now),
    messageDirection: 'IN',
    stage: spec.stage,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: input.now,
    identity: identityOf(connection),
    requestId: input.requestId,
    domainName: handshake.domainName,
    connectionId: connection.connectionId,
    apiId: spec.apiId,
  };
}

export function identityOf({ handshake }: Connection): { sourceIp: string; userAgent?: string } {
  const { userAgent, sourceIp } = handshake;
  return userAgent === undefined ? { sourceIp } : { userAgent, sourceIp };
}

export function authorizerEvent(spec: WebSocketApiSpec, connection: Connection, context: RequestContext): object {
  const { handshake } = connection;
  return {
    type: 'REQUEST',
    methodArn: methodArn(spec),
    headers: handshake.headers,
    multiValueHeaders: handshake.multiValueHeaders,
    queryStringParameters: handshake.query,
    multiValueQueryStringParameters: handshake.multiValueQuery,
    stageVariables: {},
    requestContext: context,
  };
}

export function methodArn({ region, accountId, apiId, stage }: WebSocketApiSpec): string {
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/$connect`;
}

/** Hop-by-hop headers, which the integration of `$connect` does not receive. */
const HOP_HEADERS = new Set(['connection', 'upgrade', 'content-length']);

export function connectEvent({ handshake }: Connection, context: RequestContext): object {
  const hasQuery = Object.keys(handshake.query).length > 0;
  return {
    headers: withoutHop(handshake.headers),
    multiValueHeaders: withoutHop(handshake.multiValueHeaders),
    ...(hasQuery && {
      queryStringParameters: handshake.query,
      multiValueQueryStringParameters: handshake.multiValueQuery,
    }),
    requestContext: context,
    isBase64Encoded: false,
  };
}

export function messageEvent(body: string, context: RequestContext): object {
  return { requestContext: context, body, isBase64Encoded: false };
}

export function disconnectEvent({ handshake }: Connection, context: RequestContext): object {
  const headers = { Host: handshake.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { headers, multiValueHeaders, requestContext: context, isBase64Encoded: false };
}

function withoutHop<T>(headers: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name.toLowerCase())));
}

/** Formats a time as in the common log format: `19/Jan/2026:21:13:26 +0000`. */
export function clfTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
