import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StopSignal } from './pause';

/** A store for finished reports. */
export interface ReportStore {
  /** Stores the file and returns a URL for its download. Replaces the file of an earlier attempt under the same key. */
  save(file: ReportFile): Promise<string>;
}

export interface ReportFile {
  key: string;
  /** Name of the downloaded file. */
  fileName: string;
  bytes: Uint8Array;
  /** Ends the upload. */
  signal?: StopSignal;
}

/** Seconds for which a download URL is valid, unless the credentials that signed it expire earlier. */
export const URL_SECONDS = 3600;

/**
 * Key of a report: one object per request, so that a retry overwrites it. Each part is encoded, so that no name can leave its tenant's
 * folder.
 */
export function reportKey(who: { tenant: string; user: string; id: string }): string {
  return `${[who.tenant, who.user, who.id].map(keyPart).join('/')}.pdf`;
}

function keyPart(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}

/** Stores reports in the bucket. Endpoint, region and credentials come from the environment, as in any Lambda function. */
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
