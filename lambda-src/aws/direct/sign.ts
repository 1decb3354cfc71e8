import { createHash, createHmac } from 'node:crypto';

/** Credentials of a function, as Lambda writes them into its environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the credentials of a function. They are valid as long as its process. If there are none, their parts are empty. */
export const credentialsOf = (env: Environment): Credentials => ({
  accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  sessionToken: env.AWS_SESSION_TOKEN,
});

/** A request with all headers that are signed, in lower case, without those that the signature adds. */
export interface Unsigned {
  readonly method: 'POST';
  readonly host: string;
  /** Path as it is sent, so its segments are encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Signs requests to one service in one region with AWS Signature Version 4. The derived key is kept, because it changes once per day. */
export class Signer {
  private key: { readonly day: string; readonly bytes: Buffer } | undefined;

  public constructor(
    private readonly credentials: Credentials,
    private readonly region: string,
    private readonly service: string,
  ) {}

  /** Returns the headers of the signed request. */
  public sign({ method, host, path, headers, body }: Unsigned, now = new Date()): Record<string, string> {
    const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const day = time.slice(0, 8);
    const { accessKeyId, sessionToken } = this.credentials;
    const all: Record<string, string> = { ...headers, host, 'x-amz-date': time };
    if (sessionToken) all['x-amz-security-token'] = sessionToken;
    const names = Object.keys(all).sort();
    const lines = names.map((name) => `${name}:${all[name]?.trim()}\n`).join('');
    const signed = names.join(';');
    const canonical = [method, encodePath(path), '', lines, signed, sha256(body)].join('\n');
    const scope = `${day}/${this.region}/${this.service}/aws4_request`;
    const signature = hmac(this.keyOf(day), [ALGORITHM, time, scope, sha256(canonical)].join('\n')).toString('hex');
    all.authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return all;
  }

  private keyOf(day: string): Buffer {
    if (this.key?.day !== day) {
      const parts = [day, this.region, this.service, 'aws4_request'];
      const start: Buffer | string = `AWS4${this.credentials.secretAccessKey}`;
      this.key = { day, bytes: parts.reduce<Buffer | string>((key, part) => hmac(key, part), start) as Buffer };
    }
    return this.key.bytes;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Encodes the segments of a path. All services except S3 sign the path as it is sent, encoded once more. */
const encodePath = (path: string): string =>
  path
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
