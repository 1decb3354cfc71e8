import { bearerPrefix } from '../../../../protocol/constants.json';

/** The subprotocol that carries a token where no header can: browsers set none. */
export function encodeBearer(token: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(token));
  return `${bearerPrefix}${btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}`;
}
