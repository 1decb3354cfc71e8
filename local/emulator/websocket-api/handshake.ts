import type { IncomingMessage } from 'node:http';

/** Values of an upgrade request that API Gateway keeps. */
export interface Handshake {
  readonly req: IncomingMessage;
  /** Headers with names as the client sent them. API Gateway does not change the names. */
  readonly headers: Record<string, string>;
  readonly multiValueHeaders: Record<string, string[]>;
  readonly query: Record<string, string>;
  readonly multiValueQuery: Record<string, string[]>;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** Address of the server as `host:port`. It is from the socket, because a Host header can have any value. */
  readonly domainName: string;
  readonly offeredProtocols: string[];
}

const KEY = /^[+/0-9A-Za-z]{22}==$/;
const PROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Returns the reason why a request is not a WebSocket handshake, or undefined if it is one. */
export function handshakeProblem(req: IncomingMessage): string | undefined {
  if (req.method !== 'GET') return 'Invalid method';
  if (req.headers.upgrade?.toLowerCase() !== 'websocket') return 'Invalid Upgrade header';
  if (!KEY.test(req.headers['sec-websocket-key'] ?? '')) return 'Invalid Sec-WebSocket-Key header';
  if (req.headers['sec-websocket-version'] !== '13') return 'Invalid Sec-WebSocket-Version header';
  const offered = offeredProtocols(req);
  const valid = offered.every((protocol) => PROTOCOL.test(protocol)) && new Set(offered).size === offered.length;
  return valid ? undefined : 'Invalid Sec-WebSocket-Protocol header';
}

export function readHandshake(req: IncomingMessage, traceId: string): Handshake {
  const multiValueHeaders = collect([...headerPairs(req), ...forwardedPairs(req, traceId)]);
  const multiValueQuery = collect([...new URL(req.url ?? '/', 'http://localhost').searchParams]);
  const { localAddress, localPort } = req.socket;
  return {
    req,
    multiValueHeaders,
    headers: lastValues(multiValueHeaders),
    multiValueQuery,
    query: lastValues(multiValueQuery),
    sourceIp: req.socket.remoteAddress ?? '127.0.0.1',
    userAgent: req.headers['user-agent'],
    domainName: `${localAddress}:${localPort}`,
    offeredProtocols: offeredProtocols(req),
  };
}

/** Returns the stage in a request's path, without slashes. */
export function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] as string;
}

function offeredProtocols(req: IncomingMessage): string[] {
  const header = req.headers['sec-websocket-protocol'];
  return header === undefined ? [] : header.split(',').map((protocol) => protocol.trim());
}

function headerPairs(req: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    pairs.push([req.rawHeaders[i] as string, req.rawHeaders[i + 1] as string]);
  }
  return pairs;
}

function forwardedPairs(req: IncomingMessage, traceId: string): [string, string][] {
  return [
    ['X-Amzn-Trace-Id', traceId],
    ['X-Forwarded-For', req.socket.remoteAddress ?? '127.0.0.1'],
    ['X-Forwarded-Port', String(req.socket.localPort)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

function collect(pairs: [string, string][]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function lastValues(multi: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) as string]));
}
