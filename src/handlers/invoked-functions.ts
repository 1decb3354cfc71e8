import { Annotations, ArnFormat, CfnResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type IFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, type EnvJson, type FunctionNamesByAction } from '../contract';
import { acknowledgeWildcard } from '../grants/nag';
import { environmentBytes, MAX_ENVIRONMENT_BYTES, valueBytes } from '../validation/environment-size';

/** Bytes of the environment that are kept free for variables that aspects add later, such as those of a monitoring agent. */
const RESERVED_BYTES = 512;

/**
 * Number of functions per policy statement. If a statement contains several functions, the policies need fewer characters. The statements are still
 * small enough that the CDK can distribute them over managed policies.
 */
const FUNCTIONS_A_STATEMENT = 6;

/** The user's functions that one function invokes. */
export class Remotes {
  private readonly names = new Map<string, string>();
  private readonly arns = new Map<string, string>();
  private settled = false;

  public constructor(private readonly invoker: LambdaFunction) {}

  /**
   * Records that the function invokes another one. `settle` grants the permission later.
   *
   * @returns the name or ARN of the invoked function, if it is known at synthesis
   */
  public add(action: string, fn: IFunction): string | undefined {
    this.arns.set(action, fn.functionArn);
    warnOfPlace(this.invoker, action, fn);
    const known = knownName(this.invoker, fn);
    if (known === undefined) this.names.set(action, isNear(this.invoker, fn) ? fn.functionName : fn.functionArn);
    return known;
  }

  /**
   * Grants all invocations, and sets the environment variable with the names that are known only at deployment. If these names do not all fit, the
   * variable names a function that returns them instead. Must be called after all functions are added.
   *
   * @param createNames creates the function that returns the names by action; undefined if the names always fit
   */
  public settle(createNames?: (names: FunctionNamesByAction) => IFunction): void {
    if (this.settled) return;
    this.settled = true;
    this.grantInvocations();
    if (this.names.size > 0) this.passNames(Object.fromEntries(sorted(this.names)), createNames);
  }

  /** Grants the invocation of each function once, because one function may run several actions. */
  private grantInvocations(): void {
    const arns = [...new Set(sorted(this.arns).map(([, arn]) => arn))];
    for (let at = 0; at < arns.length; at += FUNCTIONS_A_STATEMENT) {
      this.invoker.addToRolePolicy(invocationOf(...arns.slice(at, at + FUNCTIONS_A_STATEMENT)));
    }
  }

  private passNames(names: FunctionNamesByAction, createNames?: (names: FunctionNamesByAction) => IFunction): void {
    const json = Stack.of(this.invoker).toJsonString(names satisfies EnvJson['functions']);
    if (!createNames || this.hasRoomFor(json)) {
      this.invoker.addEnvironment(ENV.functions, json);
    } else {
      const { functionArn, functionName } = createNames(names);
      this.invoker.addToRolePolicy(invocationOf(functionArn));
      this.invoker.addEnvironment(ENV.namesFunction, functionName);
    }
  }

  private hasRoomFor(json: string): boolean {
    const resource = this.invoker.node.defaultChild as CfnFunction;
    const added = ENV.functions.length + valueBytes(json, resource);
    return environmentBytes(resource) + added <= MAX_ENVIRONMENT_BYTES - RESERVED_BYTES;
  }
}

const sorted = (map: ReadonlyMap<string, string>): [action: string, value: string][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const invocationOf = (...arns: string[]) =>
  new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: arns });

/** Grants invoking all functions whose physical names this API has chosen. */
export function grantNamed(invoker: LambdaFunction, prefix: string): void {
  const arn = namedArn(invoker, 'lambda', prefix);
  invoker.addToRolePolicy(invocationOf(arn));
  acknowledgeNamed(invoker, arn);
}

/** ARN pattern that matches all functions or queues whose physical names this API has chosen. */
export function namedArn(scope: LambdaFunction, service: 'lambda' | 'sqs', prefix: string): string {
  const name = `${prefix}-*`;
  return Stack.of(scope).formatArn(
    service === 'sqs'
      ? { service, resource: name }
      : { service, resource: 'function', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  );
}

/** Acknowledges a wildcard, because it matches only resources of this API. */
export function acknowledgeNamed(fn: LambdaFunction, arn: string): void {
  acknowledgeWildcard(
    fn,
    arn,
    'The prefix is unique to this API: one statement grants its own resources, however many they are',
  );
}

/** Returns the name or ARN of a function, if it is known at synthesis. It is known if the user has chosen the name, or has imported the function. */
function knownName(invoker: LambdaFunction, fn: IFunction): string | undefined {
  if (!Token.isUnresolved(fn.functionArn)) return fn.functionArn;
  const resource = fn.node.defaultChild;
  if (!isNear(invoker, fn) || !(resource instanceof CfnFunction)) return undefined;
  const { functionName } = resource;
  return functionName === undefined || Token.isUnresolved(functionName) ? undefined : functionName;
}

/**
 * Warns about a function in another account, because it needs a permission that this app cannot grant. Also warns about a function in another region,
 * which adds latency and cost.
 */
function warnOfPlace(invoker: LambdaFunction, action: string, fn: IFunction): void {
  const { account, region } = Stack.of(invoker);
  if (differ(account, fn.env.account)) {
    Annotations.of(invoker).addWarningV2(
      `cdk-streamer:functionOfOtherAccount:${action}`,
      `The function of \`${action}\` is in the account ${fn.env.account}: its own policy must allow \`lambda:InvokeFunction\` to the role of ${invoker.node.path}, by \`fn.addPermission\` in that account`,
    );
  }
  if (differ(region, fn.env.region)) {
    Annotations.of(invoker).addWarningV2(
      `cdk-streamer:functionOfOtherRegion:${action}`,
      `The function of \`${action}\` is in ${fn.env.region}, the API in ${region}: each call crosses regions, which adds latency and is billed as data transfer`,
    );
  }
}

const differ = (one: string, other: string): boolean => Token.compareStrings(one, other) === TokenComparison.DIFFERENT;

/** Whether the function is in the same account and region, so that its name identifies it. Versions and aliases need an ARN. */
function isNear(invoker: LambdaFunction, fn: IFunction): boolean {
  const { defaultChild } = fn.node;
  const isFunction =
    CfnResource.isCfnResource(defaultChild) && defaultChild.cfnResourceType === 'AWS::Lambda::Function';
  const [mine, its] = [Stack.of(invoker), Stack.of(fn)];
  return isFunction && mine.account === its.account && mine.region === its.region;
}
