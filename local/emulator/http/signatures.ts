import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../types';
import { Signer, sha256 } from './canonical-request';
import { type Caller, type CredentialBook, callerWith } from './credentials';

/** Reasons why a signature is refused. */
export type SignatureFault =
  | 'missing'
  | 'malformed'
  | 'unknown-key'
  | 'wrong-service'
  | 'expired'
  | 'mismatch'
  | 'wrong-body';

export type Verdict =
  | { readonly valid: true; readonly caller: Caller }
  | { readonly valid: false; readonly fault: SignatureFault; readonly message: string };

/** A request as the server received it, with its whole path. */
export interface SignedRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers: IncomingHttpHeaders;
}

/** Decides whether the signature of a request is valid. */
export interface Verifier {
  /**
   * Verifies a signature.
   *
   * @param service service for which the signature must be valid
   * @param body body of the request. If it is undefined because it was not read, only the hash in the headers is
   * verified.
   */
  verify(req: SignedRequest, service: string, body?: Buffer): Promise<Verdict>;
}

/** Accepts any signature, but refuses a request without one. It is for a server that only its own process uses. */
export const anySignature: Verifier = {
  verify: async ({ headers, url = '/' }) =>
    headers.authorization?.startsWith('AWS4-HMAC-SHA256') || /[?&]X-Amz-Signature=/.test(url)
      ? { valid: true, caller: ANYONE }
      : { valid: false, fault: 'missing', message: MISSING },
};

const ANYONE: Caller = { name: 'anyone', credentials: { accessKeyId: '', secretAccessKey: '' } };
const MISSING = 'Missing Authentication Token';

/**
 * Maximum difference between the clocks of client and server, and validity of a signature in a header. As for S3 and
 * most services, it is 15 minutes.
 */
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_SECONDS = 604_800;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** Values of S3 in place of the body's hash, for signatures that do not cover the body. */
const NOT_HASHED = /^(UNSIGNED-PAYLOAD|STREAMING-)/;

/** Parameters of a request's signature. */
interface Claim {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly token: string | undefined;
  /** Number of seconds for which a presigned URL is valid. */
  readonly expiresSeconds: number | undefined;
}

