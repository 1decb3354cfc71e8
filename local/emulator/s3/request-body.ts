import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { readBody } from '../http';
import { checkedChecksums } from './checksums';
import { S3Error } from './errors';

/** Objects are kept in memory; AWS takes 5 GB in one request. */
const MAX_BODY_BYTES = 1024 ** 3;

export interface RequestBody {
  readonly data: Buffer;
  /** `x-amz-checksum-*` by header name. */
  readonly checksums: Record<string, string>;
}

/** Reads a request's body, out of the `aws-chunked` framing if it is in it, and checks its digests and length. */
export async function readObject(req: IncomingMessage): Promise<RequestBody> {
  const raw = await readBody(req, MAX_BODY_BYTES);
  if (!raw) throw new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed object size.');
  checkHash(raw, req.headers);
  const { data, trailers } = isChunked(req.headers) ? decodeChunks(raw) : { data: raw, trailers: {} };
  const declared = req.headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== data.length) throw incomplete();
  return { data, checksums: checkedChecksums(data, { ...req.headers, ...trailers }) };
}

/** The signature covers the announced hash, and the hash the body. */
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

/** `size[;chunk-signature=…] CRLF data CRLF …`, a chunk of size zero, then trailing headers. */
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
