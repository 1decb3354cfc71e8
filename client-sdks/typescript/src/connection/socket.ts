import { StreamerError } from '../wire/errors';

/** The members of a WebSocket that this client uses. The WebSockets of browsers, Node.js and `ws` have them. */
export interface WebSocketLike {
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Ends the connection without waiting for the other side. Only `ws` has this function. */
  terminate?(): void;
}

/** A WebSocket class: that of the browser, of Node.js 22 and newer, or of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/**
 * Returns the given WebSocket class, or the platform's class if none is given.
 *
 * @throws StreamerError `CONNECT_FAILED` if the platform has none
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

/** Checks the URL. @throws StreamerError `CONNECT_FAILED`. Its message does not contain the URL, because the URL might contain a secret */
export function checkUrl(url: string): void {
  // `new URL` is not used, because React Native implements it only in part.
  if (typeof url === 'string' && /^wss?:\/\/[^\s/?#][^#]*$/i.test(url)) return;
  throw new StreamerError(
    'CONNECT_FAILED',
    'The URL must begin with `wss://` or `ws://`, name a host, and have no fragment (`#`).',
    { retryable: false },
  );
}

/** Returns the HTTP status of a refused handshake. Only `ws` provides it, in the message of its error. */
export function statusOf(event: unknown): number | undefined {
  const message = (event as { message?: unknown } | undefined)?.message;
  const found = typeof message === 'string' ? /^Unexpected server response: (\d{3})$/.exec(message) : null;
  return found ? Number(found[1]) : undefined;
}
