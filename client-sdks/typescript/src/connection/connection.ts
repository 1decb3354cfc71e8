import { Alarm } from '../util/clock';
import { StreamerError } from '../wire/errors';
import { CLOSE, LIMITS, type Timing } from '../wire/protocol';
import { abandon, Handshake, type HandshakeOptions, type Refusal } from './handshake';
import { KeepAlive } from './keep-alive';
import { retryMs } from './retry';
import { SleepWatch } from './sleep-watch';
import type { WebSocketLike } from './socket';
import { advanceSuccession, IDLE, type Succession, type SuccessionEffect, type SuccessionInput } from './succession';

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
  /** Whether the platform reports that there is no network. Attempts then come only once or twice per minute, in case the report is wrong. */
  readonly offline?: boolean;
}

export interface ConnectionOptions extends HandshakeOptions {
  readonly random: () => number;
  readonly timing: Timing;
}

export interface ConnectionListener {
  onState(state: ConnectionState, detail: StateDetail): void;
  onOpen(): void;
  /** Called with a frame. `isPrevious`: the frame came over the previous connection, from which the viewers move to the current connection. */
  onText(data: unknown, isPrevious: boolean): void;
  onLost(closeCode: number): void;
  /**
   * Called when the successor has become the current connection. The previous connection is open until `moved` is called. `renews`: the previous
   * connection refuses messages, because its token has expired.
   */
  onMove(renews: boolean): void;
  /** Called when the previous connection has ended, or when no answer can come over it any more. */
  onOverdue(): void;
  /** Called when the connection gives up. It makes no further attempt until `open` is called again. */
  onGivenUp(error: StreamerError): void;
}

/** Close codes that are caused by one message or by this device. Other clients do not lose their connections for these reasons. */
const OWN_CAUSES: ReadonlySet<number> = new Set([CLOSE.tooLarge, CLOSE.unsupportedData]);

/**
 * Keeps one connection open from the call of `open` until `close`, with backoff and keep-alive. Before the server closes the connection because of its
 * age, a successor replaces it. Only this class changes the connection's state.
 */
