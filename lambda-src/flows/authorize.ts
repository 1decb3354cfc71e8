import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { CONSTANTS } from '../protocol';
import type { Log } from './ports';

/** The parts of a REQUEST authorizer's event that are read. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export type Claims = Readonly<Record<string, unknown>>;

export interface AuthorizeOptions {
  /** Rejects unless the token is good. */
  readonly verify: (token: string) => Promise<Claims>;
  /** Claim that names the tenant. */
  readonly tenantClaim: string;
  /** Accepted `Origin` headers; empty: any. */
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
}

/** A token without the tenant's claim belongs to this one. */
export const DEFAULT_TENANT = 'default';
/** What API Gateway turns into a 401. */
const UNAUTHORIZED = 'Unauthorized';
const BEARER = /^Bearer\s+(\S+)$/i;

/**
 * Decides whether a connection may open, from the token in the `Authorization` header or in an offered subprotocol.
 *
 * @throws Error `Unauthorized` (401) without a good token; a foreign Origin and a tenant that is no text get a deny (403)
 */
export async function authorize(
  options: AuthorizeOptions,
  event: AuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const headers = new Map(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value ?? '']),
  );
  const token = tokenOf(headers);
  if (token === undefined) throw new Error(UNAUTHORIZED);
  const claims = await verified(options, token);
  const { sub } = claims;
  if (!isName(sub)) throw new Error(UNAUTHORIZED);
  const tenant = claims[options.tenantClaim] ?? DEFAULT_TENANT;
  // a claim that is no name must not put its bearer among those who have none
  const mayConnect = isName(tenant) && originAllowed(options, headers.get('origin'));
  if (!mayConnect) return policy('Deny', sub, event.methodArn);
  return { ...policy('Allow', sub, event.methodArn), context: { user: sub, tenant, exp: expiryOf(claims) } };
}

/** Why a token was refused is logged by the verifier's error class: its message may quote the token. */
async function verified({ verify, log }: AuthorizeOptions, token: string): Promise<Claims> {
  try {
    return await verify(token);
  } catch (error) {
    log.warn('a token was refused', { reason: error instanceof Error ? error.constructor.name : 'unknown' });
    throw new Error(UNAUTHORIZED);
  }
}

function tokenOf(headers: ReadonlyMap<string, string>): string | undefined {
  const bearer = BEARER.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer) return bearer;
  const offered = (headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const carrier = offered.find((name) => name.startsWith(CONSTANTS.bearerPrefix));
  const encoded = carrier?.slice(CONSTANTS.bearerPrefix.length);
  return encoded ? Buffer.from(encoded, 'base64url').toString('utf8') : undefined;
}

function originAllowed({ allowedOrigins }: AuthorizeOptions, origin: string | undefined): boolean {
  return allowedOrigins.length === 0 || origin === undefined || allowedOrigins.includes(origin);
}

/** Epoch seconds; 0 for a token that does not end. */
const expiryOf = ({ exp }: Claims): number => (typeof exp === 'number' ? exp : 0);

/** A table's key takes 2 KB: tenant, user and a request's id must fit into one. */
const MAX_NAME_CHARS = 256;

const isName = (claim: unknown): claim is string =>
  typeof claim === 'string' && claim !== '' && claim.length <= MAX_NAME_CHARS;

/** Of this one connection: API Gateway asks for `$connect` alone, and keeps no answer for another. */
function policy(Effect: 'Allow' | 'Deny', principalId: string, methodArn: string): APIGatewayAuthorizerResult {
  const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }];
  return { principalId, policyDocument: { Version: '2012-10-17', Statement } };
}
