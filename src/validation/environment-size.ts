import {
  CfnOutput,
  CfnResource,
  DefaultTokenResolver,
  type IPostProcessor,
  type IResolvable,
  type IResolveContext,
  NestedStack,
  Reference,
  Stack,
  Token,
  Tokenization,
} from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { refusal } from './errors';

/** Maximum bytes of the names and values of a function's environment variables in Lambda. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/**
 * Returns an error for each function below `scope` whose environment Lambda would refuse. It is called at the end of synthesis, because variables are
 * added until then.
 */
export function checkEnvironments(scope: IConstruct): string[] {
  const functions = scope.node.findAll().filter((each): each is CfnFunction => each instanceof CfnFunction);
  return functions.flatMap((fn) => {
    const bytes = environmentBytes(fn);
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const path = fn.node.path.slice(scope.node.path.length + 1).replace(/\/Resource$/, '');
    return [
      refusal(
        `environment of ${path}`,
        `be at most ${MAX_ENVIRONMENT_BYTES} bytes, names and values together, as Lambda requires`,
        bytes,
        'Shorten the values, or move large ones to a parameter or a file of the bundle',
      ),
    ];
  });
}

/** Returns the bytes of the names and values of a function's variables. Values that are not known yet count with their maximum length. */
export function environmentBytes(fn: CfnFunction): number {
  const { variables = {} } = Object(resolveWithLengths(fn.environment, fn)) as { variables?: Record<string, unknown> };
  return Object.entries(variables).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + longest(value, Stack.of(fn)),
    0,
  );
}

/** Returns the bytes of one value. A part that is not known yet counts with its maximum length. */
export const valueBytes = (value: string, fn: CfnFunction): number =>
  longest(resolveWithLengths(value, fn), Stack.of(fn));

const resolveWithLengths = (value: unknown, scope: CfnFunction): unknown =>
  Tokenization.resolve(value, { scope, resolver: new LengthResolver(Stack.of(scope)) });

/**
 * Resolves values of other stacks to strings of the same length. The CDK replaces such values by imported values and parameters only after all
 * aspects have run.
 */
class LengthResolver extends DefaultTokenResolver {
  public constructor(private readonly stack: Stack) {
    super({ join: (left, right) => ({ 'Fn::Join': ['', [left, right].filter((each) => each !== undefined)] }) });
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token)) return super.resolveToken(token, context, postProcessor);
    const owner = Stack.of(token.target);
    if (owner === this.stack) return super.resolveToken(token, context, postProcessor);
    return 'x'.repeat(longest(owner.resolve(token), owner));
  }
}

/**
 * Maximum lengths of values that are known only at deployment. Synthesis uses them to check size limits. If a length were too small, the deployment
 * would fail.
 */

/** Longest values of CloudFormation's pseudo parameters: `ap-southeast-1`, `aws-us-gov`, `amazonaws.com.cn`. */
const PSEUDO: { readonly [name: string]: number } = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::StackName': 128,
  'AWS::StackId': 256,
  'AWS::URLSuffix': 16,
};

/**
 * Maximum lengths of names that CloudFormation generates. CloudFormation composes a name from the stack's name, the logical id and a suffix, and
 * truncates it.
 */
const NAMES: { readonly [type: string]: { readonly max: number; readonly property: string } } = {
  'AWS::DynamoDB::GlobalTable': { max: 255, property: 'TableName' },
  'AWS::DynamoDB::Table': { max: 255, property: 'TableName' },
  'AWS::Lambda::Function': { max: 64, property: 'FunctionName' },
  'AWS::Logs::LogGroup': { max: 512, property: 'LogGroupName' },
  'AWS::S3::Bucket': { max: 63, property: 'BucketName' },
  'AWS::SQS::Queue': { max: 80, property: 'QueueName' },
  'AWS::SNS::Topic': { max: 256, property: 'TopicName' },
  'AWS::SecretsManager::Secret': { max: 512, property: 'Name' },
};

/** Number of characters that CloudFormation appends to a generated name. */
const SUFFIX = 13;
/** Length of `arn:<partition>:<service>:<region>:<account>:<kind>/`, with a service of 14 letters and a kind of 12. */
const ARN = 4 + 10 + 1 + 14 + 1 + 14 + 1 + 12 + 1 + 13;
/** Length of `https://sqs.<region>.<suffix>/<account>/`. */
const QUEUE_URL = 'https://sqs.'.length + 14 + 1 + 16 + 1 + 12 + 1;
/** Maximum length of an identifier that AWS generates for an API, a key or a mapping. */
const ID = 36;

