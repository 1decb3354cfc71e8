import { createHash } from 'node:crypto';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULTS } from '../../../src/contract';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';

export interface VisitorOptions {
  /** Accepted `Origin` headers; empty: any. */
  readonly allowedOrigins: readonly string[];
}

/**
 * The length of 256 bits in base64url. A string of that length has at least 128 bits in any alphabet of ten characters or more; a UUID,
 * which has 122, is shorter.
 */
const SECRET = /^[A-Za-z0-9_-]{43,128}$/;

/**
 * Minimum number of different characters, because a repeated pattern is no secret. Fewer of them among 43 random characters of base64url
 * have a probability of 10^-32.
 */
const MIN_DISTINCT_CHARS = 8;

/**
 * Authorizes any client, and identifies visitors by a secret that their client stores and sends as its token.
 *
 * @throws Error `Unauthorized` (401) without a secret of the right form; a foreign Origin gets a deny policy (403)
 */
export function authorizeVisitor(
  { allowedOrigins }: VisitorOptions,
  event: AuthorizerEvent,
): APIGatewayAuthorizerResult {
  const headers = headersOf(event);
  const secret = tokenOf(headers);
  if (secret === undefined || !isSecret(secret)) throw unauthorized();
  const user = visitorOf(secret);
  if (!originAllowed(allowedOrigins, headers)) return deny(event, user);
  return allow(event, { user, tenant: DEFAULTS.tenant, exp: 0 });
}

const isSecret = (text: string): boolean => SECRET.test(text) && new Set(text).size >= MIN_DISTINCT_CHARS;

/** User name of a visitor, from which the secret cannot be computed, because handlers and logs may show the name. */
const visitorOf = (secret: string): string => `visitor-${createHash('sha256').update(secret).digest('base64url')}`;
