import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StopSignal } from './pause';

/** Storage for finished reports. */
export interface ReportStore {
  /**
   * Stores the file and returns a URL for its download. A file of an earlier attempt has the same key and is replaced.
   */
  save(file: ReportFile): Promise<string>;
}

export interface ReportFile {
  key: string;
  /** Name of the downloaded file. */
  fileName: string;
  bytes: Uint8Array;
  /** Signal to end the upload. */
  signal?: StopSignal;
}

/** Number of seconds for which a download URL is valid. It ends earlier if the credentials of the signature expire. */
export const URL_SECONDS = 3600;

/**
 * Returns the key of a report. Each request has one object, so that a retry replaces it. Each part of the key is
 * encoded, so that no name can refer to another tenant's folder.
 */
export function reportKey(who: { tenant: string; user: string; id: string }): string {
  return `${[who.tenant, who.user, who.id].map(keyPart).join('/')}.pdf`;
}

function keyPart(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}

/**
 * Creates a store in the bucket. As in any Lambda function, the endpoint, Region and credentials come from the
 * environment variables.
 */
export function s3Store(bucket: string, client: S3Client = new S3Client({})): ReportStore {
  return {
    async save({ key, fileName, bytes, signal }) {
      const object = { Bucket: bucket, Key: key };
      const disposition = `attachment; filename="${fileName}"`;
      await client.send(
        new PutObjectCommand({
          ...object,
          Body: bytes,
          ContentType: 'application/pdf',
          ContentDisposition: disposition,
        }),
        { abortSignal: signal as AbortSignal | undefined },
      );
      return getSignedUrl(client, new GetObjectCommand(object), { expiresIn: URL_SECONDS });
    },
  };
}
