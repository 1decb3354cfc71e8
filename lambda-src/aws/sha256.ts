import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

/** The hash function that the SDK's signer needs, implemented with Node.js's own hash. */
export class Sha256 {
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
