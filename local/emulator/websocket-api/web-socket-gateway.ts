import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { AwsService } from '../http';
import { type Clock, type FunctionInvoker, type LogSink, systemClock } from '../types';
import { type CloseReason, closeReason, GOING_AWAY } from './close-reasons';
import { Connection } from './connection';
import { checkFrameLimit } from './frame-limit';
import { handshakeProblem, pathOf, readHandshake } from './handshake';
import { newGatewayId, newTraceHeader } from './ids';
import { ManagementApi } from './management';
import { errorTypeHeader, refuseUpgrade } from './refusal';
import { Routes } from './routes';
import {
  type ConnectionInfo,
  DEFAULT_LIMITS,
  type GatewayFaults,
  type GatewayLimits,
  type GatewayObserver,
  type WebSocketApiSpec,
} from './types';

export interface GatewayOptions {
  readonly clock?: Clock;
  readonly log: LogSink;
  /** Creates ids of connections, requests and messages. @default - random ids in API Gateway's format */
  readonly newId?: () => string;
  /** Observes all frames. @default - none */
  readonly observer?: GatewayObserver;
  /** Faults of connections, for tests. @default - no faults */
  readonly faults?: GatewayFaults;
}

/**
 * Time limit in milliseconds for a client's answer to a close frame. After this time, the client's socket is destroyed.
 * The time is real even if the clock is virtual.
 */
const CLOSE_HANDSHAKE_MS = 2000;

/** Time in milliseconds that `close` waits for `$disconnect`. */
const DRAIN_MS = 2000;

/** One stage of a WebSocket API, with its `@connections` API. */
export class WebSocketGateway {
  /** The `@connections` API. The entry point must serve it at the path `/<stage>/@connections`. */
  public readonly management: AwsService;
  private readonly limits: GatewayLimits;
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly log: LogSink;
  private readonly observer: GatewayObserver | undefined;
  private readonly faults: GatewayFaults | undefined;
  private readonly routes: Routes;
  private readonly server: WebSocketServer;
  private readonly open = new Map<string, Connection>();
  private readonly protocols = new WeakMap<IncomingMessage, string>();
  private readonly disconnects = new Set<Promise<void>>();
  private closed = false;
  /** Called when the last connection has ended; set while `close` waits for that. */
  private onConnectionEnd: (() => void) | undefined;

  /** @throws Error if the installed `ws` does not support the gateway's frame limit */
  public constructor(
    private readonly spec: WebSocketApiSpec,
    invoker: FunctionInvoker,
    options: GatewayOptions,
  ) {
    checkFrameLimit();
    this.limits = { ...DEFAULT_LIMITS, ...spec.limits };
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? newGatewayId;
    this.log = options.log;
    this.observer = options.observer;
    this.faults = options.faults;
    this.routes = new Routes({ ...options, spec, invoker, limits: this.limits, clock: this.clock, newId: this.newId });
    this.management = new ManagementApi(this.limits, (id) => this.open.get(id), options.faults);
    const serverOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.limits.messageBytes,
      // This option is missing in the types of `ws`.
      closeTimeout: CLOSE_HANDSHAKE_MS,
      handleProtocols: (_offered: Set<string>, req: IncomingMessage) => this.protocols.get(req) ?? false,
    };
    this.server = new WebSocketServer(serverOptions);
  }

  /** Handles an `upgrade` event of the server, with which `$connect` begins. Never throws. */
  public handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.connect(req, socket, head).catch((error: Error) => {
      this.log({ source: 'gateway', level: 'error', message: 'a connection failed', detail: error.stack });
      socket.destroy();
    });
  }

  /** Returns the open connections. A connection is open when its `$connect` has ended. */
  public connections(): ConnectionInfo[] {
    return [...this.open.values()].map(({ connectionId, connectedAt, lastActiveAt, authorizer }) => ({
      connectionId,
      connectedAt,
      lastActiveAt,
      authorizer,
    }));
  }

  /** Ends a connection without a closing handshake, as a network failure does. */
  public disconnect(connectionId: string): void {
    this.open.get(connectionId)?.drop();
  }

  /** Closes all connections with 1001 and waits until each `$disconnect` has run. The wait is limited. */
  public async close(): Promise<void> {
    this.closed = true;
    for (const connection of this.open.values()) connection.close(GOING_AWAY);
    const drained = this.drain();
    await new Promise<void>((resolve) => {
      const timer = systemClock.setTimeout(resolve, CLOSE_HANDSHAKE_MS + DRAIN_MS);
      void drained.then(() => {
        systemClock.clearTimeout(timer);
        resolve();
      });
    });
  }

  private async connect(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refusal = this.refusalOf(req);
    if (refusal) {
      const [status, message] = refusal;
      this.log({ source: 'gateway', level: 'warn', message: `$connect at ${pathOf(req)}: ${status} ${message}` });
      return refuseUpgrade(socket, { status, body: JSON.stringify({ message }), headers: errorTypeHeader(status) });
    }
    const connectionId = this.newId();
    const handshake = readHandshake(req, newTraceHeader(this.clock.now(), this.newId));
    const connection = new Connection(connectionId, handshake, this.limits, this.clock);
    const result = await this.routes.connect(connection);
    if (!result.accepted) {
      return refuseUpgrade(socket, { ...result, headers: errorTypeHeader(result.status) });
    }
    if (result.protocol !== undefined) this.protocols.set(req, result.protocol);
    this.accept(connection, req, socket, head);
  }

  private refusalOf(req: IncomingMessage): [number, string] | undefined {
    if (this.closed || this.faults?.refuses()) return [503, 'Service Unavailable'];
    const path = pathOf(req);
    if (path !== `/${this.spec.stage}` && path !== `/${this.spec.stage}/`) return [403, 'Forbidden'];
    const problem = handshakeProblem(req);
    return problem === undefined ? undefined : [400, problem];
  }

  private accept(connection: Connection, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.closed || socket.destroyed || !socket.writable || !socket.readable) {
      socket.destroy();
      this.onClosed(connection, closeReason(1006, ''));
      return;
    }
    this.server.handleUpgrade(req, socket, head, (webSocket) => {
      this.open.set(connection.connectionId, connection);
      connection.open(webSocket, {
        onMessage: (body) => {
          this.observer?.onFrame(connection, 'in', body);
          void this.routes.message(connection, body);
        },
        onSent: (text) => this.observer?.onFrame(connection, 'out', text),
        onClosed: (reason) => this.onClosed(connection, reason),
      });
      this.faults?.onOpen(connection);
    });
  }

  private onClosed(connection: Connection, reason: CloseReason): void {
    this.open.delete(connection.connectionId);
    this.observer?.onClosed(connection, reason.code);
    this.onConnectionEnd?.();
    if (this.faults?.losesDisconnect()) return;
    const done = this.routes.disconnect(connection, reason).finally(() => this.disconnects.delete(done));
    this.disconnects.add(done);
  }

  private async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.onConnectionEnd = () => {
        if (this.open.size === 0) resolve();
      };
      this.onConnectionEnd();
    });
    await Promise.allSettled([...this.disconnects]);
  }
}
