import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';

const RSA_BITS = 2048;

export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signing key for use in a later run. */
export interface KeptKey {
  readonly keyId: string;
  /** Private key in PEM format. */
  readonly privateKey: string;
}

/** Signs JSON Web Tokens with an RS256 key that belongs to this project. */
export class TokenSigner {
  private constructor(
    private readonly keyId: string,
    private readonly privateKey: KeyObject,
    public readonly keySet: JsonWebKeySet,
  ) {}

  public static async create(keyId: string = randomUUID()): Promise<TokenSigner> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
    return TokenSigner.of(keyId, privateKey);
  }

  /**
   * Creates a signer with an existing key.
   *
   * @throws Error if the private key is invalid
   */
  public static from({ keyId, privateKey }: KeptKey): TokenSigner {
    return TokenSigner.of(keyId, createPrivateKey(privateKey));
  }

  private static of(keyId: string, privateKey: KeyObject): TokenSigner {
    const { kty, n, e } = createPublicKey(privateKey).export({ format: 'jwk' });
    return new TokenSigner(keyId, privateKey, { keys: [{ kty, n, e, kid: keyId, use: 'sig', alg: 'RS256' }] });
  }

  public kept(): KeptKey {
    return { keyId: this.keyId, privateKey: String(this.privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  }

  public sign(claims: object): string {
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: this.keyId })}.${encode(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), this.privateKey).toString('base64url')}`;
  }
}
