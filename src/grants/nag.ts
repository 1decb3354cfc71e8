import { Aspects, CfnResource, Stack, Token, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';

/**
 * Acknowledges findings of rule packs such as cdk-nag, with the reason why each is intended.
 *
 * It writes the metadata itself, because `Validations.acknowledge()` of aws-cdk-lib 2.257 refuses ids with more than one `::`.
 */
export function acknowledge(construct: IConstruct, reasons: { readonly [ruleId: string]: string }): void {
  construct.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, reasons);
}

/**
 * Acknowledges the only wildcard that policies below `scope` need: the ids of connections, which are not known in advance.
 *
 * It uses an aspect, because the rule's id contains the API's logical id, which is final only at synthesis.
 */
export function acknowledgeConnections(scope: Construct, api: IConstruct, stageName: string): void {
  Aspects.of(scope).add({
    visit: (node: IConstruct) => {
      if (node instanceof CfnPolicy) acknowledge(node, connectionsWildcard(api, stageName));
    },
  });
}

function connectionsWildcard(api: IConstruct, stageName: string): { [ruleId: string]: string } {
  const resource = api.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) return {};
  const stack = Stack.of(api);
  const place = `${shown(stack.region, 'Region')}:${shown(stack.account, 'AccountId')}`;
  const apiId = stack.resolve(resource.logicalId);
  const arn = `arn:<AWS::Partition>:execute-api:${place}:<${apiId}>/${stageName}/POST/@connections/*`;
  return { [`AwsSolutions-IAM5[Resource::${arn}]`]: 'Connection ids are not known before they connect' };
}

/** As a rule's id shows it: a stack may know its region and account. */
const shown = (value: string, parameter: string): string => (Token.isUnresolved(value) ? `<AWS::${parameter}>` : value);
