import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type Access, accessRefusal } from './access';
import { type HostRule, loopbackOnly } from './hosts';

export interface GuardedServerOptions {
  /** Clients that may send requests to any path of the server. */
  readonly access: Access;
  /** Accepted host names. @default - loopback names */
  readonly hosts?: HostRule;
  /** TLS key and certificate. @default - plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An entry point for clients: a path of the run's server, or a separate server. */
export interface Door {
  /** Name of the service. */
  readonly name: string;
  /** Origin, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** First part of the paths. */
  readonly path: string;
  readonly kind: 'request' | 'upgrade';
  readonly access: Access;
  /** AWS service for which requests must be signed; absent if no signature is required. */
  readonly service?: string;
}

/**
 * Creates an HTTP server that checks each request before its handler receives it. The run creates all its servers with
 * this function.
 */
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
