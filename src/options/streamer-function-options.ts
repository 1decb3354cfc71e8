import type { Size } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
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
import type { StreamerBundlingOptions } from './streamer-bundling-options';

/** Options of a function, with the names and meanings of `FunctionProps` of aws-cdk-lib/aws-lambda. */
export interface StreamerFunctionOptions {
  /**
   * Processor architecture. Installed packages (`nodeModules`) and layers that contain native code must be built for it.
   *
   * @default - that of the API's `functionDefaults`, otherwise Architecture.ARM_64
   */
  readonly architecture?: Architecture;

  /**
   * Runtime, Node.js 22 or newer. Bundles are built for the version of the chosen runtime.
   *
   * @default - that of the API's `functionDefaults`, otherwise Runtime.NODEJS_24_X
   */
  readonly runtime?: Runtime;

  /**
   * Layers, at most 5 including those of the API's `functionDefaults`. Layers that contain binaries must be built for the function's runtime and architecture.
   *
   * @default - none
   */
  readonly layers?: ILayerVersion[];

  /**
   * VPC that the function is connected to. The function then reaches AWS and the internet only through that network. DynamoDB, SQS, Lambda and
   * `execute-api` need VPC endpoints or a NAT gateway.
   *
   * @default - none
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of `vpc`.
   *
   * @default - private subnets, or isolated ones if there are no private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups of the function in `vpc`.
   *
   * @default - a new one that allows all outbound traffic
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Whether the function may be placed in public subnets. There it has no access to the internet.
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
   * Number of concurrent executions that are reserved for the function. It is also the function's maximum concurrency. Lambda subtracts it from the
   * account's unreserved concurrency.
   *
   * @default - none: the function shares the account's unreserved concurrency
   */
  readonly reservedConcurrency?: number;

  /**
   * Size of `/tmp`, 512 MiB to 10 GiB.
   *
   * @default - 512 MiB, as in Lambda
   */
  readonly ephemeralStorageSize?: Size;

  /**
   * EFS file system that is mounted into the function. It requires a `vpc`.
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
   * Minimum level of the log lines that the function itself writes.
   *
   * @default - INFO, as in Lambda
   */
  readonly applicationLogLevelV2?: ApplicationLogLevel;

  /**
   * Minimum level of the log lines that Lambda writes about the function.
   *
   * @default - INFO, as in Lambda
   */
  readonly systemLogLevelV2?: SystemLogLevel;

  /**
   * Log group that the function writes to. Its retention and encryption key remain unchanged.
   *
   * @default - a new one for each function
   */
  readonly logGroup?: ILogGroup;

  /**
   * Version of the CloudWatch Lambda Insights layer, which reports system metrics.
   *
   * @default - none
   */
  readonly insightsVersion?: LambdaInsightsVersion;

  /**
   * Instrumentation layer of AWS Distro for OpenTelemetry.
   *
   * @default - none
   */
  readonly adotInstrumentation?: AdotInstrumentationConfig;

  /**
   * Layer of the Lambda extension that caches parameters and secrets.
   *
   * @default - none
   */
  readonly paramsAndSecrets?: ParamsAndSecretsLayerVersion;

  /**
   * Code signing configuration. Lambda checks the function's code against it at deployment.
   *
   * @default - none
   */
  readonly codeSigningConfig?: ICodeSigningConfig;

  /**
   * Mode in which Lambda updates the patch version of the runtime.
   *
   * @default - automatically
   */
  readonly runtimeManagementMode?: RuntimeManagementMode;

  /**
   * Dead-letter queue for asynchronous invocations of the function. Streamer does not need it, but some accounts require one for every function.
   *
   * @default - none
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Permissions boundary of the function's role.
   *
   * @default - none, or the one that `PermissionsBoundary.of(…)` sets
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** Options of every function that Streamer creates: its own functions and those of handlers. A function's own options take precedence. */
export interface StreamerFunctionDefaults extends StreamerFunctionOptions {
  /**
   * Environment variables. A name has letters, digits and `_`, and must not start with `STREAMER_`. The variables of a handler are added to these and
   * take precedence.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Minimum memory in MB, 128 to 10240. If a function would have less memory, it gets this amount.
   *
   * @default - none; Streamer's own functions have 512 MB, the router and handlers 1024
   */
  readonly minMemorySize?: number;

  /**
   * Prefix of the description of each function.
   *
   * @default - none
   */
  readonly descriptionPrefix?: string;
}

/** Options of a function that runs one handler. */
export interface HandlerFunctionOptions extends StreamerFunctionOptions {
  /**
   * Environment variables. A name has letters, digits and `_`, and must not start with `STREAMER_`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Permissions of the role. Further permissions can be granted later, to `api.handler('export')`.
   *
   * @default - only those that Streamer itself needs
   */
  readonly initialPolicy?: PolicyStatement[];

  /**
   * Description of the function.
   *
   * @default - one that names the action
   */
  readonly description?: string;

  /**
   * Number of executions that Lambda keeps initialized, so that they have no cold start. They cost money even without requests. The function gets a
   * version and an alias `live`, and requests invoke the alias.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;

  /**
   * Bundling options of the handler's module, merged with the API's `bundling`.
   *
   * @default - the API's `bundling`
   */
  readonly bundling?: StreamerBundlingOptions;
}

/**
 * Options of the router, the function that answers every frame and runs the sync handlers that are not isolated. If `reservedConcurrency` is set, API
 * Gateway refuses the frames for which no execution is free. In a `vpc`, the router reaches DynamoDB only through that network. If a handler is
 * isolated, the router also reaches Lambda only through that network.
 */
export interface RouterOptions extends StreamerFunctionOptions {
  /**
   * Memory in MB, 128 to 10240. Lambda assigns CPU in proportion to memory, which shortens the TLS handshake of a cold router's first call.
   *
   * @default 1024
   */
  readonly memorySize?: number;

  /**
   * Number of executions that Lambda keeps initialized, so that they have no cold start. They cost money even without requests. The router gets a
   * version and an alias `live`, and API Gateway invokes the alias.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: number;
}
