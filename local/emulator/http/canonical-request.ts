import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { getSigningKey, SignatureV4Base } from '@smithy/signature-v4';
import type { Credentials } from './credentials';

/** The parts of a request that its signature protects. */
export interface SignedParts {
  readonly method: string;
  /** Path without the query, encoded as the client sent it. */
  readonly path: string;
  /** Decoded query parameters. */
  readonly query: Record<string, string | string[]>;
  /** Headers that the signature names, with lower-case names. */
  readonly headers: Record<string, string>;
  readonly payloadHash: string;
}

/** Day, Region and service for which a signature is valid. */
export interface Scope {
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Computes the signature of a request. The SDK's own code creates the canonical request. */
export class Signer extends SignatureV4Base {
  private readonly nodeHash = NodeHash;

  /** @param scope scope of the signature. If its service is S3, the path is not encoded a second time. */
  public constructor(private readonly scope: Scope) {
    super({
      service: scope.service,
      region: scope.region,
      credentials: { accessKeyId: '', secretAccessKey: '' },
      sha256: NodeHash,
      uriEscapePath: scope.service !== 's3',
    });
  }

  /**
   * @param date date in the format `20260131T120000Z`
   * @returns the signature as hexadecimal digits
   */
  public async signature(parts: SignedParts, credentials: Credentials, date: string): Promise<string> {
    const { day, region, service } = this.scope;
    const { method, path, query, headers, payloadHash } = parts;
    const request = { method, path, query, headers, protocol: 'http:', hostname: '' };
    const canonical = this.createCanonicalRequest(request, headers, payloadHash);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = await this.createStringToSign(date, scope, canonical, ALGORITHM);
    const key = await getSigningKey(this.nodeHash, { ...credentials }, day, region, service);
    return createHmac('sha256', key).update(text).digest('hex');
  }
}

/** A hash with the SDK's interface. It uses the hash functions of Node.js. */
export class NodeHash {
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
    throw new Error('a new hash must be created for each value');
  }
}

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
