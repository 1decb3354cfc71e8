import { bearerPrefix } from '../../../../protocol/constants.json';

/** Encodes a token as a WebSocket subprotocol, because browsers cannot set headers of a WebSocket handshake. */
export function encodeBearer(token: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(token));
  return `${bearerPrefix}${btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}`;
}