/**
 * Returns the maximum bytes of a resolved value as a string.
 *
 * If the app has no information about a value, such as an import from another app, the value counts as 0. So synthesis never refuses an app that
 * could be deployed.
 *
 * @param stack stack whose template contains the value
 */
export function longest(value: unknown, stack: Stack): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value).length;
  if (typeof value !== 'object' || value === null) return 0;
  const { Ref, 'Fn::GetAtt': att, 'Fn::Join': join, 'Fn::ImportValue': imported } = value as Intrinsics;
  if (Ref) return ofRef(Ref, stack);
  if (att) return ofAttribute(att, stack);
  if (join) return sum(join[1].map((part) => longest(part, stack))) + join[0].length * Math.max(0, join[1].length - 1);
  if (imported) return ofImport(imported, stack);
  return 0;
}

interface Intrinsics {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: [string, string];
  readonly 'Fn::Join'?: [string, unknown[]];
  readonly 'Fn::ImportValue'?: unknown;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function ofRef(name: string, stack: Stack): number {
  if (name in PSEUDO) return PSEUDO[name];
  const resource = resourceOf(name, stack);
  if (!resource) return ofParameter(name, stack);
  if (resource.cfnResourceType === 'AWS::SQS::Queue') return QUEUE_URL + nameOf(resource);
  if (resource.cfnResourceType === 'AWS::SecretsManager::Secret') return ARN + nameOf(resource) + 7;
  return nameOf(resource);
}

function ofAttribute([name, attribute]: [string, string], stack: Stack): number {
  const resource = resourceOf(name, stack);
  if (!resource) return 0;
  if (attribute.startsWith('Outputs.')) return ofOutput(attribute.slice('Outputs.'.length), resource);
  if (/Url$/i.test(attribute)) return QUEUE_URL + nameOf(resource);
  return /Arn$/.test(attribute) ? ARN + nameOf(resource) : nameOf(resource);
}

function nameOf(resource: CfnResource): number {
  const { max, property } = NAMES[resource.cfnResourceType] ?? { max: ID, property: '' };
  const { stack } = resource;
  const given: unknown = stack.resolve((resource as unknown as { [name: string]: unknown })[lowerFirst(property)]);
  if (typeof given === 'string') return given.length;
  if (max === ID || Token.isUnresolved(stack.stackName)) return max;
  return Math.min(max, stack.stackName.length + 1 + String(stack.resolve(resource.logicalId)).length + SUFFIX);
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Maximum bytes of a nested stack's parameter, whose value comes from the parent stack. */
function ofParameter(name: string, stack: Stack): number {
  const parent = stack.nestedStackParent;
  if (!parent || !stack.nestedStackResource) return 0;
  const { parameters } = stack.nestedStackResource as unknown as { parameters?: unknown };
  const given: unknown = parent.resolve(parameters)?.[name];
  return given === undefined ? 0 : longest(given, parent);
}

function ofOutput(name: string, resource: CfnResource): number {
  const nested = resource.stack.node
    .findAll()
    .find((each) => isNestedStack(each) && each.nestedStackResource === resource);
  return nested ? outputValue(nested as NestedStack, (output, stack) => stack.resolve(output.logicalId) === name) : 0;
}

const isNestedStack = (each: unknown): each is NestedStack => each instanceof NestedStack;

/** Maximum bytes of a value that another stack of this app exports. */
function ofImport(exportName: unknown, stack: Stack): number {
  if (typeof exportName !== 'string') return 0;
  const stacks = stack.node.root.node.findAll().filter((each): each is Stack => Stack.isStack(each));
  const found = stacks.map((each) => outputValue(each, (output) => each.resolve(output.exportName) === exportName));
  return Math.max(0, ...found);
}

function outputValue(stack: Stack, isIt: (output: CfnOutput, stack: Stack) => boolean): number {
  const outputs = stack.node.findAll().filter((each): each is CfnOutput => each instanceof CfnOutput);
  const output = outputs.find((each) => each.stack === stack && isIt(each, stack));
  return output ? longest(stack.resolve(output.value), stack) : 0;
}

/** Resources of each stack by logical id. */
const resources = new WeakMap<Stack, Map<string, CfnResource>>();

function resourceOf(logicalId: string, stack: Stack): CfnResource | undefined {
  const known = resources.get(stack)?.get(logicalId);
  if (known) return known;
  const all = stack.node.findAll().filter(CfnResource.isCfnResource);
  resources.set(
    stack,
    new Map(all.filter((each) => each.stack === stack).map((each) => [stack.resolve(each.logicalId), each])),
  );
  return resources.get(stack)?.get(logicalId);
}
