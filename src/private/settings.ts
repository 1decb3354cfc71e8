import type { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Tracing } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What every part needs to know, defaults filled in. */
export interface Settings {
  readonly projectRoot: string;
  readonly retention: Duration;
  readonly syncTimeout: Duration;
  readonly logRetention: RetentionDays;
  /** The customer's key; none: keys that AWS owns. */
  readonly encryptionKey?: IKey;
  readonly tracing: Tracing;
  /** Name of the API, unique in its account and region: the dimension `api` of its metrics. */
  readonly apiName: string;
  readonly limits: Limits;
}

/** Limits of what users may send, as the functions read them from `STREAMER_LIMITS`. */
export interface Limits {
  /** Bytes of a request's input as JSON; none: what a frame holds. */
  readonly maxInputBytes?: number;
  /** Bytes of a result as JSON; none: what a message holds. */
  readonly maxResultBytes?: number;
  /** Events that one run of a request may emit. */
  readonly maxEvents: number;
}
