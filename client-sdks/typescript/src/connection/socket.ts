import { StreamerError } from '../wire/errors';

/** As much of a WebSocket as this client uses: the browser's, Node's and that of `ws` all have it. */
export interface WebSocketLike {
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** The browser's `WebSocket`, Node's (22 and newer), or the class that the package `ws` exports. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** @throws StreamerError `CONNECT_FAILED` where there is none */
export function resolveWebSocket(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (typeof found === 'function') return found;
  throw new StreamerError(
    'CONNECT_FAILED',
    'This platform has no WebSocket. Run `npm install ws` and pass its class: `new StreamerClient(url, { webSocket: WebSocket })` with `import WebSocket from "ws"`.',
    { retryable: false },
  );
}

/** @throws StreamerError `CONNECT_FAILED`; the URL is not in it, because it might hold a secret */
export function checkUrl(url: string): void {
  // not `new URL`, which React Native does not have whole
  if (typeof url === 'string' && /^wss?:\/\/[^\s/?#]/i.test(url)) return;
  throw new StreamerError('CONNECT_FAILED', 'The URL must begin with `wss://` or `ws://` and name a host.', {
    retryable: false,
  });
}

/** The HTTP status of a refused handshake, which only `ws` tells, and only in a text. */
export function statusOf(event: unknown): number | undefined {
  const message = (event as { message?: unknown } | undefined)?.message;
  const found = typeof message === 'string' ? /^Unexpected server response: (\d{3})$/.exec(message) : null;
  return found ? Number(found[1]) : undefined;
}
