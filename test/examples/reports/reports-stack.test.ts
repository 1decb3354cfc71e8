import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ReportsStack } from '../../../examples/reports/reports-stack';

let template: Template;
beforeAll(() => {
  template = Template.fromStack(new ReportsStack(new App(), 'Reports'));
});

/** Logical ids of the roles whose policies name an S3 action. */
function rolesWithS3(): string[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter((policy) => JSON.stringify(policy.Properties.PolicyDocument).includes('s3:'))
    .flatMap((policy) => policy.Properties.Roles.map(({ Ref }: { Ref: string }) => Ref));
}

test('only the report’s role may use the bucket', () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const withBucket = functions.filter(({ Properties }) => Properties.Environment?.Variables?.REPORTS_BUCKET);
  expect(withBucket).toHaveLength(1);
  expect(rolesWithS3()).toEqual([withBucket[0].Properties.Role['Fn::GetAtt'][0]]);
});

test('the bucket is private, encrypted, TLS only, and forgets', () => {
  template.hasResourceProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: Match.objectLike({}),
    LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 7, Status: 'Enabled' })] },
    CorsConfiguration: { CorsRules: [Match.objectLike({ AllowedMethods: ['GET'] })] },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]),
    },
  });
});

test('the address is an output', () => {
  template.hasOutput('Url', { Value: Match.objectLike({ 'Fn::Join': Match.anyValue() }) });
});
