import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { Owner } from '../../core';
import { CONSTANTS } from '../../protocol';

/** Functions that both built-in authorizers use to read a handshake and to answer it. */

/** The parts of a REQUEST authorizer's event that the authorizers read. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  /** The last value of each header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** All values of each header. If this property is present, it takes precedence over `headers`. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>>;
}

/** Header values by the header's name in lower case, in the order in which they were sent. */
export type Headers = ReadonlyMap<string, readonly string[]>;

const BEARER_SCHEME = /^Bearer(?=\s|$)/i;
const BEARER = /^Bearer\s+(\S+)\s*$/i;
const TOKEN = new RegExp(CONSTANTS.patterns.token);

export function headersOf({ headers = {}, multiValueHeaders }: AuthorizerEvent): Headers {
  const all = new Map<string, string[]>();
  for (const [name, values] of Object.entries(multiValueHeaders ?? headers)) {
    const key = name.toLowerCase();
    all.set(key, [...(all.get(key) ?? []), ...[values ?? []].flat()]);
  }
  return all;
}

/**
 * Reads the token from the `Authorization` header, or otherwise from an offered subprotocol.
 *
 * @returns undefined if there is no token, or if two headers of the same form each contain one
 */
export function tokenOf(headers: Headers): string | undefined {
  const authorizations = headers.get('authorization') ?? [];
  const carriers = offeredProtocols(headers).filter((name) => name.startsWith(CONSTANTS.bearerPrefix));
  if (authorizations.length > 1 || carriers.length > 1) return undefined;
  const [authorization = ''] = authorizations;
  if (BEARER_SCHEME.test(authorization)) return visible(BEARER.exec(authorization)?.[1]);
  return carriers.length === 1 ? decode(carriers[0].slice(CONSTANTS.bearerPrefix.length)) : undefined;
}

function offeredProtocols(headers: Headers): string[] {
  return (headers.get('sec-websocket-protocol') ?? []).flatMap((value) => value.split(',').map((name) => name.trim()));
}

/** Returns the token if all its characters are visible ASCII, as in a header. */
const visible = (token = ''): string | undefined => (TOKEN.test(token) ? token : undefined);

/** Decodes UTF-8 from base64url without padding. Returns undefined for any other string, and for a token that is too long. */
function decode(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64url');
  if (encoded === '' || bytes.toString('base64url') !== encoded) return undefined;
  const token = bytes.toString('utf8');
  return token.length <= CONSTANTS.limits.tokenChars && Buffer.from(token, 'utf8').equals(bytes) ? token : undefined;
}

/** Whether a web page of the handshake's origin may connect. A client without an `Origin` header is not a web page, so it may connect. */
export function originAllowed(allowed: readonly string[], headers: Headers): boolean {
  const origins = headers.get('origin') ?? [];
  return allowed.length === 0 || origins.every((origin) => allowed.includes(origin));
}

/** The error that API Gateway converts to a 401. */
export const unauthorized = (): Error => new Error('Unauthorized');

export interface Identity extends Owner {
  /** Epoch seconds at which the token expires; 0 if the token never expires. */
  readonly exp: number;
}

/** Allows the connection. API Gateway adds the identity to each event of the connection. */
export function allow(event: AuthorizerEvent, { user, tenant, exp }: Identity): APIGatewayAuthorizerResult {
  return { ...policy('Allow', user, event), context: { user, tenant, exp } };
}

/** Refuses the connection with 403. */
export const deny = (event: AuthorizerEvent, user: string): APIGatewayAuthorizerResult => policy('Deny', user, event);

/**
 * Returns a policy for this one connection. That is sufficient, because API Gateway invokes the authorizer for each `$connect`, and caches no answer.
 */
function policy(
  Effect: 'Allow' | 'Deny',
  principalId: string,
  { methodArn }: AuthorizerEvent,
): APIGatewayAuthorizerResult {
  const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }];
  return { principalId, policyDocument: { Version: '2012-10-17', Statement } };
}
