import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { APPS, type Built, build, maximalProps, minimalProps } from './support/apps';
import { flagsReadBy, TEMPLATE_FLAGS } from './support/flags';

type Violation = ReturnType<AwsSolutionsChecks['validateScope']>['violations'][number];

const describeViolation = ({ ruleName, violatingResources }: Violation) =>
  `${ruleName} on ${violatingResources.map((each) => each.constructPath).join(', ')}`;

const PACKS: readonly [name: string, pack: () => AwsSolutionsChecks | ServerlessChecks][] = [
  ['AwsSolutions', () => new AwsSolutionsChecks()],
  ['Serverless', () => new ServerlessChecks()],
];

/**
 * Returns the findings of all rule packs. The app is synthesized before, as for a plugin of the CDK, because aspects and validations acknowledge
 * rules.
 */
function findingsIn({ app, stack }: Built): string[] {
  app.synth();
  return PACKS.flatMap(([, pack]) => pack().validateScope(stack).violations.map(describeViolation));
}

// With the flag `annotationsInValidationReport`, the CDK prints a report of all warnings, which the test hides.
beforeEach(() => jest.spyOn(console, 'error').mockImplementation());
afterEach(() => jest.restoreAllMocks());

/**
 * Regions of the tested stacks: no region, a commercial one and one of China. If the region is known, the flag for literal partitions changes ARNs.
 */
const REGIONS = [undefined, 'eu-central-1', 'cn-north-1'];

describe.each(REGIONS)('the rules in a stack of the region %s', (region) => {
  test.each(APPS)('the rules find nothing in the %s API', (_name, make) => {
    expect(findingsIn(make(region))).toEqual([]);
  });

  test.each(
    APPS,
  )('the rules find nothing in the %s API with the feature flags of `cdk-streamer init`', (_name, make) => {
    expect(findingsIn(make(region, TEMPLATE_FLAGS))).toEqual([]);
  });

  test.each([
    ['no feature flags', {}],
    ['those of `cdk-streamer init`', TEMPLATE_FLAGS],
  ])('the rules find nothing in handlers of nested stacks with %s', (_name, flags) => {
    const context = { 'aws:cdk:bundling-stacks': [], ...flags };
    expect(findingsIn(build((stack) => ({ ...maximalProps(stack), handlerStacks: 2 }), context, region))).toEqual([]);
  });
});

const FLAGS = flagsReadBy(() => APPS.map(([, make]) => make('eu-central-1').app.synth()));

test('the apps read the feature flag for literal partitions', () => {
  expect(FLAGS.map(([name]) => name)).toContain('@aws-cdk/core:enablePartitionLiterals');
});

const [, [, makeMaximal]] = APPS;

/** A flag that the template of `cdk-streamer init` sets to `false`, as the CDK recommends. */
const NEW_POLICIES = '@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy';

test.each([
  ...FLAGS,
  [NEW_POLICIES, { [NEW_POLICIES]: true }] as const,
])('the rules find nothing in the maximal API with the feature flag %s alone: %j', (_name, flags) => {
  expect(findingsIn(makeMaximal('eu-central-1', flags))).toEqual([]);
});

test('a wildcard that the user grants is still a finding: the library acknowledges only its own wildcards', () => {
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
