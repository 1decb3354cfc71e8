import { Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import { Architecture, RuntimeFamily, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { FunctionPlatform } from '../bundling/bundle';
import type {
  HandlerFunctionOptions,
  RouterOptions,
  StreamerFunctionDefaults,
  StreamerFunctionOptions,
} from '../options/streamer-function-options';
import type { FunctionDefaults } from '../settings';
import { validateAttachments } from './attachments';
import { reject } from './errors';
import {
  isAbsent,
  type PropNames,
  refuseUnknownProps,
  validateBoolean,
  validateEnvironment,
  validateInteger,
  validateKnownInteger,
  validateOneOf,
  validateResource,
  validateText,
} from './rules';

const FUNCTION_PROPS: PropNames<StreamerFunctionOptions> = {
  architecture: true,
  runtime: true,
  layers: true,
  vpc: true,
  vpcSubnets: true,
  securityGroups: true,
  allowPublicSubnet: true,
  ipv6AllowedForDualStack: true,
  reservedConcurrency: true,
  ephemeralStorageSize: true,
  filesystem: true,
  tracing: true,
  applicationLogLevelV2: true,
  systemLogLevelV2: true,
  logGroup: true,
  insightsVersion: true,
  adotInstrumentation: true,
  paramsAndSecrets: true,
  codeSigningConfig: true,
  runtimeManagementMode: true,
  deadLetterQueue: true,
  permissionsBoundary: true,
};

const DEFAULTS_PROPS: PropNames<StreamerFunctionDefaults> = {
  ...FUNCTION_PROPS,
  environment: true,
  minMemorySize: true,
  descriptionPrefix: true,
};

const ROUTER_PROPS: PropNames<RouterOptions> = { ...FUNCTION_PROPS, memorySize: true, provisionedConcurrency: true };

/** Names of the options of a function that runs one handler. */
export const HANDLER_FUNCTION_PROPS: PropNames<HandlerFunctionOptions> = {
  ...FUNCTION_PROPS,
  environment: true,
  initialPolicy: true,
  description: true,
  provisionedConcurrency: true,
  bundling: true,
};

/** Options that the router's function and a handler's function have in common. */
export type FunctionOptions = StreamerFunctionOptions &
  Pick<RouterOptions, 'memorySize' | 'provisionedConcurrency'> &
  Pick<HandlerFunctionOptions, 'description'>;

/** Options of one function, merged with those of `functionDefaults`. */
type MergedOptions = Omit<FunctionOptions, 'memorySize'> &
  Pick<FunctionDefaults, 'architecture' | 'runtime' | 'tracing'>;

const NO_NETWORK = {
  vpc: undefined,
  vpcSubnets: undefined,
  securityGroups: undefined,
  allowPublicSubnet: undefined,
  ipv6AllowedForDualStack: undefined,
};

/**
 * Merges a function's own options with those of `functionDefaults`. The function's own options take precedence, and layers are concatenated. A
 * function with its own `vpc` does not inherit any network options.
 */
export function mergeFunctionOptions(
  defaults: FunctionDefaults,
  own: Omit<FunctionOptions, 'memorySize'> = {},
): MergedOptions {
  const { environment: _, minMemorySize: __, descriptionPrefix: ___, ...shared } = defaults;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined && value !== null));
  const layers = [...(shared.layers ?? []), ...(own.layers ?? [])];
  if (layers.length > MAX_LAYERS) {
    reject('layers', `have at most ${MAX_LAYERS} entries with those of \`functionDefaults\``, layers.length);
  }
  return {
    ...shared,
    ...(own.vpc && NO_NETWORK),
    ...given,
    layers: layers.length > 0 ? layers : undefined,
  };
}

/** Returns the runtime and architecture for which a function's code is built. */
export function platformOf(defaults: FunctionDefaults, own: StreamerFunctionOptions = {}): FunctionPlatform {
  const { name } = own.runtime ?? defaults.runtime;
  const architecture = own.architecture ?? defaults.architecture;
  const [, version = '24'] = /^nodejs(\d+)/.exec(name) ?? [];
  return { target: `node${version}`, cpu: architecture.name === Architecture.X86_64.name ? 'x64' : 'arm64' };
}

/** Refuses options in `functionDefaults` that Lambda would refuse. */
export function validateFunctionDefaults(defaults: StreamerFunctionDefaults | undefined): void {
  refuseUnknownProps(DEFAULTS_PROPS, 'functionDefaults.', defaults);
  if (isAbsent(defaults)) return;
  validateFunctionOptions('functionDefaults.', defaults);
  validateEnvironment('functionDefaults.environment', defaults.environment);
  validateKnownInteger('functionDefaults.minMemorySize', defaults.minMemorySize, 128, 10_240);
  validateText('functionDefaults.descriptionPrefix', defaults.descriptionPrefix);
}

/** Refuses options of the router's function that Lambda would refuse. */
export function validateRouter(options: RouterOptions | undefined): void {
  refuseUnknownProps(ROUTER_PROPS, 'router.', options);
  if (isAbsent(options)) return;
  validateFunctionOptions('router.', options);
}

const MAX_LAYERS = 5;
const MAX_EXECUTIONS = 1_000_000;
const MEBIBYTE = Size.mebibytes(1).toBytes();
const MIN_STORAGE = Size.mebibytes(512);
const MAX_STORAGE = Size.gibibytes(10);

/**
 * Refuses options of a function that Lambda would refuse at deployment, or that cannot work together.
 *
 * @param at the property that holds the options, followed by a dot; empty for options of `StreamerHandler`
 */
