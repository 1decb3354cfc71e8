import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from './bucket';
import { byteRange } from './byte-range';
import { invalidArgument, noSuchKey, preconditionFailed, S3Error } from './errors';
import { md5Etag } from './multipart';
import type { Reply, S3Request } from './s3-request';

const CONTENT_HEADERS = ['content-type', 'content-disposition', 'content-language', 'cache-control', 'expires'];
const DEFAULT_TYPE = 'binary/octet-stream';
/** Query parameters of a GET that override headers of the response, for example in a presigned URL. */
const OVERRIDES = new Map([
  ['response-content-type', 'content-type'],
  ['response-content-language', 'content-language'],
  ['response-expires', 'expires'],
  ['response-cache-control', 'cache-control'],
  ['response-content-disposition', 'content-disposition'],
  ['response-content-encoding', 'content-encoding'],
]);
const MAX_METADATA_BYTES = 2048;

export function putObject(request: S3Request): Reply {
  const { bucket, key, headers, now } = request;
  if (headers['x-amz-copy-source']) throw new S3Error('NotImplemented', 501, 'The local run does not copy objects.');
  const { data, checksums } = request.body();
  const kept = storedHeaders(headers);
  checkWriteConditions(headers, bucket.get(key), key);
  const etag = md5Etag(data);
  bucket.put({ key, data, etag, modifiedAt: now, headers: kept, checksums });
  return { status: 200, headers: { etag, ...checksums } };
}

/** Returns content headers and user metadata, which are stored with the object. */
export function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': DEFAULT_TYPE };
  for (const name of CONTENT_HEADERS) if (headers[name]) kept[name] = String(headers[name]);
  const codings = (headers['content-encoding'] ?? '').split(',').map((coding) => coding.trim());
  const encoding = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(',');
  if (encoding !== '') kept['content-encoding'] = encoding;
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const bytes = metadata.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + String(value).length,
    0,
  );
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', 400, 'Your metadata headers exceed the maximum allowed metadata size');
  }
  return { ...kept, ...Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])) };
}

/**
 * Checks the conditions of a write. `If-None-Match: *` requires that the object does not exist. `If-Match` requires a
 * certain version of it.
 */
export function checkWriteConditions(
  headers: IncomingHttpHeaders,
  current: StoredObject | undefined,
  key: string,
): void {
  const absent = headers['if-none-match'];
  if (absent !== undefined && absent !== '*')
    throw new S3Error('NotImplemented', 501, 'A header you provided implies functionality that is not implemented');
  if (absent === '*' && current) throw preconditionFailed('If-None-Match');
  const version = headers['if-match'];
  if (version === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!etagMatches(version, current.etag)) throw preconditionFailed('If-Match');
}

const etagMatches = (header: string, etag: string) =>
  header.split(',').some((item) => item.trim() === '*' || item.trim().replaceAll('"', '') === etag.replaceAll('"', ''));

/** Executes GetObject and HeadObject. */
export function getObject({ bucket, key, headers, query }: S3Request): Reply {
  const object = bucket.get(key);
  if (!object) throw noSuchKey(key);
  const { 'if-match': wanted, 'if-none-match': known } = headers;
  if (wanted !== undefined && !etagMatches(wanted, object.etag)) throw preconditionFailed('If-Match');
  if (known !== undefined && etagMatches(known, object.etag)) return { status: 304, headers: { etag: object.etag } };
  const range = byteRange(headers.range, object.data.length);
  const described = describe(object, query);
  if (range) {
    const { first, last } = range;
    const data = object.data.subarray(first, last + 1);
    return {
      status: 206,
      headers: { ...described, 'content-range': `bytes ${first}-${last}/${object.data.length}` },
      data,
    };
  }
  const checksums = headers['x-amz-checksum-mode']?.toString().toUpperCase() === 'ENABLED' ? object.checksums : {};
  return { status: 200, headers: { ...described, ...checksums }, data: object.data };
}

function describe(object: StoredObject, query: URLSearchParams): Record<string, string> {
  const described: Record<string, string> = {
    ...object.headers,
    etag: object.etag,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const [parameter, header] of OVERRIDES) {
    const value = query.get(parameter);
    if (value === null) continue;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw invalidArgument('Header value cannot be represented using ISO-8859-1.');
    described[header] = value;
  }
  return described;
}

/** Deletes an object. If the object does not exist, this succeeds, too. */
export function deleteObject({ bucket, key }: S3Request): Reply {
  bucket.delete(key);
  return { status: 204 };
}
