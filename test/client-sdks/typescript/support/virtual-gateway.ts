import type { WebSocketLike } from '../../../../client-sdks/typescript/src/connection/socket';
import type { Clock } from '../../../../client-sdks/typescript/src/util/clock';
import { CLOSE, SUBPROTOCOL } from '../../../../client-sdks/typescript/src/wire/protocol';
import { timing } from '../../../../protocol/constants.json';
import { VirtualServer } from './virtual-server';

/** Probabilities of faults, from 0 to 1. */
export interface Faults {
  /** A frame or a message is lost, although the connection continues. */
  readonly lost: number;
  /** A handshake is refused. */
  readonly refused: number;
}

/** The server behind a gateway. */
export interface GatewayServer {
  /** Answers `$connect`. @returns whether the connection opens. Default: each connection opens */
  open?(socket: GatewaySocket): Promise<boolean>;
  receive(socket: GatewaySocket, message: object): void;
  /** Called when the gateway has noticed the end of a connection. */
  forget(socket: GatewaySocket): void;
}

export interface GatewayOptions<Server extends GatewayServer = VirtualServer> {
  readonly clock: Clock;
  readonly random: () => number;
  /** Default: a `VirtualServer`. */
  readonly server?: Server;
  readonly faults?: Faults;
  /** Age at which a connection is closed, in milliseconds. Default: that of API Gateway, two hours. */
  readonly lifeMs?: number;
  /** Time without a message of the client, after which its connection is closed, in milliseconds. Default: that of API Gateway, ten minutes. */
  readonly idleMs?: number;
  /** Longest latency in milliseconds. Default: 100. */
  readonly latencyMs?: number;
}

type Handler = ((event: never) => void) | null;

/** One connection, with the client's side as a WebSocket. */
export class GatewaySocket implements WebSocketLike {
  protocol = '';
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  isOpen = false;
  private isOver = false;
  private timers: unknown[] = [];
  private idle: unknown;

  constructor(private readonly gateway: VirtualGateway<GatewayServer>) {
    gateway.connect(this);
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error('sent on a socket that is not open');
    this.restartIdle();
    this.gateway.later(() => this.isOpen && this.gateway.server.receive(this, JSON.parse(text) as never), true);
  }

  close(): void {
    this.leave();
  }

  // the server's side

  accept(): void {
    if (this.isOver) return;
    this.isOpen = true;
    this.gateway.open.add(this);
    this.protocol = SUBPROTOCOL;
    this.timers = [this.gateway.clock.setTimeout(() => this.end(1001), this.gateway.lifeMs)];
    this.restartIdle();
    this.onopen?.({} as never);
  }

  /** Delivers a frame, possibly after frames that were sent later, because the functions of a server send concurrently. */
  post(frame: object): void {
    this.gateway.later(() => {
      if (this.isOpen) this.onmessage?.({ data: JSON.stringify(frame) } as never);
    }, true);
  }

  end(code: number): void {
    if (this.isOver) return;
    this.leave();
    this.onclose?.({ code } as never);
  }

  private leave(): void {
    this.isOver = true;
    this.isOpen = false;
    for (const timer of [...this.timers, this.idle]) if (timer) this.gateway.clock.clearTimeout(timer);
    this.gateway.open.delete(this);
    this.gateway.server.forget(this);
  }

  private restartIdle(): void {
    if (this.idle) this.gateway.clock.clearTimeout(this.idle);
    this.idle = this.gateway.clock.setTimeout(() => this.end(1001), this.gateway.idleMs);
  }
}

/**
 * A gateway in virtual time that closes connections as API Gateway does: after two hours, and after ten minutes without a message of the client. It loses
 * frames and refuses handshakes at random.
 */
export class VirtualGateway<Server extends GatewayServer = VirtualServer> {
  readonly clock: Clock;
  readonly open = new Set<GatewaySocket>();
  readonly server: Server;
  /** Times of all handshakes, in order. */
  readonly connects: number[] = [];
  /** Whether all handshakes are refused. */
  isDown = false;
  readonly webSocket: new () => GatewaySocket;
  faults: Faults;
  readonly lifeMs: number;
  readonly idleMs: number;
  private readonly latencyMs: number;
  private readonly random: () => number;

  constructor({ clock, random, server, faults = { lost: 0, refused: 0 }, ...times }: GatewayOptions<Server>) {
    this.clock = clock;
    this.server = server ?? (new VirtualServer() as GatewayServer as Server);
    this.random = random;
    this.faults = faults;
    this.lifeMs = times.lifeMs ?? timing.connectionHours * 3_600_000;
    this.idleMs = times.idleMs ?? timing.idleMinutes * 60_000;
    this.latencyMs = times.latencyMs ?? 100;
    const gateway = this;
    this.webSocket = class extends GatewaySocket {
      constructor() {
        super(gateway as unknown as VirtualGateway<GatewayServer>);
      }
    };
  }

  connect(socket: GatewaySocket): void {
    this.connects.push(this.clock.now());
    const isRefused = this.isDown || this.random() < this.faults.refused;
    this.later(async () => {
      const opens = !isRefused && (this.server.open === undefined || (await this.server.open(socket)));
      if (opens) socket.accept();
      else socket.end(CLOSE.abnormal);
    });
  }

  /** Runs a function after a random latency. @param mayLose whether it may be lost instead */
  later(run: () => void, mayLose = false): void {
    if (mayLose && this.faults.lost > 0 && this.random() < this.faults.lost) return;
    this.clock.setTimeout(run, Math.round(1 + (this.latencyMs - 1) * this.random()));
  }

  /** Ends all connections at the same time, without a close frame. */
  dropAll(): void {
    for (const socket of [...this.open]) socket.end(CLOSE.abnormal);
  }

  /** Ends one connection at random. */
  dropOne(): void {
    const sockets = [...this.open];
    sockets[Math.floor(this.random() * sockets.length)]?.end(CLOSE.abnormal);
  }
}

/** Returns the largest number of the given times within any second. */
export function maxPerSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let [first, max] = [0, 0];
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] as number) <= time - 1_000) first += 1;
    max = Math.max(max, index - first + 1);
  }
  return max;
}
