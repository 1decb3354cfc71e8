import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../types';
import { type CloseReason, closeReason, errorReason, GOING_AWAY, UNSUPPORTED_DATA } from './close-reasons';
import { limitFrames } from './frame-limit';
import type { Handshake } from './handshake';
import type { FaultyConnection, GatewayLimits } from './types';

/** Values from the authorizer. Each later event contains them. */
export type AuthorizerContext = Record<string, string | number | boolean>;

export interface ConnectionEvents {
  onMessage(body: string): void;
  onSent(text: string): void;
  /** Called once when the connection has ended in any way. */
  onClosed(reason: CloseReason): void;
}

/**
 * The connection of a client. It exists from the upgrade request on, but is open only from the end of `$connect` until
 * it closes. Its time limits use the given clock.
 */
export class Connection implements FaultyConnection {
  public readonly connectedAt: number;
  public lastActiveAt: number;
  public authorizer: AuthorizerContext | undefined;
  private socket: WebSocket | undefined;
  private events: ConnectionEvents | undefined;
  private closing: CloseReason | undefined;
  private muted = false;
  private hiddenUntil = Number.NEGATIVE_INFINITY;
  private fullUntil = Number.NEGATIVE_INFINITY;
  private idleTimer: Timer;
  private maxTimer: Timer;

  public constructor(
    public readonly connectionId: string,
    public readonly handshake: Handshake,
    private readonly limits: GatewayLimits,
    private readonly clock: Clock,
  ) {
    this.connectedAt = clock.now();
    this.lastActiveAt = this.connectedAt;
  }

  /** Whether the connection is open and not closing. */
  public get usable(): boolean {
    return this.socket !== undefined && this.socket.readyState === this.socket.OPEN && this.closing === undefined;
  }

  /** Whether posts reach the connection. */
  public get findable(): boolean {
    return this.usable && this.clock.now() >= this.hiddenUntil;
  }

  /** Number of bytes that the client has not received yet. */
  public get bufferedBytes(): number {
    return this.clock.now() < this.fullUntil ? Number.POSITIVE_INFINITY : (this.socket?.bufferedAmount ?? 0);
  }

  public mute(): void {
    this.muted = true;
  }

  public hide(ms: number): void {
    this.hiddenUntil = this.clock.now() + ms;
  }

  public fill(ms: number): void {
    this.fullUntil = this.clock.now() + ms;
  }

  public open(socket: WebSocket, events: ConnectionEvents): void {
    this.socket = socket;
    this.events = events;
    limitFrames(socket, this.limits.frameBytes);
    this.maxTimer = this.clock.setTimeout(() => this.close(GOING_AWAY), this.limits.maxDurationMs);
    this.restartIdleTimer();
    socket.on('message', (data, isBinary) => this.receive(String(data), isBinary, events));
    socket.on('ping', () => this.restartIdleTimer());
    // After each error there is also a `close` event, but it does not contain the error's code.
    socket.on('error', (error: { code?: string }) => {
      this.closing ??= errorReason(error);
    });
    socket.on('close', (code, reason) => {
      this.clock.clearTimeout(this.idleTimer);
      this.clock.clearTimeout(this.maxTimer);
      events.onClosed(this.closing ?? closeReason(code, reason.toString()));
    });
  }

  /**
   * Sends a text frame. As on AWS, a frame for a closed connection is discarded. A client that does not read is
   * disconnected.
   */
  public send(text: string): void {
    if (!this.usable) return;
    this.lastActiveAt = this.clock.now();
    if (this.muted) return;
    this.socket?.send(text);
    this.events?.onSent(text);
    if ((this.socket?.bufferedAmount ?? 0) > this.limits.dropBytes) this.drop();
  }

  public close(reason: CloseReason): void {
    if (!this.usable) return;
    this.closing = reason;
    this.socket?.close(reason.code, reason.reason);
  }

  /** Ends the connection without a closing handshake, as a network failure does. */
  public drop(): void {
    this.closing ??= closeReason(1006, '');
    this.socket?.terminate();
  }

  private receive(body: string, isBinary: boolean, events: ConnectionEvents): void {
    if (!this.usable || this.muted) return;
    if (isBinary) {
      this.close(UNSUPPORTED_DATA);
      return;
    }
    this.restartIdleTimer();
    events.onMessage(body);
  }

  private restartIdleTimer(): void {
    this.lastActiveAt = this.clock.now();
    this.clock.clearTimeout(this.idleTimer);
    this.idleTimer = this.clock.setTimeout(() => this.close(GOING_AWAY), this.limits.idleMs);
  }
}