export class Connection {
  state: ConnectionState = 'disconnected';
  private socket: WebSocketLike | undefined;
  /** The connection from which the viewers move to the current one. */
  private previous: WebSocketLike | undefined;
  /** Handshake of the next connection: of the successor, if there is a connection. */
  private handshake: Handshake | undefined;
  private succession: Succession = IDLE;
  /** Number of consecutive failures. It is reset when a frame arrives. */
  private failures = 0;
  /** Whether the failures began when a connection ended for a reason that other clients may share. */
  private isShared = false;
  private refusals = 0;
  /** Number of consecutive connections that failed because the token had expired. */
  private renewals = 0;
  private isOffline = false;
  private readonly retry: Alarm;
  private readonly keepAlive: KeepAlive;
  private readonly age: Alarm;
  private readonly sleep: SleepWatch;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: ConnectionListener,
  ) {
    const { clock, timing } = options;
    this.retry = new Alarm(clock, () => this.begin());
    this.keepAlive = new KeepAlive({
      clock,
      timing,
      ping: () => this.ping(),
      onAwake: () => this.wake(),
      onDead: (isWoken) => this.fall(CLOSE.pongTimeout, !isWoken, CLOSE.pongTimeout),
    });
    this.age = new Alarm(clock, () => this.succeed({ type: 'timer' }));
    this.sleep = new SleepWatch(clock, () => this.wake());
  }

  /** Opens a connection. From now on, a lost connection is opened again. */
  open(): void {
    if (this.state !== 'disconnected' || this.retry.isSet) return;
    this.sleep.start();
    this.begin();
  }

  /** Opens a connection at once, because the user of the application asked for it. */
  hurry(): void {
    if (this.retry.isSet) this.begin();
    else this.open();
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
    this.succeed({ type: 'awake' });
    if (this.state === 'connected') this.keepAlive.wake();
  }

  /**
   * Handles the platform's report that the network is lost. Frames in transit on this connection are either lost or received again over the next
   * connection.
   */
  offline(): void {
    // Without a connection, a repeated report changes nothing: the client already waits.
    if (this.isOffline && !this.socket && this.retry.isSet) return;
    this.isOffline = true;
    if (this.state === 'connected') this.drop(CLOSE.abnormal, false, CLOSE.normal);
    else if (this.handshake || this.retry.isSet) {
      this.release(undefined);
      this.wait({});
    }
  }

  send(text: string): void {
    if (!this.socket) return;
    this.keepAlive.sent();
    try {
      this.socket.send(text);
    } catch {
      // A socket that is already closing cannot be used. Its close event follows.
    }
  }

  /** Sends a ping, so that the server's idle time starts again. */
  ping(): void {
    this.send('{"type":"ping"}');
  }

  /** Sends a ping. If no frame follows, the connection is closed. */
  probe(): void {
    if (this.state === 'connected') this.keepAlive.probe();
  }

  /** Replaces the connection by a new one with a new token. */
  renew(): void {
    const { renewals } = this;
    if (this.state !== 'connected' || this.succession.renews) return;
    if (this.renewals++ < LIMITS.renewals) this.succeed({ type: 'renew', failures: renewals });
    else {
      this.release(CLOSE.normal);
      this.giveUp(
        new StreamerError('TOKEN_EXPIRED', `The last ${this.renewals} tokens had expired before they could be used.`),
      );
    }
  }

  /** Closes the previous connection, because all viewers have moved, or because it is no longer useful. */
  moved(): void {
    this.succeed({ type: 'moved' });
  }

  close(): void {
    this.release(CLOSE.normal);
    this.retry.clear();
    this.sleep.stop();
    this.change('closed', {});
  }

  private begin(): void {
    this.retry.clear();
    this.shake();
    this.change('connecting', {});
  }

  private shake(): void {
    this.handshake = new Handshake(
      this.options,
      (socket) => this.onOpened(socket),
      (refusal) => this.onRefused(refusal),
    );
  }

  private onOpened(socket: WebSocketLike): void {
    this.handshake = undefined;
    this.refusals = 0;
    this.isOffline = false;
    const isSuccessor = this.socket !== undefined;
    if (this.socket) this.retire(this.socket);
    this.use(socket);
    if (isSuccessor) {
      this.succeed({ type: 'accepted' });
      return;
    }
    this.succeed({ type: 'opened' });
    this.change('connected', {});
    this.listener.onOpen();
  }

  private use(socket: WebSocketLike): void {
    this.socket = socket;
    socket.onmessage = (event: { data: unknown }) => this.onMessage(event.data);
    socket.onclose = ({ code = CLOSE.abnormal }: { code?: number }) => this.fall(code, !OWN_CAUSES.has(code));
    socket.onerror = () => undefined;
    this.keepAlive.start();
  }

  private retire(socket: WebSocketLike): void {
    this.previous = socket;
    socket.onmessage = (event: { data: unknown }) => this.listener.onText(event.data, true);
    socket.onclose = () => this.moved();
  }

  private onMessage(data: unknown): void {
    const { socket } = this;
    this.keepAlive.heard();
    this.listener.onText(data, false);
    // A frame resets the number of failures, unless the listener has replaced the connection because of the frame.
    if (this.socket === socket && !this.succession.renews) this.failures = this.renewals = 0;
  }

  /**
   * Ends the connection as `drop` does. If the handshake of the successor is under way, the client waits for this handshake and does not begin
   * another one.
   */
  private fall(...end: Parameters<Connection['drop']>): void {
    const { handshake } = this;
    this.handshake = undefined;
    this.drop(...end);
    if (!handshake) return;
    // The handshake of the successor continues, unless a listener has ended the wait.
    if (this.retry.isSet) {
      this.retry.clear();
      this.handshake = handshake;
      this.change('connecting', {});
    } else {
      handshake.giveUp();
    }
  }

  /**
   * Ends the connection, and reports `closeCode`. If this side ends it, the socket is closed with `ownCode`.
   *
   * @param isShared whether other clients may have lost their connections at the same time
   */
  private drop(closeCode: number, isShared: boolean, ownCode?: number): void {
    this.isShared = isShared;
    this.release(ownCode);
    this.wait({ closeCode });
    this.listener.onLost(closeCode);
  }

  private onRefused(refusal: Refusal): void {
    const { error, status, isFinal } = refusal;
    this.handshake = undefined;
    this.refusals += status === 401 ? 1 : 0;
    // If the token is a function, a refused token is replaced once by a new one.
    const isUseless = status === 401 && (typeof this.options.token === 'string' || this.refusals > 1);
    if (this.socket) this.succeed({ type: 'refused', isFinal: isFinal || isUseless });
    if (this.socket) return;
    if (isFinal || isUseless) this.giveUp(error);
    else this.wait({ error });
  }

  private wait(detail: StateDetail): void {
    const { options, isOffline } = this;
    const situation = { failures: this.failures++, isShared: this.isShared, isOffline };
    const retryInMs = retryMs(situation, options.timing, options.random);
    this.retry.set(retryInMs);
    this.change('disconnected', { ...detail, ...(isOffline && { offline: true }), retryInMs });
  }

  private giveUp(error: StreamerError): void {
    this.failures = this.refusals = this.renewals = 0;
    this.isShared = false;
    this.sleep.stop();
    this.change('disconnected', { error });
    this.listener.onGivenUp(error);
  }

  private succeed(input: SuccessionInput): void {
    const { clock, random, timing } = this.options;
    const { state, effects } = advanceSuccession(this.succession, input, {
      now: clock.now(),
      random: random(),
      timing,
    });
    this.succession = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: SuccessionEffect): void {
    switch (effect.type) {
      case 'timer':
        if (effect.ms === undefined) this.age.clear();
        else this.age.set(effect.ms);
        break;
      case 'open':
        this.shake();
        break;
      case 'move':
        this.listener.onMove(effect.renews);
        break;
      case 'end-previous':
        this.endPrevious();
        this.listener.onOverdue();
        break;
      case 'overdue':
        this.listener.onOverdue();
        break;
      case 'drop':
        this.isShared = false;
        this.release(CLOSE.normal);
        this.listener.onLost(CLOSE.normal);
    }
  }

  private endPrevious(): void {
    if (this.previous) abandon(this.previous, CLOSE.normal);
    this.previous = undefined;
  }

  private release(ownCode: number | undefined): void {
    this.keepAlive.stop();
    this.succeed({ type: 'lost' });
    this.endPrevious();
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
