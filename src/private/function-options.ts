import { Size, Token } from 'aws-cdk-lib';
import type { RouterOptions } from '../options/router-options';
import type { HandlerFunctionOptions } from '../options/streamer-handler-function-options';
import { reject } from './errors';
import { validateEnvironment, validateInteger, validateKnownInteger } from './validation';

/** What the router's options and a handler's have in common. */
export type FunctionOptions = Omit<HandlerFunctionOptions, 'environment' | 'initialPolicy'> &
  Pick<RouterOptions, 'memorySize'>;

const MAX_LAYERS = 5;
const MAX_EXECUTIONS = 1_000_000;
const MIN_STORAGE = Size.mebibytes(512);
const MAX_STORAGE = Size.gibibytes(10);

/**
 * Refuses options of a function that Lambda would refuse at deployment, or that cannot work together.
 *
 * @param at the property that holds them, with a dot behind it; empty for options of `StreamerHandler`
 */
export function validateFunctionOptions(at: string, options: FunctionOptions): void {
  validateInteger(`${at}memorySize`, options.memorySize, 128, 10_240);
  validateList(`${at}layers`, options.layers, 'layerVersionArn', 'layers');
  if ((options.layers?.length ?? 0) > MAX_LAYERS) {
    reject(`${at}layers`, `have at most ${MAX_LAYERS} entries`, options.layers?.length);
  }
  validateNetwork(at, options);
  validateConcurrency(at, options);
  validateStorage(`${at}ephemeralStorageSize`, options.ephemeralStorageSize);
}

/** Refuses the options of a handler that its role and environment are made of. */
export function validateRole({ environment, initialPolicy }: HandlerFunctionOptions): void {
  validateEnvironment('environment', environment);
  validateList('initialPolicy', initialPolicy, 'toStatementJson', 'policy statements');
}

function validateNetwork(at: string, { vpc, vpcSubnets, securityGroups }: FunctionOptions): void {
  const mend = `Give \`${at}vpc\`, the network that they are of`;
  if (vpcSubnets && !vpc) reject(`${at}vpcSubnets`, `come with \`${at}vpc\``, vpcSubnets, mend);
  if (securityGroups && !vpc) reject(`${at}securityGroups`, `come with \`${at}vpc\``, securityGroups, mend);
  if (vpc && typeof vpc.vpcId !== 'string') reject(`${at}vpc`, 'be a VPC of aws-cdk-lib/aws-ec2', vpc);
  validateList(`${at}securityGroups`, securityGroups, 'securityGroupId', 'security groups');
  if (securityGroups?.length === 0) {
    reject(`${at}securityGroups`, 'have at least one entry', securityGroups, 'Leave it out to get a new group');
  }
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
      'What is kept initialized is a part of what is reserved',
    );
  }
}

/** Whether both are given and the first is less. */
export function isLess(first: number | undefined, second: number | undefined): boolean {
  return first !== undefined && second !== undefined && first < second;
}

function validateStorage(prop: string, size: Size | undefined): void {
  if (size === undefined) return;
  const must = 'be a Size from 512 MiB to 10 GiB';
  if (typeof size.toBytes !== 'function')
    reject(prop, must, size, 'Use `Size.gibibytes(…)` or the like, of aws-cdk-lib');
  if (size.isUnresolved()) return;
  const bytes = size.toBytes();
  if (bytes < MIN_STORAGE.toBytes() || bytes > MAX_STORAGE.toBytes()) reject(prop, must, `${bytes} bytes`);
}

/** Entries are told by a field that they have: another copy of aws-cdk-lib may have made them. */
function validateList(prop: string, value: unknown, field: string, what: string): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const isList = Array.isArray(value) && value.every((each) => each?.[field] !== undefined);
  if (!isList) reject(prop, `be a list of ${what}`, value);
}
