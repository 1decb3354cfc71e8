import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../grants/nag';
import type { ApiPart, PartContext } from './core';

/** The role with which API Gateway writes logs. Each account and region has one such role, which all APIs share. */
class CloudWatchRole extends Construct {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    acknowledge(role, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        "API Gateway asks for this policy's permissions before it accepts an account's role",
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    // other APIs of the account continue to use the role
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}

/** Creates the role before the stage, because the stage's access log needs it. */
export function createCloudWatchRole({ scope, props, webSocket }: PartContext): ApiPart | undefined {
  if (props.cloudWatchRole) webSocket.stage.node.addDependency(new CloudWatchRole(scope, 'CloudWatchRole'));
  return undefined;
}
