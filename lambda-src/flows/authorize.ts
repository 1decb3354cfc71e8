import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULT_TENANT, isName } from '../core/identity';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';
import type { Log } from './ports';

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

/**
 * Decides whether a connection may open, from the token in the `Authorization` header or in an offered subprotocol.
 *
 * @throws Error `Unauthorized` (401) without a good token; a foreign Origin and a tenant that is no text get a deny (403)
 */
export async function authorize(
  options: AuthorizeOptions,
  event: AuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const headers = headersOf(event);
  const token = tokenOf(headers);
  if (token === undefined) throw unauthorized();
  const claims = await verified(options, token);
  const { sub } = claims;
  if (!isName(sub)) throw unauthorized();
  const tenant = claims[options.tenantClaim] ?? DEFAULT_TENANT;
  // a claim that is no name must not put its bearer among those who have none
  if (!isName(tenant) || !originAllowed(options.allowedOrigins, headers)) return deny(event, sub);
  return allow(event, { user: sub, tenant, exp: expiryOf(claims) });
}

/** Why a token was refused is logged by the verifier's error class: its message may quote the token. */
async function verified({ verify, log }: AuthorizeOptions, token: string): Promise<Claims> {
  try {
    return await verify(token);
  } catch (error) {
    log.warn('a token was refused', { reason: error instanceof Error ? error.constructor.name : 'unknown' });
    throw unauthorized();
  }
}

const expiryOf = ({ exp }: Claims): number => (typeof exp === 'number' ? exp : 0);
