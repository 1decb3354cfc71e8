import type { IncomingHttpHeaders } from 'node:http';
import type { Bucket } from './bucket';
import { S3Error } from './errors';
import type { RequestBody } from './request-body';

/** A request to a bucket or to an object in it. */
export interface S3Request {
  readonly method: string;
  readonly bucket: Bucket;
  /** Key of the object; empty for a request to the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly now: number;
  readonly newId: () => string;
  body(): RequestBody;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: Buffer;
}

export function xmlReply(status: number, document: string): Reply {
  return { status, headers: { 'content-type': 'application/xml' }, data: Buffer.from(document) };
}

export interface Target {
  readonly bucketName: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

const MAX_KEY_BYTES = 1024;

/** Parses a path-style address: `/bucket/key?query`. The path is not normalized, because dots are part of a key. */
export function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const [, bucketName, rest] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? ['', '', ''];
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const key = decode(rest);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError', 400, 'Your key is too long');
  return { bucketName: decode(bucketName), key, query };
}

/**
 * Returns the headers of a request. They include user metadata from the query of a presigned URL. As on S3, a checksum
 * in the query is ignored, because only a signed header ensures that the upload has the signed content.
 */
export function effectiveHeaders(headers: IncomingHttpHeaders, query: URLSearchParams): IncomingHttpHeaders {
  if (!query.has('X-Amz-Signature')) return headers;
  const metadata = [...query].filter(([name]) => name.toLowerCase().startsWith('x-amz-meta-'));
  return { ...Object.fromEntries(metadata.map(([name, value]) => [name.toLowerCase(), value])), ...headers };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}
