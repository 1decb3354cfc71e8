import { Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges findings of rule packs such as cdk-nag, with the reason why each is intended.
 *
 * It writes the metadata itself, because `Validations.acknowledge()` of aws-cdk-lib 2.257 refuses ids with more than one `::`.
 */
export function acknowledge(construct: IConstruct, reasons: { readonly [ruleId: string]: string }): void {
  construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, reasons);
}

/**
 * Acknowledges that a function is granted all resources that an ARN with a wildcard matches.
 *
 * The rule's id contains the ARN of the template. The CDK completes it only before it validates the app: in a nested stack, it then replaces references to
 * the parent stack by parameters.
 */
export function acknowledgeWildcard(fn: LambdaFunction, arn: string, reason: string): void {
  const validate = (): string[] => {
    acknowledgePolicies(fn, { [`AwsSolutions-IAM5[Resource::${shown(Stack.of(fn).resolve(arn))}]`]: reason });
    return [];
  };
  fn.node.addValidation({ validate });
}

/** Acknowledges rules for all policies of a function's role. The CDK creates some of them below the role and some below the function, depending on a feature flag. */
export function acknowledgePolicies(fn: LambdaFunction, reasons: { readonly [ruleId: string]: string }): void {
  for (const owner of [fn, fn.role]) if (owner) acknowledge(owner, reasons);
}

/** Parts of an ARN in a template. With a known region and the feature flag for literal partitions, an ARN is one string. */
interface Intrinsics {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly 'Fn::ImportValue'?: unknown;
  readonly 'Fn::Join'?: readonly [delimiter: string, parts: readonly unknown[]];
}

/** An ARN of a template as cdk-nag writes it in a rule's id. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported, 'Fn::Join': join } = value as Intrinsics;
  if (join) return join[1].map(shown).join(join[0]);
  if (attribute) return `<${attribute.join('.')}>`;
  if (imported) return shown(imported);
  return Ref ? `<${Ref}>` : JSON.stringify(value);
}
