import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { PayloadObject } from '../core';
import type { Download, Payloads, Platform, Upload } from '../flows/ports';
import { endpointOf } from './endpoint';
import { Sha256 } from './sha256';

/** Environment of the function. It contains the credentials, the region and the endpoint for S3. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Seconds for which a presigned URL is valid. It ends earlier if the role's credentials end. A client then asks for another URL. */
const URL_SECONDS = 900;
/** Number of attempts of one call. S3 asks its clients to repeat a call that failed with a server error. */
const ATTEMPTS = 3;
const BACKOFF_MS = 100;
/** Timeout of a call without the time for its body. */
const TIMEOUT_MS = 6_000;
/** Slowest rate of a transfer: 1 MB per second. */
const BYTES_PER_MS = 1_000;

const timeoutMs = (bytes: number): number => TIMEOUT_MS + Math.ceil(bytes / BYTES_PER_MS);

const CONTENT_TYPE = 'application/json';

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Bytes that the call transfers. */
  readonly bytes?: number;
}

/**
 * The bucket of payloads, through `fetch` and presigned URLs.
 *
 * S3's client is not used, because it is larger than everything else that the router loads. The signer is already part of the other clients.
 */
export class S3Payloads implements Payloads {
  public constructor(
    private readonly bucket: string,
    private readonly platform: Pick<Platform, 'now' | 'random' | 'sleep'>,
    private readonly env: Environment = process.env,
  ) {}

  public async put(key: string, text: string): Promise<PayloadObject> {
    const body = Buffer.from(text);
    const sha256 = createHash('sha256').update(body).digest('base64');
    const headers = { 'content-type': CONTENT_TYPE, 'x-amz-checksum-sha256': sha256 };
    const call: Call = { method: 'PUT', key, headers, body, bytes: body.length };
    await this.call(call, (response) => response.arrayBuffer());
    return { key, bytes: body.length, sha256 };
  }

  public get({ key, bytes }: PayloadObject): Promise<Uint8Array | undefined> {
    return this.call({ method: 'GET', key, bytes }, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  public size(key: string): Promise<number | undefined> {
    return this.call({ method: 'HEAD', key }, async ({ headers }) => Number(headers.get('content-length')));
  }

  public async stream({ key }: PayloadObject): Promise<ReadableStream<Uint8Array> | undefined> {
    return this.call({ method: 'GET', key }, async ({ body }) => body ?? undefined);
  }

  public async download({ key, bytes, sha256 }: PayloadObject): Promise<Download> {
    return { url: await this.presign('GET', key), bytes, sha256 };
  }

  public async upload({ key, bytes, sha256 }: PayloadObject): Promise<Upload> {
    const headers = { 'content-type': CONTENT_TYPE, 'if-none-match': '*', 'x-amz-checksum-sha256': sha256 };
    const url = await this.presign('PUT', key, { ...headers, 'content-length': String(bytes) });
    return { url, headers };
  }

  /**
   * Performs a call, and repeats it if S3 fails or the connection breaks.
   *
   * @param read reads the answer. Its time counts
   * @returns undefined if the object does not exist, or has a content encoding
   */
  private async call<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(call, read);
      } catch (error) {
        if (attempt === ATTEMPTS || (error instanceof S3Refusal && !error.passing)) throw error;
      }
      await this.platform.sleep(BACKOFF_MS * 2 ** attempt * this.platform.random());
    }
  }

  /** @throws S3Refusal for any status except success and 404; any other error if there was no answer */
  private async attempt<T>(
    { method, key, headers = {}, body, bytes = 0 }: Call,
    read: (response: Response) => Promise<T>,
  ): Promise<T | undefined> {
    const url = await this.presign(method, key, headers);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new Error('S3 did not answer in time')), timeoutMs(bytes));
    try {
      const init = { method, headers, body: body as Uint8Array<ArrayBuffer> | undefined, signal: stop.signal };
      const response = await fetch(url, init);
      if (response.ok && method !== 'PUT' && isEncoded(response)) {
        await response.body?.cancel();
        return undefined;
      }
      if (response.ok) return await read(response);
      const document = await response.text();
      if (response.status === 404 && method !== 'PUT') return undefined;
      throw new S3Refusal(method, response.status, codeIn(document));
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param headers headers that the request must have, with the same values */
  private async presign(
    method: Call['method'],
    key: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { protocol, host, hostname, port, pathname } = this.urlOf(key);
    const { query = {} } = await this.signer().presign(
      {
        method,
        protocol,
        hostname,
        ...(port && { port: Number(port) }),
        path: pathname,
        query: {},
        headers: { ...headers, host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
      },
      {
        expiresIn: URL_SECONDS,
        signingDate: new Date(this.platform.now()),
        unhoistableHeaders: new Set(Object.keys(headers)),
        signableHeaders: new Set(['host', ...Object.keys(headers)]),
      },
    );
    return `${protocol}//${host}${pathname}?${new URLSearchParams(query as Record<string, string>)}`;
  }

  private signer(): SignatureV4 {
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN, AWS_REGION = '' } = this.env;
    return new SignatureV4({
      service: 's3',
      region: AWS_REGION,
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        sessionToken: AWS_SESSION_TOKEN,
      },
      sha256: Sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
  }

  /** Returns the address of an object. The SDK's variable `AWS_ENDPOINT_URL_S3` overrides the endpoint; its addresses have the bucket in the path. */
  private urlOf(key: string): URL {
    const given = this.env.AWS_ENDPOINT_URL_S3 ?? this.env.AWS_ENDPOINT_URL;
    const endpoint = given?.replace(/\/$/, '') ?? endpointOf(hostOf(this.env), this.env.AWS_REGION ?? '');
    // A certificate of S3 covers one label before its domain, so a bucket with a dot in its name is also part of the path.
    if (given || this.bucket.includes('.')) return new URL(`${endpoint}/${this.bucket}/${key}`);
    return new URL(`${endpoint.replace('https://', `https://${this.bucket}.`)}/${key}`);
  }
}

/**
 * Whether an object has a content encoding, which a client can set although its presigned URL does not contain it. `fetch` would decompress the object,
 * and a few bytes would become an input above every limit. So such an object counts as missing.
 */
const isEncoded = ({ headers }: Response): boolean => (headers.get('content-encoding') ?? 'identity') !== 'identity';

/** First labels of S3's endpoint. Unlike other services, S3 has endpoints for IPv4 and IPv6 in its usual domain. */
const hostOf = ({ AWS_USE_FIPS_ENDPOINT: fips, AWS_USE_DUALSTACK_ENDPOINT: dualStack }: Environment): string =>
  `s3${fips === 'true' ? '-fips' : ''}${dualStack === 'true' ? '.dualstack' : ''}`;

/** Error: S3 refused a call. Its message contains neither the URL nor the key. */
class S3Refusal extends Error {
  /** Whether the same call may succeed later. */
  public readonly passing: boolean;

  public constructor(method: string, status: number, code: string) {
    super(`S3 answered ${status} ${code} to ${method}`);
    this.name = 'S3Refusal';
    this.passing = status >= 500 || status === 429 || status === 408 || status === 409;
  }
}

const codeIn = (document: string): string => /<Code>(\w{1,64})<\/Code>/.exec(document)?.[1] ?? '';
