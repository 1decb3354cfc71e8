import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { LogSink } from '../types';

export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Ports tried after one that is in use. */
const PORT_TRIES = 20;

/** The one HTTP server of a run. Parts are mounted by path; they see their own part of it only. */
export class Front {
  private readonly server: Server;
  private readonly requests = new Map<string, RequestHandler>();
  private readonly upgrades = new Map<string, UpgradeHandler>();

  /** @param anyHost answer to any name; else to loopback names only */
  public constructor(
    private readonly log: LogSink,
    private readonly anyHost = false,
  ) {
    this.server = createServer((req, res) => void this.onRequest(req, res));
    this.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.onUpgrade(req, socket, head),
    );
  }

  /**
   * Listens on the port, or on the next free one of the following 20.
   *
   * @param port 0 for any
   * @returns the port
   */
  public async listen(port: number, host: string): Promise<number> {
    for (let candidate = port; ; candidate++) {
      try {
        return await this.tryListen(candidate, host);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || candidate >= port + PORT_TRIES) throw error;
        this.log({ source: 'run', level: 'info', message: `port ${candidate} is in use, trying ${candidate + 1}` });
      }
    }
  }

  /** @param path what the request's path begins with; `''` for what no other takes */
  public mount(path: string, handler: RequestHandler): void {
    this.requests.set(path, handler);
  }

  public mountUpgrade(path: string, handler: UpgradeHandler): void {
    this.upgrades.set(path, handler);
  }

  public async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private mayAsk(req: IncomingMessage): boolean {
    return this.anyHost || isLocalHost(req);
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

  private async onRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!this.mayAsk(req)) return answer(res, 403, 'this server answers to its own address only');
    const handler = this.find(this.requests, req);
    if (!handler) return answer(res, 404, 'there is nothing here');
    try {
      await handler(req, res);
    } catch (error) {
      const detail = error instanceof Error ? error.stack : String(error);
      this.log({ source: 'run', level: 'error', message: `a request to ${pathOf(req)} failed`, detail });
      if (!res.headersSent) answer(res, 500, 'internal error');
      else res.destroy();
    }
  }

  private onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const handler = this.mayAsk(req) ? this.find(this.upgrades, req) : undefined;
    if (handler) handler(req, socket, head);
    else refuseUpgrade(socket);
  }

  /** The handler with the longest path that fits; the request loses that path. */
  private find<T>(handlers: Map<string, T>, req: IncomingMessage): T | undefined {
    const path = pathOf(req);
    const fits = [...handlers.keys()].filter((mount) => path === mount || path.startsWith(`${mount}/`));
    const best = fits.sort((a, b) => b.length - a.length)[0];
    if (best === undefined) return undefined;
    const rest = (req.url ?? '/').slice(best.length);
    req.url = rest.startsWith('/') ? rest : `/${rest}`;
    return handlers.get(best);
  }
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/';
}

/** A page of the web that points its own name at this machine (DNS rebinding) has a Host that is no loopback name. */
function isLocalHost(req: IncomingMessage): boolean {
  const host = (req.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

function answer(res: ServerResponse, status: number, message: string): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ message }));
}
