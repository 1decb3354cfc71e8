import type { Size } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type {
  AdotInstrumentationConfig,
  ApplicationLogLevel,
  Architecture,
  FileSystem,
  ICodeSigningConfig,
  ILayerVersion,
  LambdaInsightsVersion,
  ParamsAndSecretsLayerVersion,
  Runtime,
  RuntimeManagementMode,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** Options of a function, with the names and meanings of `FunctionProps` of aws-cdk-lib/aws-lambda. */
export interface StreamerFunctionOptions {
  /**
   * Processor architecture. Installed packages (`nodeModules`) and layers must be made for it, where they hold native code.
   *
   * @default - that of the API's `functionDefaults`, else Architecture.ARM_64
   */
  readonly architecture?: Architecture;

  /**
   * Runtime, Node.js 22 or newer. Bundles are made for its version.
   *
   * @default - that of the API's `functionDefaults`, else Runtime.NODEJS_24_X
   */
  readonly runtime?: Runtime;

  /**
   * Layers, at most 5, those of the API's `functionDefaults` included. They must be made for the function's runtime and architecture, where they hold binaries.
   *
   * @default - none
   */
  readonly layers?: ILayerVersion[];

  /**
   * The network that the function reaches into. It then reaches AWS and the internet by that network only: DynamoDB, SQS, Lambda and
   * `execute-api` need endpoints or a way out.
   *
   * @default - none
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of `vpc`.
   *
   * @default - private subnets, or isolated ones where there are no others
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups in `vpc`.
   *
   * @default - a new one that lets everything out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Whether the function may be put into public subnets, where it has no way to the internet.
   *
   * @default false
   */
  readonly allowPublicSubnet?: boolean;

  /**
   * Whether the function may send IPv6 traffic from dual-stack subnets.
   *
   * @default false
   */
  readonly ipv6AllowedForDualStack?: boolean;

  /**
   * Executions at a time that are kept for the function, and that it never exceeds. They are taken off the account's own.
   *
   * @default - none: it shares the account's concurrency
   */
  readonly reservedConcurrency?: number;

  /**
   * Size of `/tmp`, 512 MiB to 10 GiB.
   *
   * @default - 512 MiB, Lambda's own
   */
  readonly ephemeralStorageSize?: Size;

  /**
   * File system that is mounted, of EFS. It needs a `vpc`.
   *
   * @default - none
   */
  readonly filesystem?: FileSystem;

  /**
   * X-Ray tracing of the function.
   *
   * @default - the API's `tracing`
   */
  readonly tracing?: Tracing;

  /**
   * Least level of the function's own log lines.
   *
   * @default - INFO, Lambda's own
   */
  readonly applicationLogLevelV2?: ApplicationLogLevel;

  /**
   * Least level of Lambda's log lines.
   *
   * @default - INFO, Lambda's own
   */
  readonly systemLogLevelV2?: SystemLogLevel;

  /**
   * Log group that the function writes into. Its retention and key are its own.
   *
   * @default - a new one for each function
   */
  readonly logGroup?: ILogGroup;

  /**
   * Version of CloudWatch Lambda Insights, a layer that reports the system's metrics.
   *
   * @default - none
   */
  readonly insightsVersion?: LambdaInsightsVersion;

  /**
   * Instrumentation by AWS Distro for OpenTelemetry, a layer.
   *
   * @default - none
   */
  readonly adotInstrumentation?: AdotInstrumentationConfig;

  /**
   * Extension that caches parameters and secrets, a layer.
   *
   * @default - none
   */
  readonly paramsAndSecrets?: ParamsAndSecretsLayerVersion;

  /**
   * Code signing that a deployment is checked by.
   *
   * @default - none
   */
  readonly codeSigningConfig?: ICodeSigningConfig;

  /**
   * When Lambda updates the runtime's patch version.
   *
   * @default - automatically
   */
  readonly runtimeManagementMode?: RuntimeManagementMode;

  /**
   * Dead-letter queue of the function's asynchronous invocations. Streamer makes none; some accounts demand one of every function.
   *
   * @default - none
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Permissions boundary of the function's role.
   *
   * @default - none, or what `PermissionsBoundary.of(…)` sets
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** Options of every function that Streamer creates: its own ones and those of handlers. What a function's own options say comes first. */
export interface StreamerFunctionDefaults extends StreamerFunctionOptions {
  /**
   * Environment variables: letters, digits and `_`, not beginning with `STREAMER_`. Those of a handler are added.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Least memory in MB, 128 to 10240: a function that would have less gets this much.
   *
   * @default - none; Streamer's own functions have 512 MB, the router and handlers 1024
   */
  readonly minMemorySize?: number;

  /**
   * Text before the description of each function.
   *
   * @default - none
   */
  readonly descriptionPrefix?: string;
}
