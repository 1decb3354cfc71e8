import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { checkedChecksums } from './checksums';
import { S3Error } from './errors';

/** Maximum size of a request body in bytes, because objects are kept in memory. The limit of AWS is 5 GB. */
export const MAX_BODY_BYTES = 1024 ** 3;

export interface RequestBody {
  readonly data: Buffer;
  /** Checksums by header name (`x-amz-checksum-*`). */
  readonly checksums: Record<string, string>;
}

/** Decodes a request's body, which may have the encoding `aws-chunked`, and checks its digests and length. */
export function decodeBody(raw: Buffer, headers: IncomingHttpHeaders): RequestBody {
  checkHash(raw, headers);
  const { data, trailers } = isChunked(headers) ? decodeChunks(raw) : { data: raw, trailers: {} };
  const declared = headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== data.length) throw incomplete();
  return { data, checksums: checkedChecksums(data, { ...headers, ...trailers }) };
}

/** Checks the hash of the body. The signature covers only the hash in the header. */
function checkHash(raw: Buffer, headers: IncomingHttpHeaders): void {
  const announced = String(headers['x-amz-content-sha256'] ?? '');
  if (!/^[0-9a-f]{64}$/.test(announced) || createHash('sha256').update(raw).digest('hex') === announced) return;
  throw new S3Error(
    'XAmzContentSHA256Mismatch',
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

const incomplete = () =>
  new S3Error('IncompleteBody', 400, 'The request body terminated unexpectedly, or did not have the declared length.');

function isChunked(headers: IncomingHttpHeaders): boolean {
  const streaming = String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  return streaming || (headers['content-encoding'] ?? '').split(',').some((coding) => coding.trim() === 'aws-chunked');
}

/**
 * Decodes the format `size[;chunk-signature=…] CRLF data CRLF …`. A chunk of size zero and the trailing headers are at
 * the end.
 */
function decodeChunks(raw: Buffer): { data: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(raw.toString('latin1', at, end).split(';')[0], 16);
    if (Number.isNaN(size)) throw incomplete();
    at = end + 2;
    if (size === 0) return { data: Buffer.concat(chunks), trailers: parseTrailers(raw.toString('utf8', at)) };
    if (at + size > raw.length) throw incomplete();
    chunks.push(raw.subarray(at, at + size));
    at += size + 2;
  }
}

function parseTrailers(text: string): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
}
