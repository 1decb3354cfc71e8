import { Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges findings of rule packs such as cdk-nag, each with the reason why it is intended.
 *
 * The function writes the metadata itself, because `Validations.acknowledge()` of aws-cdk-lib 2.257 refuses ids with more than one `::`.
 */
export function acknowledge(construct: IConstruct, reasons: { readonly [ruleId: string]: string }): void {
  construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, reasons);
}

/**
 * Acknowledges that a function is granted access to all resources that an ARN with a wildcard matches.
 *
 * The rule's id contains the ARN as the template shows it. That form is known only shortly before the CDK validates the app: in a nested stack, the
 * CDK then replaces references to the parent stack by parameters.
 */
export function acknowledgeWildcard(fn: LambdaFunction, arn: string, reason: string): void {
  const validate = (): string[] => {
    acknowledgePolicies(fn, { [`AwsSolutions-IAM5[Resource::${shown(Stack.of(fn).resolve(arn))}]`]: reason });
    return [];
  };
  fn.node.addValidation({ validate });
}

/**
 * Acknowledges rules for all policies of a function's role. Depending on a feature flag, the CDK creates some of these policies below the role or
 * below the function.
 */
export function acknowledgePolicies(fn: LambdaFunction, reasons: { readonly [ruleId: string]: string }): void {
  for (const owner of [fn, fn.role]) if (owner) acknowledge(owner, reasons);
}

/**
 * Intrinsic functions that build an ARN in a template. If the region is known and the feature flag for literal partitions is set, the ARN is one
 * string.
 */
interface Intrinsics {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly 'Fn::ImportValue'?: unknown;
  readonly 'Fn::Join'?: readonly [delimiter: string, parts: readonly unknown[]];
}

/** Converts an ARN of a template to the form that cdk-nag writes into a rule's id. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported, 'Fn::Join': join } = value as Intrinsics;
  if (join) return join[1].map(shown).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  if (imported) return shown(imported);
  return Ref ? `<${Ref}>` : JSON.stringify(value);
}
