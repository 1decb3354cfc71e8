import type { Assembly } from '../../emulator/assembly';
import type { CorsRule, S3Service } from '../../emulator/s3';
import { count } from '../context';
import { list, number, object } from './properties';

/**
 * Creates the template's buckets, updates existing ones, and removes those that the template no longer has.
 *
 * @returns the number of buckets, and one line per removed bucket
 */
export function applyBuckets(assembly: Assembly, s3: S3Service): { count: number; changes: string[] } {
  const buckets = assembly.resources.filter(({ type }) => type === 'AWS::S3::Bucket');
  for (const bucket of buckets) {
    const rules = list(object(bucket.properties().CorsConfiguration).CorsRules);
    s3.createBucket(bucket.ref(), { cors: rules.map(corsRule) });
  }
  const gone = s3.retainBuckets(new Set(buckets.map((bucket) => bucket.ref())));
  const changes = gone.map(({ name, objects }) => `bucket ${name} removed with ${count(objects, 'object')}`);
  return { count: buckets.length, changes };
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
