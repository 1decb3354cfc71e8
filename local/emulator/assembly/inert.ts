/** Reason why a resource type may be left out without a warning. */
export type Inert = string;

const NETWORK = "functions run on this machine's network";
const DOMAIN = "the API is reached at this machine's address";

/**
 * Resource types that the local run leaves out on purpose, and the reasons. `*` matches any characters at the end of
 * the name.
 */
export const INERT: ReadonlyMap<string, Inert> = new Map([
  ['AWS::ApiGateway::Account', 'logs are printed here'],
  ['AWS::ApiGatewayV2::ApiMapping', DOMAIN],
  ['AWS::ApiGatewayV2::Deployment', 'the stage always runs the current template'],
  ['AWS::ApiGatewayV2::DomainName', DOMAIN],
  ['AWS::CDK::Metadata', 'lists the constructs that were used'],
  ['AWS::CertificateManager::Certificate', DOMAIN],
  ['AWS::CloudFormation::Stack', "the nested stack's resources are run"],
  ['AWS::EC2::EIP', NETWORK],
  ['AWS::EC2::EgressOnlyInternetGateway', NETWORK],
  ['AWS::EC2::FlowLog', NETWORK],
  ['AWS::EC2::InternetGateway', NETWORK],
  ['AWS::EC2::NatGateway', NETWORK],
  ['AWS::EC2::Route', NETWORK],
  ['AWS::EC2::RouteTable', NETWORK],
  ['AWS::EC2::SecurityGroup', NETWORK],
  ['AWS::EC2::SecurityGroupEgress', NETWORK],
  ['AWS::EC2::SecurityGroupIngress', NETWORK],
  ['AWS::EC2::Subnet', NETWORK],
  ['AWS::EC2::SubnetRouteTableAssociation', NETWORK],
  ['AWS::EC2::VPC', NETWORK],
  ['AWS::EC2::VPCCidrBlock', NETWORK],
  ['AWS::EC2::VPCEndpoint', NETWORK],
  ['AWS::EC2::VPCGatewayAttachment', NETWORK],
  ['AWS::Events::EventBusPolicy', 'permissions are not enforced'],
  ['AWS::IAM::*', 'permissions are not enforced'],
  ['AWS::KMS::*', 'nothing is encrypted at rest'],
  ['AWS::Lambda::Permission', 'permissions are not enforced'],
  ['AWS::Route53::*', DOMAIN],
  ['AWS::S3::BucketPolicy', 'permissions are not enforced'],
  ['AWS::SQS::QueuePolicy', 'permissions are not enforced'],
  ['AWS::SecretsManager::ResourcePolicy', 'permissions are not enforced'],
  ['Custom::LogRetention', 'logs end with the run'],
  ['Custom::S3AutoDeleteObjects', 'objects end with the run'],
  ['Custom::VpcRestrictDefaultSG', NETWORK],
]);

export function isInert(type: string): boolean {
  return INERT.has(type) || INERT.has(type.replace(/::[^:]*$/, '::*'));
}
