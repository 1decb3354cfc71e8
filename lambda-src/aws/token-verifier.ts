import { JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwkInvalidKtyError,
  JwkInvalidUseError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import type { JwtConfig } from '../../src/contract';
import type { Claims, Verdict } from '../flows/connect/authorize';

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Reasons for refusing a token, by the verifier's error class. They are fixed strings, because class names are minified, and because the original
 * messages may contain the token.
 */
const REFUSALS: readonly (readonly [ErrorClass, string])[] = [
  [JwtExpiredError, 'the token has expired'],
  [JwtNotBeforeError, 'the token is not valid yet'],
  [JwtInvalidIssuerError, 'the token is from another issuer'],
  [JwtInvalidAudienceError, 'the token is for another audience'],
  [JwtInvalidSignatureError, 'the signature does not match the key that the token names'],
  [JwtInvalidSignatureAlgorithmError, 'the token names another algorithm than its key'],
  [JwtParseError, 'not a JSON Web Token'],
  [JwtWithoutValidKidError, 'the token names no key'],
  [KidNotFoundInJwksError, "the token names a key that is not in the issuer's key set"],
  [JwkInvalidUseError, 'the token names a key that is not for signatures'],
  [JwkInvalidKtyError, 'the token names a key whose type does not match its algorithm'],
];

/** Errors after which the verifier cannot verify any token. */
const OUTAGES: readonly (readonly [ErrorClass, string])[] = [
  [FetchError, "the issuer's key set could not be fetched"],
  [JwksNotAvailableInCacheError, "the issuer's key set could not be fetched"],
  [WaitPeriodNotYetEndedJwkError, "the issuer's key set lacked a key and is not fetched again within 10 seconds"],
  [JwksValidationError, "the issuer's key set is malformed"],
  [JwkValidationError, "a key of the issuer's key set is malformed"],
];

/**
 * Verifies JSON Web Tokens of one issuer.
 *
 * @returns a function that verifies a token. It throws an Error if no token can be verified, because the key set cannot be fetched
 */
export function tokenVerifier(
  options: Pick<JwtConfig, 'issuer' | 'audience' | 'jwksUri'>,
): (token: string) => Promise<Verdict> {
  const verifier = JwtVerifier.create(options);
  return (token) => judge(() => verifier.verify(token));
}

/** @throws Error with a fixed message if the token cannot be verified */
export async function judge(verify: () => Promise<Claims>): Promise<Verdict> {
  try {
    return { claims: await verify() };
  } catch (error) {
    const outage = textFor(OUTAGES, error);
    if (outage !== undefined) throw new Error(outage);
    const refused = textFor(REFUSALS, error);
    if (refused !== undefined) return { refused };
    if (error instanceof JwtBaseError) return { refused: 'the token is not valid' };
    throw new Error('the token could not be verified');
  }
}

function textFor(texts: readonly (readonly [ErrorClass, string])[], error: unknown): string | undefined {
  return texts.find(([type]) => error instanceof type)?.[1];
}
