import type { IncomingHttpHeaders } from 'node:http';
import { accessDenied, S3Error } from './errors';

const MAX_EXPIRES_SECONDS = 604_800;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Checks that a request is signed, by header or as a presigned URL, and that the URL has not expired. Signatures
 * are not computed again: whoever reaches a loopback port holds no secret that would be worth a check.
 */
export function checkAuthorization(headers: IncomingHttpHeaders, query: URLSearchParams, now: number): void {
  if (query.has('X-Amz-Signature')) checkPresigned(headers, query, now);
  else if (!headers.authorization) throw accessDenied();
}

function checkPresigned(headers: IncomingHttpHeaders, query: URLSearchParams, now: number): void {
  const signedAt = parseDate(query.get('X-Amz-Date') ?? '');
  const seconds = Number(query.get('X-Amz-Expires'));
  if (signedAt === undefined)
    throw queryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_EXPIRES_SECONDS) {
    throw queryError(`X-Amz-Expires must be a number from 1 to ${MAX_EXPIRES_SECONDS} seconds`);
  }
  const expires = signedAt + seconds * 1000;
  if (now >= expires) {
    throw accessDenied('Request has expired', {
      'X-Amz-Expires': String(seconds),
      Expires: isoSeconds(expires),
      ServerTime: isoSeconds(now),
    });
  }
  checkSignedHeaders(headers, query.get('X-Amz-SignedHeaders') ?? '');
}

/** A header that was signed must be sent, or the signature would not match. */
function checkSignedHeaders(headers: IncomingHttpHeaders, signed: string): void {
  const missing = signed.split(';').filter((name) => name !== '' && headers[name] === undefined);
  if (missing.length === 0) return;
  throw new S3Error(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { MissingHeaders: missing.join(';') },
  );
}

const queryError = (message: string) => new S3Error('AuthorizationQueryParametersError', 400, message);

function parseDate(text: string): number | undefined {
  const match = AMZ_DATE.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
