import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { RuntimeError } from './errors';

export interface Invocation {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string | undefined;
  /** Client context as a JSON string. */
  readonly clientContext: string | undefined;
  readonly event: string;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Client of the Runtime API. If a request fails, its promise rejects, because the process cannot continue without the
 * API.
 */
export class RuntimeApi {
  // One connection to the API. While it is idle it does not keep the process alive, so that `beforeExit` indicates an
  // empty event loop.
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly host: string;
  private readonly port: string;

  public constructor(address: string) {
    [this.host = '127.0.0.1', this.port = '80'] = address.split(':');
  }

  public async next(): Promise<Invocation> {
    const { headers, body } = await this.call('GET', '/runtime/invocation/next');
    return {
      requestId: String(headers['lambda-runtime-aws-request-id']),
      deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: String(headers['lambda-runtime-invoked-function-arn']),
      traceId: headers['lambda-runtime-trace-id'] as string | undefined,
      clientContext: headers['lambda-runtime-client-context'] as string | undefined,
      event: body,
    };
  }

  public async respond(requestId: string, body: string): Promise<void> {
    await this.call('POST', `/runtime/invocation/${requestId}/response`, body);
  }

  public async fail(requestId: string, error: RuntimeError): Promise<void> {
    await this.postError(`/runtime/invocation/${requestId}/error`, error);
  }

  public async failInit(error: RuntimeError): Promise<void> {
    await this.postError('/runtime/init/error', error);
  }

  private async postError(path: string, error: RuntimeError): Promise<void> {
    await this.call('POST', path, JSON.stringify(error), { 'Lambda-Runtime-Function-Error-Type': error.errorType });
  }

  private call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Reply> {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const options = {
        agent: this.agent,
        host: this.host,
        port: this.port,
        method,
        path: `/2018-06-01${path}`,
        headers: { 'Content-Type': 'application/json', ...length, ...headers },
      };
      const outgoing = request(options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
