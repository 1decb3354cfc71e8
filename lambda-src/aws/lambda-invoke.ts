import * as http from 'node:http';
import * as https from 'node:https';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Functions, Reply } from '../flows/handlers/invoked-function';
import { endpointOf } from './endpoint';
import { Sha256 } from './sha256';

/** Environment of the calling function. It contains the credentials, the region and the endpoint for the call. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Idle time in milliseconds after which a TCP keep-alive probe is sent. NAT gateways drop a connection after 350 s without traffic. */
const PROBE_MS = 60_000;

/**
 * Lambda's Invoke API over `https`, signed by the SDK's signer. The SDK's Lambda client is not used, because it is as large as everything else that
 * the router loads, except DynamoDB's client.
 *
 * A call is sent once. It is sent again, on a new connection, only if the kept connection turns out to be closed.
 */
export class LambdaFunctions implements Functions {
  private readonly agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  public constructor(private readonly env: Environment = process.env) {}

  public async invoke(functionName: string, payload: string, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    try {
      return replyOf(await this.send(functionName, payload, signal));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      return { kind: 'unreachable', cause };
    }
  }

  private async send(functionName: string, payload: string, signal: AbortSignal): Promise<Answer> {
    const url = new URL(
      `${this.endpointOf(functionName)}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
    );
    const headers = await this.sign(url, functionName, payload);
    const agent = this.agents[url.protocol as 'https:'];
    try {
      return await exchange(url, { headers, agent, signal }, payload);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return exchange(url, { headers, agent: false, signal }, payload);
    }
  }

  /** Returns the endpoint in the function's region. The SDK's variable `AWS_ENDPOINT_URL_LAMBDA` overrides the endpoint. */
  private endpointOf(functionName: string): string {
    const given = this.env.AWS_ENDPOINT_URL_LAMBDA ?? this.env.AWS_ENDPOINT_URL;
    if (given) return given.replace(/\/$/, '');
    return endpointOf('lambda', this.regionOf(functionName), this.env);
  }

  private regionOf(functionName: string): string {
    return functionName.split(':')[3] || this.env.AWS_REGION || '';
  }

  private async sign(url: URL, functionName: string, body: string): Promise<Record<string, string>> {
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = this.env;
    const signer = new SignatureV4({
      service: 'lambda',
      region: this.regionOf(functionName),
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        sessionToken: AWS_SESSION_TOKEN,
      },
      sha256: Sha256,
    });
    const { hostname, protocol, pathname: path, host } = url;
    const headers = { host, 'content-type': 'application/json', ...traceHeader(this.env) };
    return (await signer.sign({ method: 'POST', protocol, hostname, path, query: {}, headers, body })).headers;
  }
}

/**
 * Returns the trace header, so that the invoked function continues this trace. The lineage in the header is removed. Lambda uses the lineage to count
 * the rounds of a loop, but the attempts of a request are not a loop.
 */
function traceHeader({ _X_AMZN_TRACE_ID: trace }: Environment): Record<string, string> {
  return trace ? { 'x-amzn-trace-id': trace.replace(/;Lineage=[^;]*/, '') } : {};
}

/** Error: the other side had closed the kept connection, so the request was not processed. */
class StaleConnection extends Error {}

function exchange(url: URL, options: http.RequestOptions, payload: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'http:' ? http : https;
    const sent = request(url, { ...options, method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.setSocketKeepAlive(true, PROBE_MS);
    sent.on('error', (error: NodeJS.ErrnoException) =>
      reject(sent.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '') ? new StaleConnection() : error),
    );
    sent.end(payload);
  });
}

function replyOf({ status, headers, body }: Answer): Reply {
  if (status === 429) return { kind: 'throttled' };
  if (status !== 200) return refusalOf(status, String(headers['x-amzn-errortype'] ?? ''), body);
  if (headers['x-amz-function-error'] === undefined) return { kind: 'returned', body };
  return { kind: 'failed', error: functionError(body) };
}

/**
 * Returns the reply for an error status. `refused` means that the function certainly did not start. This is the case for client errors, and for the
 * server error about an unsupported runtime.
 */
function refusalOf(status: number, type: string, body: string): Reply {
  const cause = new Error(`Lambda answered ${status}: ${type}`);
  if (type.startsWith('InvalidRuntimeException')) return { kind: 'refused', cause, runtime: messageOf(body) };
  return { kind: status >= 400 && status < 500 ? 'refused' : 'unreachable', cause };
}

function messageOf(body: string): string {
  const { Message, message = Message } = functionError(body) as { Message?: unknown; message?: unknown };
  return String(message ?? 'its runtime is not supported');
}

function functionError(body: string): object {
  try {
    return Object(JSON.parse(body));
  } catch {
    return { errorMessage: body.slice(0, 1_000) };
  }
}
