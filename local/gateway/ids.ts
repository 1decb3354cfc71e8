import { randomBytes } from 'node:crypto';

/** An id in API Gateway's shape, for instance `L0SM9cOFvHcCIhw=`. */
export function newGatewayId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}
