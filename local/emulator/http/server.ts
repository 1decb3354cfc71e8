import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Access, accessRefusal } from './access';
import { type HostRule, loopbackOnly } from './hosts';

export interface GuardedServerOptions {
  /** Allowed clients, for all paths. */
  readonly access: Access;
  /** @default loopback names only */
  readonly hosts?: HostRule;
  /** Serve TLS with this certificate. @default - plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An entrance of the run: a path of its server, or a separate server. */
export interface Door {
  /** Name of the service. */
  readonly name: string;
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  /** Prefix of its paths. */
  readonly path: string;
  readonly kind: 'request' | 'upgrade';
  readonly access: Access;
  /** The AWS service whose signature is required; absent if none is. */
  readonly service?: string;
}

/** Creates an HTTP server. The run creates all servers with it, so that each request is checked before it reaches the handler. */
export function guardedServer(
  { access, hosts = loopbackOnly, tls }: GuardedServerOptions,
  handle: (req: IncomingMessage, res: ServerResponse) => void,
): Server {
  const listener = (req: IncomingMessage, res: ServerResponse) => {
    const refusal = accessRefusal(req, access, hosts);
    if (refusal === undefined) handle(req, res);
    else answerRefusal(res, refusal);
  };
  return tls ? createTlsServer(tls, listener) : createServer(listener);
}

/** Refuses a request without reading its body. */
export function answerRefusal(res: ServerResponse, message: string, status = 403): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  res.end(JSON.stringify({ message }));
}
