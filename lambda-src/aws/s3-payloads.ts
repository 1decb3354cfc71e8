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
const TIMEOUT_MS = 5_000;
/** Slowest rate of a transfer: 1 MB per second. */
const BYTES_PER_MS = 1_000;

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
    await this.call({ method: 'PUT', key, headers, body, bytes: body.length });
    return { key, bytes: body.length, sha256 };
  }

  public async get({ key, bytes }: PayloadObject): Promise<Uint8Array | undefined> {
    const response = await this.call({ method: 'GET', key, bytes });
    return response && new Uint8Array(await response.arrayBuffer());
  }

  public async size(key: string): Promise<number | undefined> {
    const response = await this.call({ method: 'HEAD', key });
    return response && Number(response.headers.get('content-length'));
  }

  public async stream({ key, bytes }: PayloadObject): Promise<ReadableStream<Uint8Array> | undefined> {
    const response = await this.call({ method: 'GET', key, bytes });
    return response?.body ?? undefined;
  }

  public async download({ key, bytes, sha256 }: PayloadObject): Promise<Download> {
    return { url: await this.presign('GET', key), bytes, sha256 };
  }

  public async upload({ key, bytes, sha256 }: PayloadObject): Promise<Upload> {
    const headers = { 'content-type': CONTENT_TYPE, 'if-none-match': '*', 'x-amz-checksum-sha256': sha256 };
    const url = await this.presign('PUT', key, { ...headers, 'content-length': String(bytes) });
    return { url, headers };
  }

  /** @returns the response; undefined if the object does not exist */
  private async call(call: Call): Promise<Response | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.attempt(call);
        return response.status === 404 ? undefined : response;
      } catch (error) {
        if (attempt === ATTEMPTS || (error instanceof S3Refusal && !error.passing)) throw error;
      }
      await this.platform.sleep(BACKOFF_MS * 2 ** attempt * this.platform.random());
    }
  }

  /** @throws S3Refusal for any status except success and 404; any other error if there was no response */
  private async attempt({ method, key, headers = {}, body, bytes = 0 }: Call): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS + bytes / BYTES_PER_MS);
    const url = await this.presign(method, key, headers);
    const response = await fetch(url, { method, headers, body: body as Uint8Array<ArrayBuffer> | undefined, signal });
    if (response.ok || (response.status === 404 && method !== 'PUT')) return response;
    throw new S3Refusal(method, response.status, codeIn(await response.text()));
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
        headers: { ...headers, host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
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
    const endpoint = given?.replace(/\/$/, '') ?? endpointOf('s3', this.env.AWS_REGION ?? '', this.env);
    // A certificate of S3 covers one label before its domain, so a bucket with a dot in its name is also part of the path.
    if (given || this.bucket.includes('.')) return new URL(`${endpoint}/${this.bucket}/${key}`);
    return new URL(`${endpoint.replace('https://', `https://${this.bucket}.`)}/${key}`);
  }
}

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