export function validateFunctionOptions(at: string, options: FunctionOptions): void {
  validateInteger(`${at}memorySize`, options.memorySize, 128, 10_240);
  validateList(`${at}layers`, options.layers, 'layerVersionArn', 'layers');
  if ((options.layers?.length ?? 0) > MAX_LAYERS) {
    reject(`${at}layers`, `have at most ${MAX_LAYERS} entries`, options.layers?.length);
  }
  validateNetwork(at, options);
  validateRuntime(at, options);
  validateObservation(at, options);
  validateAttachments(at, options);
  validateConcurrency(at, options);
  validateStorage(`${at}ephemeralStorageSize`, options.ephemeralStorageSize);
}

/** Refuses invalid options for the role and the environment of a handler. */
export function validateRole({ environment, initialPolicy }: HandlerFunctionOptions): void {
  validateEnvironment('environment', environment);
  validateList('initialPolicy', initialPolicy, 'toStatementJson', 'policy statements');
}

function validateNetwork(at: string, { vpc, vpcSubnets, securityGroups }: FunctionOptions): void {
  const remedy = `Set \`${at}vpc\` to their VPC`;
  if (vpcSubnets && !vpc) reject(`${at}vpcSubnets`, `come with \`${at}vpc\``, vpcSubnets, remedy);
  if (securityGroups && !vpc) reject(`${at}securityGroups`, `come with \`${at}vpc\``, securityGroups, remedy);
  if (vpc && typeof vpc.vpcId !== 'string') reject(`${at}vpc`, 'be a VPC of aws-cdk-lib/aws-ec2', vpc);
  validateList(`${at}securityGroups`, securityGroups, 'securityGroupId', 'security groups');
  if (securityGroups?.length === 0) {
    reject(
      `${at}securityGroups`,
      'have at least one entry',
      securityGroups,
      'Leave it out to get a new security group',
    );
  }
}

const MIN_NODE = 22;

function validateRuntime(at: string, { runtime, architecture }: FunctionOptions): void {
  const [, version = '0'] = /^nodejs(\d+)/.exec(runtime?.name ?? '') ?? [];
  if (runtime && !(runtime.family === RuntimeFamily.NODEJS && Number(version) >= MIN_NODE)) {
    const remedy = 'For another language use `StreamerHandler.fromFunction(…)`';
    reject(`${at}runtime`, `be a runtime of Node.js ${MIN_NODE} or newer`, runtime.name ?? runtime, remedy);
  }
  if (architecture && !['arm64', 'x86_64'].includes(architecture.name)) {
    const remedy = 'Use `Architecture.ARM_64` or `Architecture.X86_64`, of aws-cdk-lib/aws-lambda';
    reject(`${at}architecture`, 'be an architecture of Lambda', architecture, remedy);
  }
}

function validateObservation(at: string, options: FunctionOptions): void {
  const { filesystem, vpc, logGroup, permissionsBoundary, deadLetterQueue } = options;
  validateOneOf(`${at}tracing`, options.tracing, Tracing, 'Tracing.ACTIVE');
  validateText(`${at}description`, options.description);
  for (const name of ['allowPublicSubnet', 'ipv6AllowedForDualStack'] as const) {
    validateBoolean(`${at}${name}`, options[name]);
  }
  if (filesystem && !vpc)
    reject(`${at}filesystem`, `come with \`${at}vpc\``, filesystem, 'EFS is reachable only through a VPC');
  validateResource(`${at}logGroup`, logGroup, 'logGroupArn', 'log group of aws-cdk-lib/aws-logs');
  validateResource(
    `${at}permissionsBoundary`,
    permissionsBoundary,
    'managedPolicyArn',
    'managed policy of aws-cdk-lib/aws-iam',
  );
  validateResource(`${at}deadLetterQueue`, deadLetterQueue, 'queueArn', 'queue of aws-cdk-lib/aws-sqs');
}

function validateConcurrency(at: string, options: FunctionOptions): void {
  const { reservedConcurrency: reserved, provisionedConcurrency: provisioned } = options;
  validateKnownInteger(`${at}reservedConcurrency`, reserved, 1, MAX_EXECUTIONS);
  validateKnownInteger(`${at}provisionedConcurrency`, provisioned, 1, MAX_EXECUTIONS);
  if (isLess(reserved, provisioned)) {
    reject(
      `${at}provisionedConcurrency`,
      `be at most \`${at}reservedConcurrency\` (${reserved})`,
      provisioned,
      'Provisioned executions are part of the reserved ones',
    );
  }
}

/** Whether both numbers are given and the first is smaller. */
export function isLess(first: number | undefined, second: number | undefined): boolean {
  return first !== undefined && second !== undefined && first < second;
}

function validateStorage(prop: string, size: Size | undefined): void {
  if (size === undefined) return;
  const must = 'be a Size from 512 MiB to 10 GiB';
  if (typeof size.toBytes !== 'function')
    reject(prop, must, size, 'Use a Size of aws-cdk-lib, for example `Size.gibibytes(…)`');
  if (size.isUnresolved()) return;
  const bytes = size.toBytes({ rounding: SizeRoundingBehavior.NONE });
  if (bytes % MEBIBYTE !== 0) reject(prop, 'be a whole number of MiB', `${bytes} bytes`);
  if (bytes < MIN_STORAGE.toBytes() || bytes > MAX_STORAGE.toBytes()) reject(prop, must, `${bytes} bytes`);
}

/**
 * Checks the entries of an array. Each must have `field`; classes are not compared, because another copy of aws-cdk-lib may have created the entries.
 */
function validateList(prop: string, value: unknown, field: string, what: string): void {
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  const isList = Array.isArray(value) && Array.from(value).every((each) => each?.[field] !== undefined);
  if (!isList) reject(prop, `be an array of ${what}`, value);
}
