import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { INERT, loadAssembly, SUPPORTED } from '../../../local/assembly';
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

test('a property that is not emulated is named with its resource, wherever it lies', () => {
  expect(
    warningsOf({
      F: { Type: 'AWS::Lambda::Function', Properties: { VpcConfig: { SubnetIds: ['s'] }, Timeout: 3 } },
      R: {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: 'a', Id: 'i', InputTransformer: {} }] },
      },
    }),
  ).toEqual(['App/F.VpcConfig is not emulated', 'App/R.Targets.0.InputTransformer is not emulated']);
});

test('what changes nothing on one machine is not named', () => {
  expect(
    warningsOf({
      F: { Type: 'AWS::Lambda::Function', Properties: { Architectures: ['arm64'], Role: 'r', Tags: [] } },
      K: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: {} } },
      P: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: {} } },
      M: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
    }),
  ).toEqual([]);
});

test('a value that only AWS knows is named where a running resource uses it', () => {
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

test("a parameter's value in the Parameter Store is not known", () => {
  const Parameters = { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a/b' } };
  const resources = { F: { Type: 'AWS::Lambda::Function', Properties: { Description: { Ref: 'P' } } } };

  expect(warningsOf(resources, { Parameters })).toEqual([
    'App/F.Description uses the SSM parameter /a/b, which is not known locally',
  ]);
});

test('what CloudFormation fetches from other services is named', () => {
  const Variables = { KEY: '{{resolve:secretsmanager:key}}' };
  expect(warningsOf({ F: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } } })).toEqual([
    'App/F.Environment.Variables.KEY holds a dynamic reference, which is not resolved locally',
  ]);
});

test('macros are named, except the one whose functions are understood', () => {
  const resources = { F: { Type: 'AWS::Lambda::Function' } };
  expect(warningsOf(resources, { Transform: ['AWS::LanguageExtensions', 'AWS::Include'] })).toEqual([
    'App: macros are not applied locally: AWS::Include',
  ]);
});

describe('the documentation', () => {
  const page = readFileSync(path.join(__dirname, '../../../docs/fidelity/assembly.md'), 'utf8');
  /** `Replicas.*.Region` is written `Replicas[].Region`. */
  const written = (paths: readonly string[]) => paths.map((property) => property.replaceAll('.*.', '[].')).join(', ');

  test.each([...SUPPORTED])('says what is read of %s', (type, { read, ignored }) => {
    expect(page).toContain(`| \`${type}\` | ${written(read)} | ${written(ignored)} |`);
  });

  test.each([...INERT])('says why nothing is run for %s', (type, reason) => {
    expect(page).toContain(`| \`${type}\` | ${reason} |`);
  });
});
