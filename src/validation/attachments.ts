import { ApplicationLogLevel, SystemLogLevel } from 'aws-cdk-lib/aws-lambda';
import type { StreamerFunctionOptions } from '../options/streamer-function-options';
import { reject } from './errors';
import { isAbsent, validateObject, validateOneOf } from './rules';

type Attachment =
  | 'filesystem'
  | 'codeSigningConfig'
  | 'runtimeManagementMode'
  | 'insightsVersion'
  | 'adotInstrumentation'
  | 'paramsAndSecrets';

interface Rule {
  readonly must: string;
  readonly remedy: string;
  /** Whether the value has the member that aws-cdk-lib reads. Classes are not compared, because another copy of aws-cdk-lib may have created the value. */
  readonly isValid: (value: never) => boolean;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): boolean => typeof value === 'string';

const RULES: Readonly<Record<Attachment, Rule>> = {
  filesystem: {
    must: 'be a FileSystem of aws-cdk-lib/aws-lambda',
    remedy: "Use `FileSystem.fromEfsAccessPoint(accessPoint, '/mnt/data')`",
    isValid: ({ config }: { config?: { localMountPath?: unknown } }) => isText(config?.localMountPath),
  },
  codeSigningConfig: {
    must: 'be a CodeSigningConfig of aws-cdk-lib/aws-lambda',
    remedy: 'Use `new CodeSigningConfig(…)` or `CodeSigningConfig.fromCodeSigningConfigArn(…)`',
    isValid: ({ codeSigningConfigArn }: { codeSigningConfigArn?: unknown }) => isText(codeSigningConfigArn),
  },
  runtimeManagementMode: {
    must: 'be a RuntimeManagementMode of aws-cdk-lib/aws-lambda',
    remedy: 'For example `RuntimeManagementMode.FUNCTION_UPDATE`',
    isValid: ({ runtimeManagementConfig }: { runtimeManagementConfig?: unknown }) => !isAbsent(runtimeManagementConfig),
  },
  insightsVersion: {
    must: 'be a LambdaInsightsVersion of aws-cdk-lib/aws-lambda',
    remedy: 'For example `LambdaInsightsVersion.VERSION_1_0_404_0`',
    isValid: ({ _bind }: { _bind?: unknown }) => isFunction(_bind),
  },
  adotInstrumentation: {
    must: 'be an object with `layerVersion` and `execWrapper`',
    remedy: 'Use `AdotLayerVersion` and `AdotLambdaExecWrapper` of aws-cdk-lib/aws-lambda',
    isValid: ({ layerVersion, execWrapper }: { layerVersion?: { _bind?: unknown }; execWrapper?: unknown }) =>
      isFunction(layerVersion?._bind) && isText(execWrapper),
  },
  paramsAndSecrets: {
    must: 'be a ParamsAndSecretsLayerVersion of aws-cdk-lib/aws-lambda',
    remedy: 'Use `ParamsAndSecretsLayerVersion.fromVersion(…)`',
    isValid: ({ _bind }: { _bind?: unknown }) => isFunction(_bind),
  },
};

/** Refuses attachments of a function, such as a file system, that have a wrong type. aws-cdk-lib reads their members without a check. */
export function validateAttachments(at: string, options: StreamerFunctionOptions): void {
  for (const [name, { must, remedy, isValid }] of Object.entries(RULES) as [Attachment, Rule][]) {
    const value = options[name];
    if (!isAbsent(value) && !isValid(value as never)) reject(`${at}${name}`, must, value, remedy);
  }
  validateOneOf(
    `${at}applicationLogLevelV2`,
    options.applicationLogLevelV2,
    ApplicationLogLevel,
    'ApplicationLogLevel.INFO',
  );
  validateOneOf(`${at}systemLogLevelV2`, options.systemLogLevelV2, SystemLogLevel, 'SystemLogLevel.INFO');
  validateSubnets(`${at}vpcSubnets`, options.vpcSubnets);
}

function validateSubnets(prop: string, selection: StreamerFunctionOptions['vpcSubnets']): void {
  if (isAbsent(selection)) return;
  const remedy = 'For example `{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }`';
  validateObject(prop, selection, 'be a selection of subnets', remedy);
  const { subnets } = selection;
  if (isAbsent(subnets)) return;
  const valid = Array.isArray(subnets) && Array.from(subnets).every((subnet) => subnet?.subnetId !== undefined);
  if (!valid) reject(`${prop}.subnets`, 'be an array of subnets of aws-cdk-lib/aws-ec2', subnets);
}
