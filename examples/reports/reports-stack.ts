import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import type { Construct } from 'constructs';

export class ReportsStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const reports = this.createBucket();
    const streamer = new StreamerApi(this, 'Streamer', {
      projectRoot: __dirname,
      auth: StreamerAuth.jwt({
        issuer: this.node.tryGetContext('issuer') ?? 'https://issuer.example.com/',
        audience: ['reports'],
        tenantClaim: 'tenant',
      }),
      handlers: {
        echo: StreamerHandler.sync('handlers/echo.ts'),
        generate_report: StreamerHandler.async('handlers/report.ts', {
          timeout: Duration.minutes(5),
          environment: { REPORTS_BUCKET: reports.bucketName },
        }),
      },
    });
    // the function signs the download URLs with its role, so the role must be allowed to read the objects
    reports.grantPut(streamer.handler('generate_report'));
    reports.grantRead(streamer.handler('generate_report'));
    new CfnOutput(this, 'Url', { value: streamer.url, description: 'WebSocket address for the page' });
  }

  /**
   * Creates a private, encrypted bucket that accepts only TLS. Reports are deleted after one week; their URLs expire
   * after one hour.
   */
  private createBucket(): Bucket {
    return new Bucket(this, 'ReportsBucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(7), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      // a signed URL gives anyone read access; CORS only allows pages of all origins to use fetch for it
      cors: [{ allowedMethods: [HttpMethods.GET], allowedOrigins: ['*'], allowedHeaders: ['*'], maxAge: 3600 }],
    });
  }
}
