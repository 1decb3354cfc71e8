import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Access, type Door, guardedServer, readBody } from '../http';
import type { FunctionError } from '../types';
import { LAMBDA_LIMITS } from './types';

/** Receives the calls of a runtime client. */
export interface RuntimeListener {
  /** Called when the client requests an event. At that time, its initialization or the previous event has ended. */
  onNext(): void;
  onResponse(body: string): void;
  onResponseTooLarge(): void;
  onError(error: FunctionError): void;
  onInitError(error: FunctionError): void;
}

export interface RuntimeEvent {
  readonly requestId: string;
  readonly payload: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** Client context as a JSON string. */
  readonly clientContext?: string;
}

/**
 * Access for programs only. As on AWS, requests to this API have no signature. The API recognizes browsers by their
 * headers and refuses them.
 */
const ACCESS: Access = 'programs';
const PREFIX = '/2018-06-01/runtime';
const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/** The Runtime API (version 2018-06-01) of one environment, on a separate loopback port. */
export class RuntimeApiServer {
  private readonly server: Server;
  private waiting: ServerResponse | undefined;
  private current: RuntimeEvent | undefined;

  public constructor(private readonly listener: RuntimeListener) {
    this.server = guardedServer({ access: ACCESS }, (req, res) => {
      this.handle(req, res).catch(() => res.destroy());
    });
    // A request for the next event may wait for hours.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 0;
  }

  /**
   * Starts to listen.
   *
   * @returns the address as `host:port`
   */
  public async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    const { address, port } = this.server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /**
   * Returns the entry point, or undefined while the API does not listen.
   *
   * @param name name of the function
   */
  public door(name: string): Door | undefined {
    const address = this.server.address() as AddressInfo | null;
    return (
      (address && {
        name: `runtime API of ${name}`,
        origin: `http://${address.address}:${address.port}`,
        path: '',
        kind: 'request',
        access: ACCESS,
      }) ??
      undefined
    );
  }

  /** Passes an event to the client that has requested one. */
  public deliver(event: RuntimeEvent): void {
    this.current = event;
    this.waiting?.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': event.requestId,
      'Lambda-Runtime-Deadline-Ms': String(event.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': event.functionArn,
      'Lambda-Runtime-Trace-Id': event.traceId,
      ...(event.clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': event.clientContext }),
    });
    this.waiting?.end(event.payload);
    this.waiting = undefined;
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const route = `${req.method} ${req.url}`;
    if (route === `GET ${PREFIX}/invocation/next`) return this.handleNext(res);
    if (route === `POST ${PREFIX}/init/error`) return this.handleInitError(req, res);
    const match = req.method === 'POST' ? INVOCATION.exec(req.url ?? '') : null;
    if (!match) return answer(res, 404, 'InvalidRoute', route);
    if (match[1] !== this.current?.requestId) return answer(res, 400, 'InvalidRequestID', 'Invalid request ID');
    return match[2] === 'response' ? this.handleResponse(req, res) : this.handleError(req, res);
  }

  private handleNext(res: ServerResponse): void {
    this.waiting = res;
    this.current = undefined;
    this.listener.onNext();
  }

  private async handleInitError(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readText(req);
    answer(res, 202);
    this.listener.onInitError(toFunctionError(body, req));
  }

  private async handleResponse(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readText(req);
    if (body === undefined) {
      answer(res, 413, 'RequestEntityTooLarge', 'The response is too large');
      return this.listener.onResponseTooLarge();
    }
    answer(res, 202);
    this.listener.onResponse(body);
  }

  private async handleError(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readText(req);
    answer(res, 202);
    this.listener.onError(toFunctionError(body, req));
  }
}

function answer(res: ServerResponse, status: number, errorType?: string, errorMessage?: string): void {
  const body = errorType ? { errorType, errorMessage } : { status: 'OK' };
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Reads the body as a string.
 *
 * @returns undefined if it exceeds Lambda's limit
 */
async function readText(req: IncomingMessage): Promise<string | undefined> {
  return (await readBody(req, LAMBDA_LIMITS.payloadBytes))?.toString('utf8');
}

function toFunctionError(body: string | undefined, req: IncomingMessage): FunctionError {
  const fallback = String(req.headers['lambda-runtime-function-error-type'] ?? 'Error');
  try {
    const { errorType, errorMessage, trace } = JSON.parse(body ?? '{}');
    return { errorType: String(errorType ?? fallback), errorMessage: String(errorMessage ?? ''), trace };
  } catch {
    return { errorType: fallback, errorMessage: '' };
  }
}
