import type { Refusal, RefusalReason } from '../http';

/** An error response of the S3 API: code, HTTP status and additional elements of the XML document. */
export class S3Error extends Error {
  public constructor(
    public readonly code: string,
    public readonly status: number,
    message: string,
    public readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = code;
  }
}

export const noSuchBucket = (name: string) =>
  new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: name });

export const noSuchKey = (key: string) =>
  new S3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key });

export const noSuchUpload = (uploadId: string) =>
  new S3Error(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );

export const preconditionFailed = (condition: string) =>
  new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

export const accessDenied = (message = 'Access Denied', details: Readonly<Record<string, string>> = {}) =>
  new S3Error('AccessDenied', 403, message, details);

export const invalidArgument = (message: string) => new S3Error('InvalidArgument', 400, message);

/** Error names and statuses of S3 that differ from those of other services. */
const REFUSED: Partial<Record<RefusalReason, readonly [code: string, status: number, message: string]>> = {
  'too-large': ['EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed object size.'],
  throttled: ['SlowDown', 503, 'Please reduce your request rate.'],
  failure: ['InternalError', 500, 'We encountered an internal error. Please try again.'],
};

export function refusalError({ reason, status, message }: Refusal): S3Error {
  if (reason === 'access-denied') return accessDenied(message);
  const [code, usual, text] = REFUSED[reason] ?? ['AccessDenied', 403, message];
  return new S3Error(status === 503 ? 'ServiceUnavailable' : code, status === 503 ? 503 : usual, text);
}
