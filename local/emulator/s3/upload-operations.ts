import { invalidArgument, noSuchUpload } from './errors';
import { S3_NAMESPACE } from './listing';
import { assemble, md5Etag, type Upload } from './multipart';
import { checkWriteConditions, storedHeaders } from './object-operations';
import type { Reply, S3Request } from './s3-request';
import { xmlDocument } from './xml';

const MAX_PART_NUMBER = 10_000;

export function createUpload({ bucket, key, headers, newId }: S3Request): Reply {
  const uploadId = newId();
  bucket.uploads.set(uploadId, { uploadId, key, headers: storedHeaders(headers), parts: new Map() });
  return xml('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: key, UploadId: uploadId });
}

export function uploadPart(request: S3Request): Reply {
  const number = Number(request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
  }
  const { data, checksums } = request.body();
  const etag = md5Etag(data);
  uploadOf(request).parts.set(number, { data, etag });
  return { status: 200, headers: { etag, ...checksums } };
}

export function completeUpload(request: S3Request): Reply {
  const { bucket, key, headers, now } = request;
  const document = request.body().data.toString('utf8');
  const upload = uploadOf(request);
  const { data, etag } = assemble(upload, document);
  checkWriteConditions(headers, bucket.get(key), key);
  bucket.put({ key, data, etag, modifiedAt: now, headers: upload.headers, checksums: {} });
  bucket.uploads.delete(upload.uploadId);
  return xml('CompleteMultipartUploadResult', { Bucket: bucket.name, Key: key, ETag: etag });
}

export function abortUpload(request: S3Request): Reply {
  request.bucket.uploads.delete(uploadOf(request).uploadId);
  return { status: 204 };
}

function uploadOf({ bucket, key, query }: S3Request): Upload {
  const uploadId = query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(uploadId);
  if (upload?.key !== key) throw noSuchUpload(uploadId);
  return upload;
}

function xml(root: string, elements: Readonly<Record<string, string>>): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    data: Buffer.from(xmlDocument(root, elements, S3_NAMESPACE)),
  };
}
