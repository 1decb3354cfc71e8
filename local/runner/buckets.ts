import type { Assembly } from '../assembly';
import type { CorsRule, S3Service } from '../s3';
import { list, number, object } from './properties';

/** Makes the template's buckets. */
export function createBuckets(assembly: Assembly, s3: S3Service): number {
  const buckets = assembly.resources.filter(({ type }) => type === 'AWS::S3::Bucket');
  for (const bucket of buckets) {
    const rules = list(object(bucket.properties().CorsConfiguration).CorsRules);
    s3.createBucket(bucket.ref(), { cors: rules.map(corsRule) });
  }
  return buckets.length;
}

function corsRule(rule: unknown): CorsRule {
  const { AllowedHeaders, AllowedMethods, AllowedOrigins, ExposedHeaders, MaxAge } = object(rule);
  return {
    allowedOrigins: list(AllowedOrigins).map(String),
    allowedMethods: list(AllowedMethods).map(String),
    allowedHeaders: list(AllowedHeaders).map(String),
    exposedHeaders: list(ExposedHeaders).map(String),
    maxAgeSeconds: number(MaxAge),
  };
}
