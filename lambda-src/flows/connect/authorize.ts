import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULTS } from '../../../src/contract';
import { isExpiry, isName, NAME_FORM } from '../../core';
import type { Log } from '../ports';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';

export type Claims = Readonly<Record<string, unknown>>;

/** Result of a verification: the claims of a valid token, or the reason of a refusal, which contains no part of the token. */
export type Verdict = { readonly claims: Claims } | { readonly refused: string };

export interface AuthorizeOptions {
  /** @throws Error if the token cannot be verified now; its message is logged */
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
 * @throws Error `Unauthorized` (401) without a valid token, another error (500) if it cannot be verified. A foreign Origin and an invalid tenant name get a
 *   deny policy (403)
 */
export async function authorize(
  options: AuthorizeOptions,
  event: AuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const headers = headersOf(event);
  const token = tokenOf(headers);
  if (token === undefined) throw unauthorized();
  const { sub, exp, claims } = await identify(options, token);
  // only an absent claim means the default tenant: an invalid claim must not assign its user to the default tenant
  const tenant = Object.hasOwn(claims, options.tenantClaim) ? claims[options.tenantClaim] : DEFAULTS.tenant;
  if (!isName(tenant) || !originAllowed(options.allowedOrigins, headers)) return deny(event, sub);
  return allow(event, { user: sub, tenant, exp });
}

interface Identified {
  readonly sub: string;
  readonly exp: number;
  readonly claims: Claims;
}

/** A token without an end, or with an end in milliseconds, is refused, because it could not be revoked. */
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
