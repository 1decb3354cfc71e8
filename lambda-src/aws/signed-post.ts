import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';
import { SignatureV4 } from '@smithy/signature-v4';

/** Environment of the calling function. It contains the credentials, the region and the endpoint for the call. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface PostOptions {
  /** Name of the service in the signature. */
  readonly service: string;
  readonly region: string;
  readonly contentType: string;
  readonly signal?: AbortSignal;
  /** Milliseconds without an answer after which the call fails with an error named `TimeoutError`. @default - no limit */
  readonly timeoutMs?: number;
}

/** Idle time after which a connection is probed. NAT gateways drop a connection after 350 s without traffic. */
const PROBE_MS = 60_000;

/**
 * Calls of AWS over `https`, signed by the SDK's signer. The SDK's clients are not used for the calls that need to be fast: a client takes four times as
 * much CPU for a call, and is as large as everything else that a function loads, except DynamoDB's client.
 */
export class SignedPosts {
  private readonly agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  public constructor(private readonly env: Environment) {}

  /** Posts once. It posts again, on a new connection, only if the kept connection turns out to be closed. */
  public async post(url: URL, body: string, options: PostOptions): Promise<Answer> {
    const headers = await this.sign(url, body, options);
    const agent = this.agents[url.protocol as 'https:'];
    try {
      return await exchange(url, { headers, agent, ...options }, body);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return exchange(url, { headers, agent: false, ...options }, body);
    }
  }

  private async sign(url: URL, body: string, options: PostOptions): Promise<Record<string, string>> {
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = this.env;
    const { service, region, contentType } = options;
    const credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    };
    const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
    const { hostname, protocol, pathname: path, host } = url;
    const headers = { host, 'content-type': contentType, ...traceHeader(this.env) };
    return (await signer.sign({ method: 'POST', protocol, hostname, path, query: {}, headers, body })).headers;
  }
}

/**
 * Returns the trace header, so that the called service continues this trace. The lineage in the header is removed. Lambda uses the lineage to count
 * the rounds of a loop, but the attempts of a request are not a loop.
 */
function traceHeader({ _X_AMZN_TRACE_ID: trace }: Environment): Record<string, string> {
  return trace ? { 'x-amzn-trace-id': trace.replace(/;Lineage=[^;]*/, '') } : {};
}

/** Error: the other side had closed the kept connection, so the request was not processed. */
class StaleConnection extends Error {}

type Exchange = Pick<http.RequestOptions, 'headers' | 'agent'> & Pick<PostOptions, 'signal' | 'timeoutMs'>;

function exchange(url: URL, { timeoutMs, ...options }: Exchange, payload: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'http:' ? http : https;
    const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs };
    const sent = request(url, { ...options, ...timeout, method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.setSocketKeepAlive(true, PROBE_MS);
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer in time'), { name: 'TimeoutError' })));
    sent.on('error', (error: NodeJS.ErrnoException) =>
      reject(sent.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '') ? new StaleConnection() : error),
    );
    sent.end(payload);
  });
}

/** The hash function that the signer needs, implemented with Node.js's own hash. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  public constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }

  public update(data: string | Uint8Array): void {
    this.hash.update(data);
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  public reset(): void {
    throw new Error('the signer creates a new hash for each string');
  }
}
