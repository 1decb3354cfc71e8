import type { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What every part needs to know, defaults filled in. */
export interface Settings {
  readonly projectRoot: string;
  readonly retention: Duration;
  readonly syncTimeout: Duration;
  readonly logRetention: RetentionDays;
}
