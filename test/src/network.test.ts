import { Template } from 'aws-cdk-lib/assertions';
import { build, secureProps } from './support/apps';
import { functionOf, resource } from './support/readable';

const template = Template.fromStack(build(secureProps, undefined, 'eu-west-1').stack);

describe('functions in a network', () => {
  test.each(['Router', 'Processorsgeneratereport'])('%s is in the given subnets and security groups', (part) => {
    expect(functionOf(template, part).Properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
  });

  test.each([
    'Router',
    'Processorsgeneratereport',
  ])('%s may have network interfaces in the VPC from its creation on', (part) => {
    const { Policies } = resource(template, 'AWS::IAM::Role', `${part}FunctionRole`).Properties;
    expect(Policies[0].PolicyDocument.Statement[0].Action).toContain('ec2:CreateNetworkInterface');
  });

  test.each(['Authorizer', 'Dispatcher', 'Sweeper'])('%s needs no VPC permissions', (part) => {
    expect(functionOf(template, part).Properties.VpcConfig).toBeUndefined();
  });
});
