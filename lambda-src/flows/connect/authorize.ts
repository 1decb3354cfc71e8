import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULTS } from '../../../src/contract';
import { isExpiry, isName, NAME_FORM } from '../../core';
import type { Log } from '../ports';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';

export type Claims = Readonly<Record<string, unknown>>;

/** Result of a verification: the claims of a valid token, or the reason for a refusal. The reason contains no part of the token. */
export type Verdict = { readonly claims: Claims } | { readonly refused: string };

export interface AuthorizeOptions {
  /** Verifies a token. @throws Error if the token cannot be verified now. The error's message is logged */
  readonly verify: (token: string) => Promise<Verdict>;
  /** Claim that names the tenant. */
  readonly tenantClaim: string;
  /** Accepted `Origin` headers; an empty array accepts any. */
  readonly allowedOrigins: readonly string[];
  readonly log: Log;
}

/**
 * Decides whether a connection may open. The token is in the `Authorization` header or in an offered subprotocol.
 *
 * @throws Error `Unauthorized` (401) without a valid token, or another error (500) if the token cannot be verified now. If the Origin is not accepted
 * or the tenant's name is invalid, the function returns a deny policy (403)
 */
export async function authorize(
  options: AuthorizeOptions,
  event: AuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const headers = headersOf(event);
  const token = tokenOf(headers);
  if (token === undefined) throw unauthorized();
  const { sub, exp, claims } = await identify(options, token);
  // Only an absent claim means the default tenant. An invalid claim must not give its user access to the default tenant.
  const tenant = Object.hasOwn(claims, options.tenantClaim) ? claims[options.tenantClaim] : DEFAULTS.tenant;
  if (!isName(tenant) || !originAllowed(options.allowedOrigins, headers)) return deny(event, sub);
  return allow(event, { user: sub, tenant, exp });
}

interface Identified {
  readonly sub: string;
  readonly exp: number;
  readonly claims: Claims;
}

/**
 * Verifies the token, and reads its user and expiry. A token without an expiry is refused, and so is an expiry in milliseconds: such a token would
 * never expire.
 */
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
  if (!isName(sub)) throw refuse(`\`sub\` is not ${NAME_FORM}`);
  if (exp === undefined) throw refuse('the token has no `exp`');
  if (!isExpiry(exp)) throw refuse('`exp` is not in epoch seconds');
  return { sub, exp, claims };
}
