import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { LogSink } from '../types';
import { type Access, accessRefusal } from './access';
import { type HostRule, loopbackOnly } from './hosts';
import { below, type ServiceHooks, serveRequest } from './serve-request';
import { answerRefusal, type Door, guardedServer } from './server';
import type { AwsService } from './service';
import { anySignature } from './signatures';

export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Mount {
  readonly access: Access;
  /** AWS service for which requests must be signed; absent if no signature is required. */
  readonly service?: string;
  readonly handle: RequestHandler;
}

/** Number of following ports to attempt if the chosen port is in use. */
const PORT_ATTEMPTS = 20;

export interface EntryPointOptions extends Partial<ServiceHooks> {
  readonly log: LogSink;
  /** Accepted host names. @default - loopback names */
  readonly hosts?: HostRule;
}

/**
 * The HTTP server of a run. Services and pages are mounted at paths, and receive only the rest of the path. For each
 * request, the entry point checks the host name and whether the sending web page is allowed. For an AWS service, it
 * also checks the size of the body, the signature and the caller's access.
 *
 * The port is known before the services are mounted. Until `open` is called, requests wait. Otherwise a client that
 * reconnects during a restart would receive the error for an unknown path, and would not repeat its request.
 */
export class EntryPoint {
  private readonly server: Server;
  private readonly requests = new Map<string, Mount>();
  private readonly upgrades = new Map<string, UpgradeHandler>();
  private readonly hosts: HostRule;
  private readonly log: LogSink;
  private readonly hooks: ServiceHooks;
  /** Requests that wait for `open`; undefined after `open` was called. */
  private waiting: (() => void)[] | undefined = [];

  public constructor({ hosts = loopbackOnly, ...hooks }: EntryPointOptions) {
    this.hosts = hosts;
    this.log = hooks.log;
    this.hooks = { ...hooks, verifier: hooks.verifier ?? anySignature, newId: hooks.newId ?? randomUUID };
    // each path has its own rule for pages; the rule for hosts is the same for all
    this.server = guardedServer({ access: 'any-page', hosts: this.hosts }, (req, res) =>
      this.whenOpen(() => void this.onRequest(req, res)),
    );
    this.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.whenOpen(() => this.onUpgrade(req, socket, head));
    });
  }

  /**
   * Listens on the port. If the port is in use, the entry point uses the first free port of the following 20.
   *
   * @param port port number, or 0 for any port
   * @returns the number of the port
   */
  public async listen(port: number, host: string): Promise<number> {
    for (let candidate = port; ; candidate++) {
      try {
        return await this.tryListen(candidate, host);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || candidate >= port + PORT_ATTEMPTS) throw error;
        this.log({ source: 'run', level: 'info', message: `port ${candidate} is in use, trying ${candidate + 1}` });
      }
    }
  }

  /** Begins to answer requests, first the waiting ones. Must be called after all services and pages were mounted. */
  public open(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const answer of waiting) answer();
  }

  /** @param path first part of the path; an empty string accepts the requests that no other path accepts */
  public mount(path: string, access: Access, handle: RequestHandler): void {
    this.requests.set(path, { access, handle });
  }

  /** Mounts an AWS service. It receives only requests with a valid signature whose caller has access. */
  public mountService(path: string, service: AwsService): void {
    this.requests.set(path, {
      access: service.access ?? 'programs',
      service: service.name,
      handle: (req, res) => serveRequest(service, this.hooks, path, req, res),
    });
  }

  /**
   * Mounts WebSocket APIs. As on AWS, pages of any origin may connect, and the API's authorizer accepts or refuses the
   * connection.
   */
  public mountUpgrade(path: string, handler: UpgradeHandler): void {
    this.upgrades.set(path, handler);
  }

  /** Returns the paths of the server with their allowed clients. */
  public doors(origin: string): Door[] {
    const requests = [...this.requests].map(([path, { access, service }]) => ({ path, access, service }) as const);
    return [
      ...requests.map((door): Door => ({ ...door, name: door.path, origin, kind: 'request' })),
      ...[...this.upgrades.keys()].map(
        (path): Door => ({ name: path, origin, path, kind: 'upgrade', access: 'any-page' }),
      ),
    ];
  }

  public async close(): Promise<void> {
    this.open();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private tryListen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.removeListener('error', reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  private whenOpen(answer: () => void): void {
    if (this.waiting) this.waiting.push(answer);
    else answer();
  }

  private async onRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const found = longestMatch(this.requests, req);
    if (!found) return answerRefusal(res, 'there is nothing here', 404);
    const [path, { access, service, handle }] = found;
    const refusal = accessRefusal(req, access, this.hosts);
    if (refusal !== undefined) return answerRefusal(res, refusal);
    // handlers may replace the path
    const requested = pathOf(req);
    try {
      // services receive the whole path, because signatures include it
      if (service === undefined) req.url = below(path, req);
      await handle(req, res);
    } catch (error) {
      if (req.destroyed && !req.complete) return this.logAborted(requested);
      const detail = error instanceof Error ? error.stack : String(error);
      this.log({ source: 'run', level: 'error', message: `a request to ${requested} failed`, detail });
      if (!res.headersSent) answerRefusal(res, 'internal error', 500);
      else res.destroy();
    }
  }

  /** Logs that a client ended its connection before it had sent the whole body. It is not an error of the run. */
  private logAborted(path: string): void {
    this.log({ source: 'run', level: 'info', message: `a client aborted its request to ${path}` });
  }

  private onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const found = this.hosts(req.headers.host) ? longestMatch(this.upgrades, req) : undefined;
    if (found) {
      const [path, handler] = found;
      req.url = below(path, req);
      handler(req, socket, head);
      return;
    }
    this.log({
      source: 'gateway',
      level: 'warn',
      message: `handshake at ${pathOf(req)}: 403, ${this.upgradeProblem(req)}`,
    });
    refuseUpgrade(socket);
  }

  private upgradeProblem(req: IncomingMessage): string {
    if (!this.hosts(req.headers.host)) return 'the host name is not one of this run';
    const paths = [...this.upgrades.keys()];
    return paths.length === 0 ? 'the app has no WebSocket API' : `a WebSocket API is at ${paths.join(', ')}`;
  }
}

function longestMatch<T>(handlers: ReadonlyMap<string, T>, req: IncomingMessage): [string, T] | undefined {
  const path = pathOf(req);
  const fits = [...handlers].filter(([mount]) => path === mount || path.startsWith(`${mount}/`));
  return fits.sort(([a], [b]) => b.length - a.length)[0];
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/';
}

/**
 * Answers an upgrade request with 403 and closes the socket. A client that continues to send would otherwise keep the
 * socket open.
 */
function refuseUpgrade(socket: Duplex): void {
  socket.once('finish', () => socket.destroy());
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** A service on a separate port. */
export interface ServedService {
  /** Origin of the server, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves one service on a separate loopback port.
 *
 * @param options options of the entry point. Without a verifier, any signature is accepted.
 */
export async function serveAlone(
  service: AwsService,
  { port = 0, log = () => undefined, ...options }: Partial<EntryPointOptions> & { readonly port?: number } = {},
): Promise<ServedService> {
  const entryPoint = new EntryPoint({ log, ...options });
  entryPoint.mountService('', service);
  const listening = await entryPoint.listen(port, '127.0.0.1');
  entryPoint.open();
  return { url: `http://127.0.0.1:${listening}`, close: () => entryPoint.close() };
}
