import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { APPS, build, minimalProps } from './support/apps';

type Violation = ReturnType<AwsSolutionsChecks['validateScope']>['violations'][number];

const describeViolation = ({ ruleName, violatingResources }: Violation) =>
  `${ruleName} on ${violatingResources.map((each) => each.constructPath).join(', ')}`;

describe.each<[name: string, pack: () => AwsSolutionsChecks | ServerlessChecks]>([
  ['AwsSolutions', () => new AwsSolutionsChecks()],
  ['Serverless', () => new ServerlessChecks()],
])('the rules of %s', (_name, pack) => {
  test.each(APPS)('the rules find nothing in the %s API', (_name, make) => {
    const { app, stack } = make();
    app.synth(); // aspects run here, and the packs read what they acknowledged
    expect(pack().validateScope(stack).violations.map(describeViolation)).toEqual([]);
  });
});

test('a wildcard that the user grants is still a finding: the library acknowledges its own only', () => {
  const { app, stack, api } = build(minimalProps());
  api.handler('generate_report').function.addToRolePolicy(
    new PolicyStatement({
      actions: ['s3:PutObject'],
      resources: ['*'],
    }),
  );
  app.synth();
  const found = new AwsSolutionsChecks().validateScope(stack).violations.map((each) => each.ruleName);
  expect(found).toEqual(['AwsSolutions-IAM5[Resource::*]']);
});
