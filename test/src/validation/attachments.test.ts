import { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  type AsyncHandlerOptions,
  StreamerApi,
  StreamerAuth,
  StreamerHandler,
  StreamerTopic,
  StreamerWebhook,
} from '../../../src';
import { build, minimalProps } from '../support/apps';

/** Values of a wrong type, which plain JavaScript can pass, get an error of the construct and not a TypeError. */
const vpc = new Vpc(new Stack(), 'Vpc');
const wrong = <T>(value: unknown): T => value as T;

const cases: [prop: string, value: unknown, message: string][] = [
  ['codeSigningConfig', 'x', 'must be a CodeSigningConfig of aws-cdk-lib/aws-lambda'],
  ['codeSigningConfig', {}, 'must be a CodeSigningConfig of aws-cdk-lib/aws-lambda'],
  ['filesystem', 'x', 'must be a FileSystem of aws-cdk-lib/aws-lambda'],
  ['filesystem', {}, 'must be a FileSystem of aws-cdk-lib/aws-lambda'],
  ['runtimeManagementMode', 'x', 'must be a RuntimeManagementMode of aws-cdk-lib/aws-lambda'],
  ['insightsVersion', '1.0.404.0', 'must be a LambdaInsightsVersion of aws-cdk-lib/aws-lambda'],
  ['adotInstrumentation', {}, 'must be an object with `layerVersion` and `execWrapper`'],
  ['paramsAndSecrets', {}, 'must be a ParamsAndSecretsLayerVersion of aws-cdk-lib/aws-lambda'],
  ['applicationLogLevelV2', 'loud', 'must be a value of ApplicationLogLevel'],
  ['systemLogLevelV2', 'loud', 'must be a value of SystemLogLevel'],
  ['vpcSubnets', 'x', 'must be a selection of subnets'],
  ['vpcSubnets', { subnets: ['subnet-1'] }, 'must be an array of subnets of aws-cdk-lib/aws-ec2'],
];

test.each(cases)('%s of a function must have its type: %j', (prop, value, message) => {
  const options = wrong<AsyncHandlerOptions>({ vpc, [prop]: value });
  const name = message.includes('array of subnets') ? `${prop}.subnets` : prop;
  expect(() => StreamerHandler.async('handlers/report.ts', options)).toThrow(`\`${name}\` ${message}, got: `);
  for (const where of ['functionDefaults', 'router']) {
    expect(() => build({ ...minimalProps(), [where]: options })).toThrow(`\`${where}.${name}\` ${message}, got: `);
  }
});

test.each([
  'report',
  undefined,
  {},
])('a permission is granted only to a value with a principal, not to %p', (grantee) => {
  const { api } = build({ ...minimalProps(), topics: { 'news/*': StreamerTopic.readOnly() } });
  for (const method of ['grantSubmit', 'grantPublish'] as const) {
    expect(() => api[method](wrong(grantee))).toThrow(
      `\`${method}\` must be called with a function, a role or another construct with a role, got: `,
    );
  }
});

test.each<[prop: string, provoke: () => unknown]>([
  ['issuer', () => StreamerAuth.jwt(wrong({ audience: ['a'] }))],
  ['audience', () => StreamerAuth.jwt(wrong({ issuer: 'https://auth.example.com' }))],
  [
    'identitySources',
    () => StreamerAuth.custom(wrong({ functionArn: 'arn' }), { identitySources: [wrong(undefined)] }),
  ],
  ['apiId', () => StreamerApi.fromStreamerApiAttributes(new Stack(), 'Api', wrong({}))],
  ['tags.team', () => build({ ...minimalProps(), tags: { team: wrong(undefined) } })],
  ['webhook', () => StreamerWebhook.post(wrong(undefined))],
  ['handlers', () => build(minimalProps()).api.addHandler(wrong(undefined), StreamerHandler.sync('handlers/echo.ts'))],
])('an error about the absent value of %s shows that it is undefined', (prop, provoke) => {
  expect(provoke).toThrow(new RegExp(`^\`${prop}\` must [^]+, got: undefined`));
});
