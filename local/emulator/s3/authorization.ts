import type { InvalidVerdict, Verdict } from '../http';
import { accessDenied, S3Error } from './errors';

const MAX_EXPIRES_SECONDS = 604_800;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Refuses a request with an invalid signature, and an expired presigned URL.
 *
 * @throws S3Error that is the response to the refused request
 */
export function checkAuthorization(query: URLSearchParams, signature: Verdict, now: number): void {
  if (query.has('X-Amz-Signature')) checkPresigned(query, now);
  if (!signature.valid) throw signatureRefusal(signature);
}

/** Converts a refusal to an error with the names of S3, which differ from those of other services. */
function signatureRefusal(verdict: InvalidVerdict): S3Error {
  const { fault, message } = verdict;
  if (fault === 'missing') return accessDenied();
  if (fault === 'unknown-key') return new S3Error('InvalidAccessKeyId', 403, message);
  if (fault === 'mismatch') return new S3Error('SignatureDoesNotMatch', 403, message);
  if (fault === 'expired') return new S3Error('RequestTimeTooSkewed', 403, message);
  return new S3Error('AuthorizationHeaderMalformed', fault === 'malformed' ? 400 : 403, message);
}

function checkPresigned(query: URLSearchParams, now: number): void {
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
}

const queryError = (message: string) => new S3Error('AuthorizationQueryParametersError', 400, message);

function parseDate(text: string): number | undefined {
  const match = AMZ_DATE.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
