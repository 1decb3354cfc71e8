import { Annotations, ArnFormat, CfnResource, Lazy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type IFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';
import { acknowledge } from './acknowledge';

/** The users' functions that one function invokes. Names that are known only at deployment are in its environment. */
export class Remotes {
  private readonly names = new Map<string, string>();

  public constructor(private readonly invoker: LambdaFunction) {}

  /**
   * Allows the function to invoke another one.
   *
   * @returns the name or ARN of the invoked function, if it is known at synthesis
   */
  public add(action: string, fn: IFunction): string | undefined {
    this.invoker.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] }),
    );
    warnOfPlace(this.invoker, action, fn);
    const known = knownName(this.invoker, fn);
    if (known === undefined) this.tell(action, fn);
    return known;
  }

  private tell(action: string, fn: IFunction): void {
    if (this.names.size === 0) {
      const produce = () => Stack.of(this.invoker).toJsonString(Object.fromEntries(this.names));
      this.invoker.addEnvironment(ENV.functions, Lazy.string({ produce }));
    }
    this.names.set(action, isNear(this.invoker, fn) ? fn.functionName : fn.functionArn);
  }
}

/** Grants invoking all functions that the API has named. */
export function grantNamed(invoker: LambdaFunction, prefix: string): void {
  const arn = namedArn(invoker, 'lambda', prefix);
  invoker.addToRolePolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [arn] }));
  acknowledgeNamed(invoker, arn);
}

/** ARN pattern of all functions or queues that the API has named. */
export function namedArn(scope: LambdaFunction, service: 'lambda' | 'sqs', prefix: string): string {
  const name = `${prefix}-*`;
  return Stack.of(scope).formatArn(
    service === 'sqs'
      ? { service, resource: name }
      : { service, resource: 'function', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
  );
}

/** Acknowledges a wildcard that matches resources of this API only. */
export function acknowledgeNamed(fn: LambdaFunction, arn: string): void {
  const reason = 'The prefix is unique to this API: one statement grants its own resources, however many they are';
  if (fn.role) acknowledge(fn.role, { [`AwsSolutions-IAM5[Resource::${shown(Stack.of(fn).resolve(arn))}]`]: reason });
}

/** An ARN as a rule's id shows it. It always has a token, the partition. */
function shown({ 'Fn::Join': [, parts] }: { 'Fn::Join': [string, (string | { Ref: string })[]] }): string {
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
}

/** Name or ARN of a function if it is known at synthesis: the function is imported by it, or the user has chosen it. */
function knownName(invoker: LambdaFunction, fn: IFunction): string | undefined {
  if (!Token.isUnresolved(fn.functionArn)) return fn.functionArn;
  const resource = fn.node.defaultChild;
  if (!isNear(invoker, fn) || !(resource instanceof CfnFunction)) return undefined;
  const { functionName } = resource;
  return functionName === undefined || Token.isUnresolved(functionName) ? undefined : functionName;
}

/** Warns about a function in another account, which needs a permission that this app cannot grant, or in another Region, which adds latency and cost. */
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
      `The function of \`${action}\` is in ${fn.env.region}, the API in ${region}: each call crosses regions, which takes time and is billed as data transfer`,
    );
  }
}

const differ = (one: string, other: string): boolean => Token.compareStrings(one, other) === TokenComparison.DIFFERENT;

/** Whether a function (not a version or alias) is in the same account and Region, so that its name is sufficient. */
function isNear(invoker: LambdaFunction, fn: IFunction): boolean {
  const { defaultChild } = fn.node;
  const isFunction =
    CfnResource.isCfnResource(defaultChild) && defaultChild.cfnResourceType === 'AWS::Lambda::Function';
  const [mine, its] = [Stack.of(invoker), Stack.of(fn)];
  return isFunction && mine.account === its.account && mine.region === its.region;
}
