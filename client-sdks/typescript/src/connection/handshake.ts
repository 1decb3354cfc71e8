import { Alarm, type Clock, systemClock } from '../util/clock';
import { isFinal, StreamerError } from '../wire/errors';
import { SUBPROTOCOL } from '../wire/protocol';
import { statusOf, type WebSocketConstructor, type WebSocketLike } from './socket';
import { askForToken, offeredProtocols, type TokenSource } from './token';

export interface HandshakeOptions {
  readonly url: string;
  readonly token: TokenSource;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

/** HTTP statuses of a handshake that is malformed or too large. A retry would fail, too. */
const USELESS: ReadonlySet<number | undefined> = new Set([400, 413, 414, 431]);

/**
 * Time in milliseconds within which a socket should close after an error. In Node.js 20, the built-in WebSocket reports a refused handshake as an
 * error, and never closes.
 */
const CLOSE_AFTER_ERROR_MS = 1_000;

/** Result of a handshake that did not open a connection. */
export interface Refusal {
  readonly error: StreamerError;
  /** HTTP status, if the platform exposes it. */
  readonly status?: number;
  /** Whether another attempt would fail in the same way. */
  readonly isFinal: boolean;
}

/** Gets a token and opens a socket, once. At the end it calls either `opened` or `refused` once, unless it is abandoned. */
export class Handshake {
  private socket: WebSocketLike | undefined;
  private status: number | undefined;
  private hasFailed = false;
  private isOver = false;
  private readonly limit: Alarm;

  constructor(
    private readonly options: HandshakeOptions,
    private readonly opened: (socket: WebSocketLike) => void,
    private readonly refused: (refusal: Refusal) => void,
  ) {
    this.limit = new Alarm(options.clock, () =>
      this.refuse(this.hasFailed ? describe(this.status) : 'The handshake took too long.'),
    );
    this.limit.set(options.connectTimeoutMs);
    this.begin().catch((error) => this.end({ error, isFinal: isFinal(error) }));
  }

  giveUp(): void {
    this.isOver = true;
    this.limit.clear();
    if (this.socket) abandon(this.socket);
  }

  private async begin(): Promise<void> {
    const { url, token, webSocket: Socket } = this.options;
    const protocols = offeredProtocols(await askFor(token));
    if (!this.isOver) this.listen(create(Socket, url, protocols));
  }

  private listen(socket: WebSocketLike): void {
    this.socket = socket;
    socket.onopen = () => this.onOpen(socket);
    socket.onerror = (event: unknown) => {
      this.status = statusOf(event) ?? this.status;
      this.hasFailed = true;
      if (!this.isOver) this.limit.set(CLOSE_AFTER_ERROR_MS);
    };
    socket.onclose = () => this.refuse(describe(this.status));
  }

  private onOpen(socket: WebSocketLike): void {
    if (this.isOver) return;
    if (socket.protocol === SUBPROTOCOL) {
      this.isOver = true;
      this.limit.clear();
      this.opened(socket);
    } else {
      this.refuse(`The server does not speak ${SUBPROTOCOL}.`, true);
    }
  }

  private refuse(message: string, isUseless = USELESS.has(this.status)): void {
    const { status } = this;
    const code = status === 401 ? 'UNAUTHORIZED' : status === 403 ? 'FORBIDDEN' : 'CONNECT_FAILED';
    const error = new StreamerError(code, message, isUseless ? { retryable: false } : {});
    this.end({ error, status, isFinal: isUseless || code === 'FORBIDDEN' });
  }

  private end(refusal: Refusal): void {
    if (this.isOver) return;
    this.giveUp();
    this.refused(refusal);
  }
}

/** Milliseconds that the server has to answer a close frame. `ws` would wait for 30 seconds, and keep the process of Node.js alive until then. */
const CLOSE_MS = 1_000;

/** Closes a socket and ignores its events. The error listener is needed, because `ws` emits an error if its socket is closed during the handshake. */
export function abandon(socket: WebSocketLike, code?: number): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = () => undefined;
  socket.close(code);
  if (!socket.terminate) return;
  const limit = new Alarm(systemClock, () => socket.terminate?.());
  limit.set(CLOSE_MS);
  socket.onclose = () => limit.clear();
}

async function askFor(source: TokenSource): Promise<string> {
  try {
    return await askForToken(source);
  } catch (cause) {
    if (isFinal(cause)) {
      throw new StreamerError('UNAUTHORIZED', 'The token function reported that there is no token.', { cause });
    }
    throw new StreamerError('CONNECT_FAILED', 'The token function failed.', { cause });
  }
}

/** Creates a socket. An error of the platform is replaced, because it may contain the offered subprotocols, and one of them is the token. */
function create(Socket: WebSocketConstructor, url: string, protocols: string[]): WebSocketLike {
  try {
    return new Socket(url, protocols);
  } catch {
    throw new StreamerError(
      'CONNECT_FAILED',
      'The platform refused to open a WebSocket to this URL; from an https page only wss:// is allowed.',
      { retryable: false },
    );
  }
}

function describe(status: number | undefined): string {
  if (status === undefined)
    return 'The connection could not be opened. The server is unreachable, or it refused the token.';
  const hint = USELESS.has(status) ? ' The token may be too long for the headers of a handshake.' : '';
  return `The server refused the connection with HTTP status ${status}.${hint}`;
}
