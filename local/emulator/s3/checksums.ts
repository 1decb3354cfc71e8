import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from './errors';

type Digest = (data: Buffer) => Buffer;

/** Checksums that the local run can compute. Others (crc32c, crc64nvme) are stored and returned without a check. */
const DIGESTS = new Map<string, Digest>([
  ['x-amz-checksum-crc32', crc32Of],
  ['x-amz-checksum-sha1', (data) => createHash('sha1').update(data).digest()],
  ['x-amz-checksum-sha256', (data) => createHash('sha256').update(data).digest()],
]);

const CHECKSUM = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

function crc32Of(data: Buffer): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(data));
  return value;
}

/** Returns the checksums in headers and trailers. The checksums that can be computed are compared with the data. */
export function checkedChecksums(data: Buffer, headers: Readonly<Record<string, unknown>>): Record<string, string> {
  checkMd5(data, headers['content-md5']);
  const checksums: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!CHECKSUM.test(name) || typeof value !== 'string') continue;
    const digest = DIGESTS.get(name);
    if (digest && digest(data).toString('base64') !== value) {
      throw new S3Error(
        'BadDigest',
        400,
        `The ${name.replace('x-amz-checksum-', '').toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
    checksums[name] = value;
  }
  return checksums;
}

function checkMd5(data: Buffer, expected: unknown): void {
  if (typeof expected !== 'string') return;
  if (createHash('md5').update(data).digest('base64') === expected) return;
  throw new S3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.');
}
