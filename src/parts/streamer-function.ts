import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PermissionsBoundary, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENV } from '../contract';
import { acknowledge, acknowledgePolicies } from '../grants/nag';
import type { Settings } from '../settings';
import { reject } from '../validation/errors';
import { type FunctionOptions, isLess, mergeFunctionOptions } from '../validation/function-options';
import { refuseToken } from '../validation/rules';

export interface StreamerFunctionProps {
  readonly settings: Settings;
  /** Physical name; if undefined, CloudFormation generates one. */
  readonly functionName?: string;
  readonly description: string;
  readonly code: lambda.Code;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly environment?: { [name: string]: string };
  readonly recursiveLoop?: lambda.RecursiveLoop;
  /** Sentence that names the invoking service. For rules that require a dead-letter queue, it is the reason why the function needs none. */
  readonly invokedBy: string;
  /** Maximum concurrent invocations by the function's queue. If `functionDefaults` reserves less concurrency, this value is reserved. */
  readonly maxConcurrency?: number;
  /** Options that the user has set for this function only. */
  readonly options?: OwnOptions;
}

type OwnOptions = Omit<FunctionOptions, 'memorySize'>;

/** IAM actions that Lambda needs to connect a function to a VPC. None of them can be limited to a resource. */
const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** Name of the alias that has provisioned concurrency. */
const ALIAS = 'live';

const CONFIGURED =
  'The `schedules` of an action configure the submit function. Change single properties on its child `EventInvokeConfig`, with `addPropertyOverride`';

/** A function with the common settings: the newest Node.js on arm64, and a role that at first may only write to the function's own log group. */
export class StreamerFunction extends lambda.Function {
  /** Target of invocations: the function, or its alias if it has provisioned concurrency. */
  public readonly target: lambda.IFunction;
  /** Name of the alias, if there is one. */
  public readonly alias?: string;

  public constructor(scope: Construct, id: string, props: StreamerFunctionProps) {
    const { settings, code, timeout, recursiveLoop, functionName } = props;
    const options = mergeFunctionOptions(settings.functionDefaults, props.options);
    const role = createRole(scope, id, settings, options);
    super(scope, id, {
      ...placeOf(options),
      ...observationOf(options),
      ...sizesOf(scope, props, options),
      code,
      timeout: wholeSeconds(timeout),
      recursiveLoop,
      functionName,
      description: descriptionOf(props, options),
      environment: environmentOf(props),
      environmentEncryption: settings.encryptionKey,
      runtime: options.runtime,
      architecture: options.architecture,
      handler: 'index.handler',
      loggingFormat: lambda.LoggingFormat.JSON,
      tracing: options.tracing,
      role,
      logGroup: logsOf(scope, id, settings, role, options.logGroup),
    });
    acknowledge(this, {
      'Serverless-LambdaDLQ': `${props.invokedBy}; a dead-letter queue of the function is for asynchronous invocations`,
      'Serverless-LambdaTracing': 'Requests carry their own trace id; X-Ray is a cost that the user chooses',
    });
    acknowledgeTracing(this, options.tracing);
    this.alias = options.provisionedConcurrency ? ALIAS : undefined;
    this.target = options.provisionedConcurrency ? this.keepInitialized(options.provisionedConcurrency) : this;
  }

  /** Configures asynchronous invocations. The construct itself does so for the submit function of an API with schedules. */
  public override configureAsyncInvoke(options: lambda.EventInvokeConfigOptions): void {
    if (this.node.tryFindChild('EventInvokeConfig')) {
      reject('configureAsyncInvoke', 'be called at most once for a function', this.node.path, CONFIGURED);
    }
    super.configureAsyncInvoke(options);
  }

  private keepInitialized(executions: number): lambda.Alias {
    return new lambda.Alias(this, 'Live', {
      aliasName: ALIAS,
      version: this.currentVersion,
      provisionedConcurrentExecutions: executions,
    });
  }
}

function placeOf(options: OwnOptions): Partial<lambda.FunctionProps> {
  const { layers, vpc, securityGroups, filesystem, codeSigningConfig, runtimeManagementMode, deadLetterQueue } =
    options;
  const vpcSubnets: SubnetSelection | undefined = options.vpcSubnets;
  const { allowPublicSubnet, ipv6AllowedForDualStack } = options;
  return {
    layers,
    ...(vpc && { vpc, vpcSubnets, securityGroups, allowPublicSubnet, ipv6AllowedForDualStack }),
    filesystem,
    codeSigningConfig,
    runtimeManagementMode,
    deadLetterQueue,
  };
}

