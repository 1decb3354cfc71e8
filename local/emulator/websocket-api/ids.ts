import { randomBytes } from 'node:crypto';

/** Creates an id in API Gateway's format, such as `L0SM9cOFvHcCIhw=`. */
export function newGatewayId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** Creates an X-Ray header for a new request: `Root=1-<time>-<24 hex digits>`. */
export function newTraceHeader(now: number, newId: () => string): string {
  const seconds = Math.floor(now / 1000).toString(16);
  const digits = Buffer.from(newId()).toString('hex').padEnd(24, '0').slice(0, 24);
  return `Root=1-${seconds}-${digits}`;
}
