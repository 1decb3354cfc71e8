import { Annotations, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Grant, type IGrantable, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { type IFunction, Function as LambdaFunction, type Permission } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * A submit function that another app creates. This app cannot change the function's policy if the function may belong to another account. aws-cdk-lib
 * would throw an error in this case. Here, a warning shows the permission that the owner must add.
 */
export function importSubmitFunction(scope: Construct, id: string, functionArn: string): IFunction {
  const fn = LambdaFunction.fromFunctionAttributes(scope, id, { functionArn, skipPermissions: true });
  const { account } = Stack.of(scope);
  if (compare(fn.env.account, account) !== TokenComparison.SAME) {
    fn.addPermission = (_id, permission) => warnOfPermission(fn, permission);
  }
  return fn;
}

/**
 * Grants permission to invoke a submit function, by the grantee's policy. If the accounts may differ, the function's policy grants this permission,
 * too.
 */
export function grantInvocation(fn: IFunction, grantee: IGrantable): Grant {
  if (!mayBeForeign(fn, Stack.of(fn).account)) return fn.grantInvokeLatestVersion(grantee);
  const resourceArns = [`${fn.functionArn}:$LATEST`, fn.functionArn];
  const grant = Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns });
  const { grantPrincipal } = grantee;
  if (!grant.success || mayBeForeign(fn, grantPrincipal.principalAccount)) {
    fn.addPermission('Submit', { principal: grantPrincipal });
  }
  return grant;
}

const compare = (one: string, other: string): TokenComparison => Token.compareStrings(one, other);

/**
 * Whether the function may belong to another account than `account`. If both accounts are known only at deployment, they count as the same, as in
 * aws-cdk-lib.
 */
function mayBeForeign(fn: IFunction, account: string | undefined): boolean {
  const found = compare(fn.env.account, account ?? '');
  return found !== TokenComparison.SAME && found !== TokenComparison.BOTH_UNRESOLVED;
}

function warnOfPermission(fn: IFunction, permission: Permission): void {
  const { account } = fn.env;
  const where = Token.isUnresolved(account) ? 'an account that is known only at deployment' : `the account ${account}`;
  const given = [`principal: ${codeOf(permission.principal, Stack.of(fn))}`, ...sourceOf(permission)];
  const call = `api.submitFunction.addPermission('Submit', { ${given.join(', ')} })`;
  const unless = permission.principal.policyFragment.principalJson.Service
    ? ''
    : ', unless the principal belongs to it';
  Annotations.of(fn).addWarningV2(
    'cdk-streamer:submitPermission',
    `The submit function of ${fn.node.scope?.node.path} is in ${where}, so this app cannot change its policy: the app that creates it must add \`${call}\`${unless}`,
  );
}

function sourceOf({ sourceArn }: Permission): string[] {
  if (sourceArn === undefined) return [];
  return [`sourceArn: '${Token.isUnresolved(sourceArn) ? '<ARN of the source>' : sourceArn}'`];
}

/**
 * Returns the code by which another app names a principal. A role that this app creates has no ARN yet, so the code names the role's account. That is
 * sufficient, because the role also needs its own policy.
 */
function codeOf({ policyFragment, principalAccount }: IPrincipal, stack: Stack): string {
  const { AWS, Service } = stack.resolve(policyFragment.principalJson) as { [kind: string]: unknown };
  const [service, arn, account] = [Service, AWS, stack.resolve(principalAccount)].map(known);
  if (service) return `new ServicePrincipal('${service}')`;
  if (arn) return `new ArnPrincipal('${arn}')`;
  return `new AccountPrincipal('${account ?? `<account of ${stack.stackName}>`}')`;
}

/** Returns the first name that is known at synthesis, out of a principal's resolved names. */
const known = (names: unknown): string | undefined => [names].flat().find((each) => typeof each === 'string');
