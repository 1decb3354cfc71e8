import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULT_TENANT, isExpiry, isName } from '../core/identity';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';
import type { Log } from './ports';

export type Claims = Readonly<Record<string, unknown>>;

/** What a verifier found: the claims of a good token, or why it is none, in words that quote nothing of it. */
export type Verdict = { readonly claims: Claims } | { readonly refused: string };

export interface AuthorizeOptions {
  /** @throws Error when the token cannot be judged now; its message is logged */
  readonly verify: (token: string) => Promise<Verdict>;
  /** Claim that names the tenant. */
  readonly tenantClaim: string;
  /** Accepted `Origin` headers; empty: any. */
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
}

/**
 * Decides whether a connection may open, from the token in the `Authorization` header or in an offered subprotocol.
 *
 * @throws Error `Unauthorized` (401) without a good token, another one (500) when it cannot be judged. A foreign Origin and a tenant
 *   that is no name get a deny (403)
 */
export async function authorize(
  options: AuthorizeOptions,
  event: AuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const headers = headersOf(event);
  const token = tokenOf(headers);
  if (token === undefined) throw unauthorized();
  const { sub, exp, claims } = await identify(options, token);
  // only an absent claim means the default tenant: a claim that is no name must not put its bearer among those who have none
  const tenant = Object.hasOwn(claims, options.tenantClaim) ? claims[options.tenantClaim] : DEFAULT_TENANT;
  if (!isName(tenant) || !originAllowed(options.allowedOrigins, headers)) return deny(event, sub);
  return allow(event, { user: sub, tenant, exp });
}

interface Identified {
  readonly sub: string;
  readonly exp: number;
  readonly claims: Claims;
}

/** A token that never ends, or whose end is meant in milliseconds, is refused: nobody could take it back. */
async function identify({ verify, log }: AuthorizeOptions, token: string): Promise<Identified> {
  const verdict = await verify(token).catch((error: Error) => {
    log.error('a token could not be verified', { reason: error.message });
    throw error;
  });
  const refuse = (reason: string) => {
    log.warn('a token was refused', { reason });
    return unauthorized();
  };
  if ('refused' in verdict) throw refuse(verdict.refused);
  const { claims } = verdict;
  const { sub, exp } = claims;
  if (!isName(sub)) throw refuse('`sub` is not a string of 1 to 256 characters');
  if (exp === undefined) throw refuse('the token has no `exp`');
  if (!isExpiry(exp)) throw refuse('`exp` is not in epoch seconds');
  return { sub, exp, claims };
}
