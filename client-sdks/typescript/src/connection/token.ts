import { base64url } from '../util/base64';
import { StreamerError } from '../wire/errors';
import { BEARER_PREFIX, LIMITS, PATTERNS, SUBPROTOCOL } from '../wire/protocol';

/** A token, or a function that returns one. The function is called at each connection attempt. */
export type TokenSource = string | (() => string | Promise<string>);

export async function askForToken(source: TokenSource): Promise<string> {
  return typeof source === 'function' ? await source() : source;
}

/**
 * Returns the subprotocols to offer at the handshake. They are the protocol and the token. The token is sent as a subprotocol, because a browser
 * cannot set a header.
 *
 * @throws StreamerError `UNAUTHORIZED` if the token does not have the form of a token
 */
export function offeredProtocols(token: unknown): string[] {
  if (typeof token !== 'string' || token.length > LIMITS.tokenChars || !PATTERNS.token.test(token)) {
    throw new StreamerError(
      'UNAUTHORIZED',
      `The token must be a string of 1 to ${LIMITS.tokenChars} visible ASCII characters.`,
    );
  }
  return [SUBPROTOCOL, BEARER_PREFIX + base64url(Array.from(token, (char) => char.charCodeAt(0)))];
}
