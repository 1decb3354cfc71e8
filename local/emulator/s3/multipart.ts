import { createHash } from 'node:crypto';
import { S3Error } from './errors';
import { textsOf } from './xml';

const MIN_PART_BYTES = 5 * 1024 * 1024;

export interface Part {
  readonly data: Buffer;
  readonly etag: string;
}

/** A multipart upload that is neither complete nor aborted. */
export interface Upload {
  readonly uploadId: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Part>;
}

export const md5Etag = (data: Buffer): string => `"${createHash('md5').update(data).digest('hex')}"`;

/** Assembles the object that a CompleteMultipartUpload document describes. */
export function assemble(upload: Upload, document: string): Part {
  const parts = listedParts(upload, document);
  parts.slice(0, -1).forEach(({ data }) => {
    if (data.length < MIN_PART_BYTES) {
      throw new S3Error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
        MinSizeAllowed: String(MIN_PART_BYTES),
        ProposedSize: String(data.length),
      });
    }
  });
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag.replaceAll('"', ''), 'hex')));
  const etag = `${md5Etag(digests).slice(0, -1)}-${parts.length}"`;
  return { data: Buffer.concat(parts.map(({ data }) => data)), etag };
}

function listedParts(upload: Upload, document: string): Part[] {
  const listed = textsOf(document, 'Part').map((part) => ({
    number: Number(textsOf(part, 'PartNumber')[0]),
    etag: `"${(textsOf(part, 'ETag')[0] ?? '').replaceAll('"', '')}"`,
  }));
  if (listed.length === 0) {
    throw new S3Error(
      'MalformedXML',
      400,
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  return listed.map(({ number, etag }, index) => {
    if (index > 0 && number <= listed[index - 1].number) {
      throw new S3Error(
        'InvalidPartOrder',
        400,
        'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
      );
    }
    const part = upload.parts.get(number);
    if (part?.etag === etag) return part;
    throw new S3Error(
      'InvalidPart',
      400,
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      { PartNumber: String(number) },
    );
  });
}
