import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { findProjectRoot } from './bundling/project';
import { DEFAULTS, type Limits } from './contract';
import { namePrefix } from './handlers/names';
import type { StreamerFunctionDefaults } from './options/streamer-function-options';
import type { TableOptions } from './stores/tables';
import type { StreamerApiProps } from './streamer-api-props';
import type { StreamerTablesProps } from './streamer-tables';

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
  /** Prefix of the names of queues and functions that other functions find by name; unique in the account and region. */
  readonly namePrefix: string;
  readonly limits: Limits;
  /** Options of every function. */
  readonly functionDefaults: StreamerFunctionDefaults;
}

export function resolveSettings(scope: IConstruct, props: StreamerApiProps): Settings {
  return {
    projectRoot: findProjectRoot(props.projectRoot ?? undefined),
    retention: props.retention ?? Duration.seconds(DEFAULTS.retentionSeconds),
    syncTimeout: props.syncTimeout ?? Duration.millis(DEFAULTS.syncTimeoutMs),
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    encryptionKey: props.encryptionKey ?? undefined,
    tracing: props.tracing ?? Tracing.DISABLED,
    namePrefix: namePrefix(scope),
    functionDefaults: props.functionDefaults ?? {},
    apiName: Names.uniqueResourceName(scope, { maxLength: 128 }),
    limits: {
      maxInputBytes: props.limits?.maxInputSize?.toBytes(),
      maxResultBytes: props.limits?.maxResultSize?.toBytes(),
      maxEvents: props.limits?.maxEvents ?? DEFAULTS.limits.maxEvents,
    },
  };
}

/** Of the tables that are to be made. */
export function resolveTableOptions(props: StreamerTablesProps): TableOptions {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  return {
    removalPolicy,
    deletionProtection: props.deletionProtection ?? false,
    pointInTimeRecovery: props.pointInTimeRecovery ?? true,
    encryptionKey: props.encryptionKey ?? undefined,
  };
}
