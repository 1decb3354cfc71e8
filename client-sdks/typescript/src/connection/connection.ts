import { Alarm, backoffMs } from '../util/clock';
import { StreamerError } from '../wire/errors';
import { CLOSE, LIMITS, type Timing } from '../wire/protocol';
import { abandon, Handshake, type HandshakeOptions, type Refusal } from './handshake';
import type { WebSocketLike } from './socket';

/**
 * State of the connection. `disconnected`: before the first attempt, between two attempts, or after the client gave up. `closed`: permanently closed.
 */
export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'closed';

/** Details of a change of state. */
export interface StateDetail {
  /** Close code of the connection that has ended. */
  readonly closeCode?: number;
  /** Reason why no connection could be opened, or why the client gave up. */
  readonly error?: StreamerError;
  /** Milliseconds until the next attempt begins. */
  readonly retryInMs?: number;
  /** Whether the platform reports that there is no network. Connection attempts continue, because the report may be wrong. */
  readonly offline?: boolean;
}

export interface ConnectionOptions extends HandshakeOptions {
  readonly random: () => number;
  readonly timing: Timing;
}

export interface ConnectionListener {
  onState(state: ConnectionState, detail: StateDetail): void;
  onOpen(): void;
  onText(data: unknown): void;
  onLost(closeCode: number): void;
  /** Called when the connection gives up. It makes no further attempt until `open` is called again. */
  onGivenUp(error: StreamerError): void;
}

/** Keeps one connection open from the call of `open` until `close`, with backoff and keep-alive. Only this class changes the connection's state. */
export class Connection {
  state: ConnectionState = 'disconnected';
  private socket: WebSocketLike | undefined;
  private handshake: Handshake | undefined;
  /** Number of consecutive failures. It is reset when a frame arrives. */
  private failures = 0;
  private refusals = 0;
  /** Number of consecutive connections that failed because the token had expired. */
  private renewals = 0;
  private isOffline = false;
  private lastSentAt = 0;
  private readonly retry: Alarm;
  private readonly idle: Alarm;
  private readonly silence: Alarm;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    const { clock } = options;
    this.retry = new Alarm(clock, () => this.begin());
    this.idle = new Alarm(clock, () => this.onIdle());
    this.silence = new Alarm(clock, () => this.drop(CLOSE.pongTimeout, CLOSE.pongTimeout));
  }

  /** Opens a connection. From now on, a lost connection is opened again. */
  open(): void {
    if (this.state === 'disconnected' && !this.retry.isSet) this.begin();
  }

  /**
   * Handles an event of the platform after which an attempt may succeed. If there is no connection, connects at once; otherwise checks whether the
   * connection still works.
   */
  wake(): void {
    // If the handshake began without a network, it may hang.
    const isStale = this.isOffline && this.handshake !== undefined;
    this.isOffline = false;
    if (isStale) this.release(undefined);
    if (isStale || this.retry.isSet) this.begin();
    this.probe();
  }

  /**
   * Handles the platform's report that the network is lost. Frames in transit on this connection are either lost or received again over the next
   * connection.
   */
  offline(): void {
    this.isOffline = true;
    if (this.state === 'connected') this.drop(CLOSE.abnormal, CLOSE.normal);
  }

  send(text: string): void {
    if (!this.socket) return;
    this.lastSentAt = this.options.clock.now();
    try {
      this.socket.send(text);
    } catch {
      // A socket that is already closing cannot be used. Its close event follows.
    }
  }

  /** Sends a ping. If no frame follows, the connection is closed. */
  probe(): void {
    if (this.state !== 'connected' || this.silence.isSet) return;
    this.send('{"type":"ping"}');
    this.silence.set(this.options.timing.pongTimeoutMs);
  }

  /** Replaces the connection by a new one with a new token. */
  renew(): void {
    if (this.state !== 'connected') return;
    if (this.renewals++ < LIMITS.renewals) this.drop(CLOSE.normal, CLOSE.normal);
    else {
      this.release(CLOSE.normal);
      this.giveUp(
        new StreamerError('TOKEN_EXPIRED', `The last ${this.renewals} tokens had expired before they could be used.`),
      );
    }
  }

  close(): void {
    this.release(CLOSE.normal);
    this.retry.clear();
    this.change('closed', {});
  }

  private begin(): void {
    this.retry.clear();
    const handshake = new Handshake(
      this.options,
      (socket) => this.onOpened(socket),
      (refusal) => this.onRefused(refusal),
    );
    this.handshake = handshake;
    this.change('connecting', {});
  }

  private onOpened(socket: WebSocketLike): void {
    this.handshake = undefined;
    this.refusals = 0;
    this.socket = socket;
    socket.onmessage = (event: { data: unknown }) => this.onMessage(event.data);
    socket.onclose = (event: { code?: number }) => this.drop(event.code ?? CLOSE.abnormal);
    socket.onerror = () => undefined;
    this.lastSentAt = this.options.clock.now();
    this.idle.set(this.options.timing.pingMs);
    this.change('connected', {});
    this.listener.onOpen();
  }

  private onMessage(data: unknown): void {
    const { socket } = this;
    this.silence.clear();
    this.listener.onText(data);
    // A frame resets the failures, unless the frame's handling replaced this connection.
    if (this.socket === socket) this.failures = this.renewals = 0;
  }

  private onIdle(): void {
    const left = this.lastSentAt + this.options.timing.pingMs - this.options.clock.now();
    if (left <= 0) this.probe();
    this.idle.set(left > 0 ? left : this.options.timing.pingMs);
  }

  /** Ends the connection, and reports `closeCode`. If this side ends it, the socket is closed with `ownCode`. */
  private drop(closeCode: number, ownCode?: number): void {
    this.release(ownCode);
    this.wait({ closeCode });
    this.listener.onLost(closeCode);
  }

  private onRefused({ error, status, isFinal }: Refusal): void {
    this.handshake = undefined;
    this.refusals += status === 401 ? 1 : 0;
    // If the token is a function, a refused token is replaced once by a new one.
    const isUseless = status === 401 && (typeof this.options.token === 'string' || this.refusals > 1);
    if (isFinal || isUseless) this.giveUp(error);
    else this.wait({ error });
  }

  private wait(detail: StateDetail): void {
    const { reconnectBaseMs, reconnectMaxMs } = this.options.timing;
    const retryInMs = backoffMs(this.failures++, reconnectBaseMs, reconnectMaxMs, this.options.random);
    this.retry.set(retryInMs);
    this.change('disconnected', { ...detail, ...(this.isOffline && { offline: true }), retryInMs });
  }

  private giveUp(error: StreamerError): void {
    this.failures = this.refusals = this.renewals = 0;
    this.change('disconnected', { error });
    this.listener.onGivenUp(error);
  }

  private release(ownCode: number | undefined): void {
    this.idle.clear();
    this.silence.clear();
    this.handshake?.giveUp();
    this.handshake = undefined;
    if (this.socket) abandon(this.socket, ownCode);
    this.socket = undefined;
  }

  private change(state: ConnectionState, detail: StateDetail): void {
    this.state = state;
    this.listener.onState(state, detail);
  }
}
