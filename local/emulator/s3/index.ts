export type { CorsRule } from './cors';
export { S3Service, type S3ServiceOptions } from './s3-service';
