import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Access,
  accessRefusal,
  admitSigned,
  answerRefusal,
  type Door,
  guardedServer,
  type HostRule,
  loopbackOnly,
  type Signatures,
  type Verdict,
} from '../../emulator/http';
import type { LogSink } from '../../emulator/types';

export type RequestHandler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
/** Answers a request whose signature was checked, and may refuse an invalid signature with its own error. */
export type SignedHandler = (req: IncomingMessage, res: ServerResponse, verdict: Verdict) => void | Promise<void>;

interface Mount {
  readonly access: Access;
  readonly service?: string;
  readonly handle: RequestHandler;
}

/** Ports tried after one that is in use. */
const PORT_ATTEMPTS = 20;

export interface FrontOptions {
  readonly log: LogSink;
  readonly signatures: Signatures;
  /** Accepted host names. @default - loopback names */
  readonly hosts?: HostRule;
}

/**
 * The main HTTP server of a run. Services are mounted by path with their allowed clients, and see only the path below their prefix.
 *
 * Its port is known before its services can be mounted. Until `open` is called, requests wait: a client that reconnects while a run
 * restarts would take the refusal of an unmounted path as final.
 */
export class Front {
  private readonly server: Server;
  private readonly requests = new Map<string, Mount>();
  private readonly upgrades = new Map<string, UpgradeHandler>();
  private readonly hosts: HostRule;
  private readonly log: LogSink;
  /** Requests that wait for `open`; undefined from then on. */
  private waiting: (() => void)[] | undefined = [];

  public constructor(private readonly options: FrontOptions) {
    this.hosts = options.hosts ?? loopbackOnly;
    this.log = options.log;
    // each path has its own rule, and the `Host` rule applies to all
    this.server = guardedServer({ access: 'any-page', hosts: this.hosts }, (req, res) =>
      this.whenOpen(() => void this.onRequest(req, res)),
    );
    this.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.whenOpen(() => this.onUpgrade(req, socket, head));
    });
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
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || candidate >= port + PORT_ATTEMPTS) throw error;
        this.log({ source: 'run', level: 'info', message: `port ${candidate} is in use, trying ${candidate + 1}` });
      }
    }
  }

  /** Answers requests from now on, those that wait first. Call it when everything is mounted. */
  public open(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const answer of waiting) answer();
  }

  /** @param path what the request's path begins with; `''` for what no other takes */
  public mount(path: string, access: Access, handle: RequestHandler): void {
    this.requests.set(path, { access, handle });
  }

  /** Mounts an AWS service for programs; each request must be signed with credentials of the run. */
  public mountService(path: string, service: string, handler: RequestHandler): void {
    const { signatures } = this.options;
    this.requests.set(path, {
      access: 'programs',
      service,
      handle: async (req, res) => {
        if (await admitSigned(signatures, service, req, res)) await this.handOver(path, handler, req, res);
      },
    });
  }

  /** Mounts S3, which pages of any origin may use with presigned URLs, and which reads bodies that are too large to buffer for a check. */
  public mountStorage(path: string, handler: SignedHandler): void {
    const { signatures } = this.options;
    this.requests.set(path, {
      access: 'any-page',
      service: 's3',
      handle: async (req, res) => {
        const verdict = await signatures.verify(req, 's3');
        await this.handOver(path, (request, response) => handler(request, response, verdict), req, res);
      },
    });
  }

  /** Mounts WebSocket APIs for pages of any origin, as on AWS; the API's authorizer decides. */
  public mountUpgrade(path: string, handler: UpgradeHandler): void {
    this.upgrades.set(path, handler);
  }

  /** The server's paths with their allowed clients. */
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
    try {
      // a signature covers the whole path
      if (service === undefined) await this.handOver(path, handle, req, res);
      else await handle(req, res);
    } catch (error) {
      const detail = error instanceof Error ? error.stack : String(error);
      this.log({ source: 'run', level: 'error', message: `a request to ${pathOf(req)} failed`, detail });
      if (!res.headersSent) answerRefusal(res, 'internal error', 500);
      else res.destroy();
    }
  }

  private async handOver(path: string, handler: RequestHandler, req: IncomingMessage, res: ServerResponse) {
    stripPath(req, path);
    await handler(req, res);
  }

  private onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const found = this.hosts(req.headers.host) ? longestMatch(this.upgrades, req) : undefined;
    if (found) {
      const [path, handler] = found;
      stripPath(req, path);
      handler(req, socket, head);
    } else refuseUpgrade(socket);
  }
}

function longestMatch<T>(handlers: ReadonlyMap<string, T>, req: IncomingMessage): [string, T] | undefined {
  const path = pathOf(req);
  const fits = [...handlers].filter(([mount]) => path === mount || path.startsWith(`${mount}/`));
  return fits.sort(([a], [b]) => b.length - a.length)[0];
}

/** Removes the prefix from the path that a mounted service receives. */
function stripPath(req: IncomingMessage, path: string): void {
  const rest = (req.url ?? '/').slice(path.length);
  req.url = rest.startsWith('/') ? rest : `/${rest}`;
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/';
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
