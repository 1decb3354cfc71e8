import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { Owner } from '../core/keys';
import { CONSTANTS } from '../protocol';

/** What the authorizers share: what a handshake brings, and how they answer it. */

/** The parts of a REQUEST authorizer's event that are read. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Header names in lower case. */
export type Headers = ReadonlyMap<string, string>;

const BEARER = /^Bearer\s+(\S+)$/i;

export function headersOf({ headers = {} }: AuthorizerEvent): Headers {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));
}

/** The token of the `Authorization` header, else that of an offered subprotocol. */
export function tokenOf(headers: Headers): string | undefined {
  const bearer = BEARER.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer) return bearer;
  const offered = (headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const carrier = offered.find((name) => name.startsWith(CONSTANTS.bearerPrefix));
  const encoded = carrier?.slice(CONSTANTS.bearerPrefix.length);
  return encoded ? Buffer.from(encoded, 'base64url').toString('utf8') : undefined;
}

/** Whether a web page of that origin may connect. What sends no `Origin` is no web page. */
export function originAllowed(allowed: readonly string[], headers: Headers): boolean {
  const origin = headers.get('origin');
  return allowed.length === 0 || origin === undefined || allowed.includes(origin);
}

/** What API Gateway turns into a 401. */
export const unauthorized = (): Error => new Error('Unauthorized');

export interface Identity extends Owner {
  /** Epoch seconds; 0 for what does not end. */
  readonly exp: number;
}

/** Opens the connection; the identity rides on each of its messages. */
export function allow(event: AuthorizerEvent, { user, tenant, exp }: Identity): APIGatewayAuthorizerResult {
  return { ...policy('Allow', user, event), context: { user, tenant, exp } };
}

/** Answers 403. */
export const deny = (event: AuthorizerEvent, user: string): APIGatewayAuthorizerResult => policy('Deny', user, event);

/** Of this one connection: API Gateway asks for `$connect` alone, and keeps no answer for another. */
function policy(
  Effect: 'Allow' | 'Deny',
  principalId: string,
  { methodArn }: AuthorizerEvent,
): APIGatewayAuthorizerResult {
  const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }];
  return { principalId, policyDocument: { Version: '2012-10-17', Statement } };
}