class Fault extends Error {
  public constructor(
    public readonly fault: SignatureFault,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Verifies signatures of AWS Signature Version 4, in the `Authorization` header or in a presigned URL. A signature must
 * be created with credentials that the run has issued.
 */
export class Signatures implements Verifier {
  public constructor(
    private readonly book: CredentialBook,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  public async verify(req: SignedRequest, service: string, body?: Buffer): Promise<Verdict> {
    try {
      return { valid: true, caller: await this.check(req, service, body) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { valid: false, fault: error.fault, message: error.message };
    }
  }

  private async check(req: SignedRequest, service: string, body: Buffer | undefined): Promise<Caller> {
    const query = queryOf(req.url ?? '/');
    const claim = claimOf(req.headers, query);
    const caller = this.callerOf(claim);
    if (claim.service !== service) {
      throw new Fault('wrong-service', `Credential should be scoped to correct service: '${service}'.`);
    }
    this.checkTime(claim);
    const payloadHash = payloadHashOf(req, query, claim, body);
    const parts = {
      method: req.method ?? 'GET',
      path: (req.url ?? '/').split('?', 1)[0] ?? '/',
      query: withoutSignature(query),
      headers: headersOf(req.headers, claim.signedHeaders),
      payloadHash,
    };
    const expected = await new Signer(claim).signature(parts, caller.credentials, claim.date);
    if (!equal(expected, claim.signature)) throw new Fault('mismatch', MISMATCH);
    if (body && !NOT_HASHED.test(payloadHash) && sha256(body) !== payloadHash) {
      throw new Fault('wrong-body', 'The provided x-amz-content-sha256 header does not match what was computed.');
    }
    return caller;
  }

  private callerOf({ accessKeyId, token }: Claim): Caller {
    const caller = callerWith(this.book.find(accessKeyId), token);
    if (caller) return caller;
    throw new Fault('unknown-key', 'The security token included in the request is invalid.');
  }

  private checkTime({ date, day, expiresSeconds }: Claim): void {
    const signedAt = parseDate(date);
    if (signedAt === undefined || !date.startsWith(day)) {
      throw new Fault(
        'malformed',
        'The date of the signature must be that of its credential scope, as yyyyMMddTHHmmssZ.',
      );
    }
    const now = this.clock.now();
    if (expiresSeconds === undefined) {
      if (Math.abs(now - signedAt) > MAX_SKEW_MS) throw new Fault('expired', `Signature expired: it is of ${date}.`);
      return;
    }
    if (!Number.isInteger(expiresSeconds) || expiresSeconds < 1 || expiresSeconds > MAX_EXPIRES_SECONDS) {
      throw new Fault('malformed', `X-Amz-Expires must be a number from 1 to ${MAX_EXPIRES_SECONDS} seconds.`);
    }
    if (now >= signedAt + expiresSeconds * 1000) throw new Fault('expired', 'Request has expired');
    if (signedAt - now > MAX_SKEW_MS) throw new Fault('expired', `Signature not yet current: it is of ${date}.`);
  }
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';
const HEADER = /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

function claimOf(headers: IncomingHttpHeaders, query: Query): Claim {
  const presigned = single(query, 'X-Amz-Signature');
  if (presigned !== undefined) return presignedClaim(query, presigned);
  const { authorization } = headers;
  if (authorization === undefined) throw new Fault('missing', MISSING);
  const [, credential, signedHeaders, signature] = HEADER.exec(authorization) ?? [];
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new Fault(
      'malformed',
      'The Authorization header must contain Credential, SignedHeaders and Signature of AWS4-HMAC-SHA256.',
    );
  }
  return {
    ...scopeOf(credential),
    signedHeaders: signedHeaders.split(';'),
    signature,
    date: String(headers['x-amz-date'] ?? ''),
    token: text(headers['x-amz-security-token']),
    expiresSeconds: undefined,
  };
}

function presignedClaim(query: Query, signature: string): Claim {
  return {
    ...scopeOf(single(query, 'X-Amz-Credential') ?? ''),
    signedHeaders: (single(query, 'X-Amz-SignedHeaders') ?? '').split(';'),
    signature,
    date: single(query, 'X-Amz-Date') ?? '',
    token: single(query, 'X-Amz-Security-Token'),
    expiresSeconds: Number(single(query, 'X-Amz-Expires') ?? Number.NaN),
  };
}

function scopeOf(credential: string): Pick<Claim, 'accessKeyId' | 'day' | 'region' | 'service'> {
  const [accessKeyId = '', day = '', region = '', service = '', end] = credential.split('/');
  if (end !== 'aws4_request')
    throw new Fault('malformed', 'The credential must be <key>/<day>/<region>/<service>/aws4_request.');
  return { accessKeyId, day, region, service };
}

/**
 * Returns the signed headers. They must include `host`, because otherwise a client could be made to send its request to
 * another server.
 */
function headersOf(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  if (!names.includes('host'))
    throw new Fault('malformed', "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  return Object.fromEntries(
    names.map((name) => {
      const value = text(headers[name]);
      if (value === undefined) throw new Fault('mismatch', MISMATCH);
      return [name, value.replace(/\s+/g, ' ').trim()];
    }),
  );
}

function payloadHashOf(req: SignedRequest, query: Query, claim: Claim, body: Buffer | undefined): string {
  const announced = text(req.headers['x-amz-content-sha256']) ?? single(query, 'X-Amz-Content-Sha256');
  if (announced !== undefined) return announced;
  if (claim.expiresSeconds !== undefined && claim.service === 's3') return UNSIGNED_PAYLOAD;
  return sha256(body ?? '');
}

type Query = Record<string, string | string[]>;

function queryOf(url: string): Query {
  const query: Record<string, string | string[]> = Object.create(null);
  const start = url.indexOf('?');
  for (const part of start < 0 ? [] : url.slice(start + 1).split('&')) {
    if (part === '') continue;
    const [name = '', ...value] = part.split('=');
    const key = decode(name);
    const known = query[key];
    const decoded = decode(value.join('='));
    query[key] = known === undefined ? decoded : [known, decoded].flat();
  }
  return query;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Fault('malformed', 'The query string is not encoded as in a URL.');
  }
}

function withoutSignature(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'X-Amz-Signature'));
}

/** Returns the value of a parameter, or undefined if the parameter occurs more than once. */
function single(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' ? value : undefined;
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

function parseDate(date: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!match) return undefined;
  const [year = 0, month = 0, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
