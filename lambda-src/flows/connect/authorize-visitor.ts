import { createHash } from 'node:crypto';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { DEFAULTS } from '../../../src/contract';
import { type AuthorizerEvent, allow, deny, headersOf, originAllowed, tokenOf, unauthorized } from './handshake';

export interface VisitorOptions {
  /** Accepted `Origin` headers; an empty array accepts any. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Matches a secret of at least 43 characters, the length of 256 bits in base64url. Such a string has at least 128 bits in any alphabet of ten
 * characters or more. A UUID has only 122 bits, and is shorter.
 */
const SECRET = /^[A-Za-z0-9_-]{43,128}$/;

/**
 * Minimum number of different characters, because a repeated pattern is not a secret. A random string of 43 base64url characters has fewer with a
 * probability of 10^-32.
 */
const MIN_DISTINCT_CHARS = 8;

/**
 * Authorizes any client. The client stores a secret that identifies the visitor, and sends it as the token.
 *
 * @throws Error `Unauthorized` (401) if the secret is absent or invalid. If the Origin is not accepted, the function returns a deny policy (403)
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

/** Returns the user name of a visitor. The secret cannot be computed from the name, because handlers and logs may show the name. */
const visitorOf = (secret: string): string => `visitor-${createHash('sha256').update(secret).digest('base64url')}`;
