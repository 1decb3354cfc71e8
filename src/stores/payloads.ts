import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CorsRule,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENV } from '../contract';
import { grantKeyOfBucket } from '../grants/encryption';
import { acknowledge, acknowledgeWildcard } from '../grants/nag';

/** Settings of the bucket that an API creates. */
export interface BucketSettings {
  readonly removalPolicy: RemovalPolicy;
  /** Origins of pages that may use presigned URLs. */
  readonly allowedOrigins: readonly string[];
  /** Time for which a finished request is kept. */
  readonly retention: Duration;
  readonly encryptionKey?: IKey;
}

/**
 * Creates the bucket of payloads. Do not change its construct path: CloudFormation would create a new, empty bucket.
 *
 * One lifecycle rule deletes all objects, because keys begin with the tenant. An upload may be a day old when its request is accepted. The request
 * starts at most one retention later, and is kept for one retention after its end.
 */
export function createBucket(scope: Construct, settings: BucketSettings): Bucket {
  const { removalPolicy, encryptionKey, retention } = settings;
  const days = 2 * Math.ceil(retention.toDays({ integral: false })) + 2;
  const bucket = new Bucket(new Construct(scope, 'Payloads'), 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    encryption: encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey !== undefined,
    cors: [corsRule(settings)],
    lifecycleRules: [{ expiration: Duration.days(days), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'Only functions of the API and presigned URLs use the bucket; access logs would need a second bucket',
  });
  return bucket;
}

const corsRule = ({ allowedOrigins }: BucketSettings): CorsRule => ({
  allowedOrigins: allowedOrigins.length > 0 ? [...allowedOrigins] : ['*'],
  allowedMethods: [HttpMethods.GET, HttpMethods.PUT],
  allowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
  maxAge: 3_000,
});

/** The bucket of payloads. Its grant methods give a function both the permission and the bucket's name. */
export class PayloadsBucket {
  private readonly named = new Set<LambdaFunction>();

  public constructor(public readonly bucket: IBucket) {}

  /** Grants creating URLs for uploads of inputs, checking them, and creating URLs for downloads of results. */
  public grantAccept(fn: LambdaFunction): void {
    this.grant(fn, ['s3:GetObject', 's3:PutObject'], '*/in/*');
    this.grantDownload(fn);
  }

  /** Grants reading results, and creating URLs for their downloads. */
  public grantDownload(fn: LambdaFunction): void {
    this.grant(fn, ['s3:GetObject'], '*/out/*');
  }

  /** Grants reading inputs, storing results, and creating URLs for their downloads. */
  public grantProcess(fn: LambdaFunction): void {
    this.grant(fn, ['s3:GetObject'], '*/in/*');
    this.grant(fn, ['s3:GetObject', 's3:PutObject'], '*/out/*');
  }

  private grant(fn: LambdaFunction, actions: string[], keys: string): void {
    const arn = this.bucket.arnForObjects(keys);
    fn.addToRolePolicy(new PolicyStatement({ actions, resources: [arn] }));
    acknowledgeWildcard(fn, arn, 'The first part of a key is the tenant, and the last parts are hashes');
    if (!this.named.has(fn)) this.name(fn);
  }

  private name(fn: LambdaFunction): void {
    this.named.add(fn);
    fn.addEnvironment(ENV.payloadsBucket, this.bucket.bucketName);
    // Without this permission, S3 answers 403 instead of 404 if an object does not exist.
    fn.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }));
    if (this.bucket.encryptionKey) grantKeyOfBucket(fn, this.bucket.encryptionKey);
  }
}
