import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { INERT, loadAssembly, SUPPORTED } from '../../../../local/emulator/assembly';
import { removeAssemblies, writeAssembly } from './write-assembly';

afterEach(removeAssemblies);

function warningsOf(Resources: object, rest: object = {}): readonly string[] {
  return loadAssembly(writeAssembly({ App: { template: { Resources, ...rest } } })).warnings;
}

test('a type that is not run is named once, with its resources', () => {
  expect(warningsOf({ A: { Type: 'AWS::SNS::Topic' }, B: { Type: 'AWS::SNS::Topic' } })).toEqual([
    'AWS::SNS::Topic is not run locally: App/A, App/B',
  ]);
});

test('a property that is not emulated is named with its resource, at any depth', () => {
  expect(
    warningsOf({
      F: { Type: 'AWS::Lambda::Function', Properties: { FileSystemConfigs: [{ Arn: 'a' }], Timeout: 3 } },
      R: {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: 'a', Id: 'i', EcsParameters: {} }] },
      },
    }),
  ).toEqual(['App/F.FileSystemConfigs is not emulated', 'App/R.Targets.0.EcsParameters is not emulated']);
});

test('a resource without effect on one machine is not named', () => {
  expect(
    warningsOf({
      F: { Type: 'AWS::Lambda::Function', Properties: { Architectures: ['arm64'], Role: 'r', Tags: [] } },
      K: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } },
      P: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: {} } },
      M: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
    }),
  ).toEqual([]);
});

test('a value that only AWS can provide is named if a running resource uses it', () => {
  const resources = {
    D: { Type: 'AWS::CloudFront::Distribution' },
    F: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { D: { 'Fn::GetAtt': ['D', 'DomainName'] } } } },
    },
    P: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { 'Fn::GetAtt': ['D', 'Id'] } } },
  };

  expect(warningsOf(resources)).toEqual([
    'AWS::CloudFront::Distribution is not run locally: App/D',
    'App/F.Environment.Variables.D uses DomainName of D (AWS::CloudFront::Distribution), which is not known locally',
  ]);
});

test('networks, keys and domains are left out without a warning, and so are their values', () => {
  const groups = [{ 'Fn::GetAtt': ['G', 'GroupId'] }];
  const subnets = [{ Ref: 'S' }];
  expect(
    warningsOf({
      V: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      S: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'V' } } },
      G: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: { Ref: 'V' } } },
      K: { Type: 'AWS::KMS::Key' },
      D: { Type: 'AWS::ApiGatewayV2::DomainName', Properties: { DomainName: 'ws.example.com' } },
      M: { Type: 'AWS::ApiGatewayV2::ApiMapping', Properties: { DomainName: { Ref: 'D' } } },
      R: {
        Type: 'AWS::Route53::RecordSet',
        Properties: { AliasTarget: { DNSName: { 'Fn::GetAtt': ['D', 'RegionalDomainName'] } } },
      },
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: { VpcConfig: { SecurityGroupIds: groups, SubnetIds: subnets }, KmsKeyArn: { Ref: 'K' } },
      },
    }),
  ).toEqual([]);
});

test('a value of a network that a running resource uses is named', () => {
  const Variables = { VPC: { Ref: 'V' } };
  expect(
    warningsOf({
      V: { Type: 'AWS::EC2::VPC' },
      F: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } },
    }),
  ).toEqual(['App/F.Environment.Variables.VPC uses Ref of V (AWS::EC2::VPC), which is not known locally']);
});

test("a parameter's value in the Parameter Store is not known", () => {
  const Parameters = { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/b' } };
  const resources = { F: { Type: 'AWS::Lambda::Function', Properties: { Handler: { Ref: 'P' } } } };

  expect(warningsOf(resources, { Parameters })).toEqual([
    'App/F.Handler uses the SSM parameter /a/b, which is not known locally',
  ]);
});

test('a value that CloudFormation fetches from other services is named', () => {
  const Variables = { KEY: '{{resolve:secretsmanager:key}}' };
  expect(warningsOf({ F: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } } })).toEqual([
    'App/F.Environment.Variables.KEY contains a dynamic reference, which is not resolved locally',
  ]);
});

test('macros are named, except the one whose functions are supported', () => {
  const resources = { F: { Type: 'AWS::Lambda::Function' } };
  expect(warningsOf(resources, { Transform: ['AWS::LanguageExtensions', 'AWS::Include'] })).toEqual([
    'App: macros are not applied locally: AWS::Include',
  ]);
});

describe('the documentation', () => {
  const page = readFileSync(path.join(__dirname, '../../../../docs/fidelity/assembly.md'), 'utf8');
  /** Replaces `Replicas.*.Region` with `Replicas[].Region`. */
  const written = (paths: readonly string[]) => paths.map((property) => property.replaceAll('.*.', '[].')).join(', ');

  test.each([...SUPPORTED])('the documentation lists the properties of %s that are read', (type, { read, ignored }) => {
    expect(page).toContain(`| \`${type}\` | ${written(read)} | ${written(ignored)} |`);
  });

  test.each([...INERT])('the documentation has the reason why nothing is run for %s', (type, reason) => {
    expect(page).toContain(`| \`${type}\` | ${reason} |`);
  });
});
