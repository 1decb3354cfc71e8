import type { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Limits } from './contract';
import type { RouterOptions, StreamerFunctionDefaults } from './options/streamer-function-options';

/** Options of every function. In this type, the options that every function needs are not optional. */
export type FunctionDefaults = StreamerFunctionDefaults &
  Required<Pick<StreamerFunctionDefaults, 'architecture' | 'runtime' | 'tracing'>>;

/** Settings that every part of an API needs. `resolve-settings.ts` derives them from the properties of the API. */
export interface Settings {
  readonly projectRoot: string;
  readonly retention: Duration;
  readonly syncTimeout: Duration;
  readonly logRetention: RetentionDays;
  /** The customer's key; undefined: keys that AWS owns. */
  readonly encryptionKey?: IKey;
  /** Name of the API, unique in its account and region. It is the value of the dimension `api` of the metrics. */
  readonly apiName: string;
  /** Prefix of the physical names of queues and functions that other functions find by name. It is unique in the account and region. */
  readonly namePrefix: string;
  readonly limits: Limits;
  /** Whether the API has a bucket for large inputs and results. */
  readonly hasPayloads: boolean;
  readonly functionDefaults: FunctionDefaults;
}

/** Options of the router's function; the amount of memory is not optional. */
export type RouterSettings = RouterOptions & Required<Pick<RouterOptions, 'memorySize'>>;

/** Settings of the webhook. */
export interface WebhookSettings {
  readonly url: string;
  /** Secret that signs the requests; if undefined, one is generated. */
  readonly secret?: ISecret;
  readonly maxAttempts: number;
  readonly initial: Duration;
  readonly max: Duration;
  readonly timeout: Duration;
}