function observationOf(options: OwnOptions): Partial<lambda.FunctionProps> {
  const { applicationLogLevelV2, systemLogLevelV2, insightsVersion, adotInstrumentation, paramsAndSecrets } = options;
  return { applicationLogLevelV2, systemLogLevelV2, insightsVersion, adotInstrumentation, paramsAndSecrets };
}

/** Rounds a duration up to whole seconds, because timeouts of Lambda and visibility timeouts of SQS are whole seconds. */
export const wholeSeconds = (duration: Duration): Duration =>
  Duration.seconds(Math.ceil(duration.toSeconds({ integral: false })));

function sizesOf(
  scope: Construct,
  { settings, memorySize, maxConcurrency = 0, options: own }: StreamerFunctionProps,
  { ephemeralStorageSize, reservedConcurrency, provisionedConcurrency }: OwnOptions,
): Partial<lambda.FunctionProps> {
  const { minMemorySize } = settings.functionDefaults;
  if (minMemorySize !== undefined) refuseToken('memorySize', memorySize, COMPARED);
  const raised = reservedConcurrency && Math.max(reservedConcurrency, maxConcurrency);
  const reserved = own?.reservedConcurrency ?? raised;
  if (isLess(reserved, provisionedConcurrency)) refuseProvisioned(scope, reserved as number, provisionedConcurrency);
  return {
    memorySize: minMemorySize === undefined ? memorySize : Math.max(memorySize, minMemorySize),
    reservedConcurrentExecutions: reserved,
    ephemeralStorageSize,
  };
}

const COMPARED = 'It is compared with `functionDefaults.minMemorySize`: leave one of the two out, or use a constant';

function refuseProvisioned(scope: Construct, reserved: number, provisioned: number | undefined): never {
  const must = `be at most the ${reserved} invocations that \`functionDefaults.reservedConcurrency\` reserves for ${scope.node.path}`;
  reject('provisionedConcurrency', must, provisioned, 'Set `reservedConcurrency` next to it');
}

function descriptionOf({ settings, description }: StreamerFunctionProps, options: OwnOptions): string {
  return `${settings.functionDefaults.descriptionPrefix ?? ''}${options.description ?? description}`;
}

function environmentOf({ settings, environment }: StreamerFunctionProps): { [name: string]: string } {
  return { ...settings.functionDefaults.environment, ...environment, [ENV.apiName]: settings.apiName };
}

function logsOf(scope: Construct, id: string, settings: Settings, role: Role, given: ILogGroup | undefined): ILogGroup {
  const logGroup = given ?? createLogs(scope, id, settings);
  logGroup.grantWrite(role);
  return logGroup;
}

function createLogs(scope: Construct, id: string, { logRetention, encryptionKey }: Settings): LogGroup {
  return new LogGroup(scope, `${id}Logs`, {
    retention: logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
    encryptionKey,
  });
}

/**
 * Creates a role without the policies AWSLambdaBasicExecutionRole and AWSLambdaVPCAccessExecutionRole. These policies allow writing to every log
 * group of the account.
 */
function createRole(
  scope: Construct,
  id: string,
  { encryptionKey }: Settings,
  { vpc, permissionsBoundary }: OwnOptions,
): Role {
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    // The policy is part of the role, because Lambda checks it before it creates the function.
    inlinePolicies: vpc ? { Network: networkPolicy() } : undefined,
  });
  if (vpc) {
    const reason = "Lambda's network interfaces are not known before it creates them";
    acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': reason, 'Serverless-LambdaStarPermissions': reason });
  }
  if (permissionsBoundary) PermissionsBoundary.of(role).apply(permissionsBoundary);
  if (encryptionKey) {
    role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] }));
  }
  return role;
}

function networkPolicy(): PolicyDocument {
  return new PolicyDocument({ statements: [new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] })] });
}

/** Acknowledges the wildcard of the X-Ray actions, which cannot be limited to a resource. */
function acknowledgeTracing(fn: lambda.Function, tracing: lambda.Tracing): void {
  if (tracing === lambda.Tracing.DISABLED) return;
  acknowledgePolicies(fn, {
    'AwsSolutions-IAM5[Resource::*]': 'Segments of a trace have no resource that could be named',
  });
}
