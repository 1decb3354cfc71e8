import { StreamerError } from '../wire/errors';

/** The members of a WebSocket that this client uses: those of browsers, Node.js and `ws` have them. */
export interface WebSocketLike {
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class: the browser's, that of Node.js (22 and newer), or the one that the package `ws` exports. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/**
 * Returns the given WebSocket class or the platform's.
 *
 * @throws StreamerError `CONNECT_FAILED` if there is none
 */
export function resolveWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (typeof found === 'function') return found;
  throw new StreamerError(
    'CONNECT_FAILED',
    'This platform has no WebSocket. Run `npm install ws` and pass its class: `new StreamerClient(url, { webSocket: WebSocket })` with `import { WebSocket } from "ws"`.',
    { retryable: false },
  );
}

/** @throws StreamerError `CONNECT_FAILED`; its message does not contain the URL, which might hold a secret */
export function checkUrl(url: string): void {
  // not `new URL`, which React Native implements only in part
  if (typeof url === 'string' && /^wss?:\/\/[^\s/?#]/i.test(url)) return;
  throw new StreamerError('CONNECT_FAILED', 'The URL must begin with `wss://` or `ws://` and name a host.', {
    retryable: false,
  });
}

/** HTTP status of a refused handshake: only `ws` exposes it, in the message of its error. */
export function statusOf(event: unknown): number | undefined {
  const message = (event as { message?: unknown } | undefined)?.message;
  const found = typeof message === 'string' ? /^Unexpected server response: (\d{3})$/.exec(message) : null;
  return found ? Number(found[1]) : undefined;
}
