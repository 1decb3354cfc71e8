import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Creates the frame that API Gateway sends after a failed integration, a throttled message or a missing route. The
 * white space is the same, too.
 */
export function errorFrame(message: string, connectionId: string, requestId: string): string {
  const quote = JSON.stringify;
  return `{"message": ${quote(message)}, "connectionId":${quote(connectionId)}, "requestId":${quote(requestId)}}`;
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** Answers an upgrade request with an HTTP response and closes the socket. */
export function refuseUpgrade(socket: Duplex, { status, body, headers = {} }: Refusal): void {
  const lines = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...head, '', body].join('\r\n'));
}

const ERROR_TYPES = new Map<number, string>([
  [400, 'BadRequestException'],
  [401, 'UnauthorizedException'],
  [403, 'ForbiddenException'],
  [429, 'TooManyRequestsException'],
  [500, 'InternalServerErrorException'],
  [502, 'InternalServerErrorException'],
  [504, 'EndpointRequestTimedOutException'],
]);

/** Returns the header `x-amzn-errortype` for statuses of API Gateway itself. */
export function errorTypeHeader(status: number): Record<string, string> {
  const type = ERROR_TYPES.get(status);
  return type ? { 'x-amzn-errortype': type } : {};
}
