import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/**
 * Options of the bucket that stores inputs and results that do not fit into a message. Clients upload and download them with presigned URLs, which
 * are valid for 15 minutes.
 */
export interface StreamerPayloads {
  /**
   * Existing bucket. The construct grants its functions access by prefix, but changes neither the bucket's CORS rules nor its lifecycle. The keys
   * have the forms `<tenant>/in/…` and `<tenant>/out/…`. This property cannot be combined with `allowedOrigins` and `removalPolicy`, which are
   * properties of the bucket that the construct creates.
   *
   * @default - a private, encrypted bucket, whose objects are deleted two days after twice the API's `retention`
   */
  readonly bucket?: IBucket;

  /**
   * Origins of the pages that may use the presigned URLs, such as `https://example.com`.
   *
   * @default - `allowedOrigins` of the API's `auth`; if it has none, pages of any origin
   */
  readonly allowedOrigins?: string[];

  /**
   * Removal policy of the bucket. With `DESTROY`, a function of the CDK deletes the objects before the bucket.
   *
   * @default - `removalPolicy` of the API; if `tables` is set, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}
