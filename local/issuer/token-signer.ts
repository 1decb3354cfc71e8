import { generateKeyPair, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';

const RSA_BITS = 2048;

export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs JSON web tokens with an RS256 key that exists for this run alone and never leaves the process. */
export class TokenSigner {
  private constructor(
    private readonly keyId: string,
    private readonly privateKey: KeyObject,
    public readonly keySet: JsonWebKeySet,
  ) {}

  public static async create(keyId: string = randomUUID()): Promise<TokenSigner> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
    const { kty, n, e } = publicKey.export({ format: 'jwk' });
    return new TokenSigner(keyId, privateKey, { keys: [{ kty, n, e, kid: keyId, use: 'sig', alg: 'RS256' }] });
  }

  public sign(claims: object): string {
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: this.keyId })}.${encode(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), this.privateKey).toString('base64url')}`;
  }
}
