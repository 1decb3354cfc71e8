import { readFileSync } from 'node:fs';
import https from 'node:https';
import { dirname, join } from 'node:path';
import { endpointOf } from '../../../lambda-src/aws/endpoint';
import { LambdaFunctions } from '../../../lambda-src/aws/lambda-invoke';

interface Partition {
  readonly id: string;
  readonly outputs: { readonly dnsSuffix: string; readonly dualStackDnsSuffix: string };
  readonly regions: Readonly<Record<string, unknown>>;
}

/** Returns the partitions of the installed SDK. The SDK does not export them in a stable way. */
function partitionsOfSdk(): Partition[] {
  const core = dirname(require.resolve('@aws-sdk/core/package.json'));
  const file = readFileSync(join(core, 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'), 'utf8');
  return (JSON.parse(file.slice(file.indexOf('{'), file.lastIndexOf('}') + 1)) as { partitions: Partition[] })
    .partitions;
}

const REGIONS = partitionsOfSdk().flatMap(({ id, outputs, regions }) =>
  Object.keys(regions)
    .filter((region) => !region.endsWith('-global'))
    .map((region) => ({ id, region, ...outputs })),
);

test('the SDK knows the regions of all eight partitions', () => {
  expect(REGIONS.length).toBeGreaterThan(40);
  expect([...new Set(REGIONS.map(({ id }) => id))].sort()).toEqual([
    'aws',
    'aws-cn',
    'aws-eusc',
    'aws-iso',
    'aws-iso-b',
    'aws-iso-e',
    'aws-iso-f',
    'aws-us-gov',
  ]);
});

test.each(REGIONS)('endpoints of $region are those of the SDK', ({ region, dnsSuffix, dualStackDnsSuffix }) => {
  const fips = { AWS_USE_FIPS_ENDPOINT: 'true' };
  const dualStack = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
  expect(endpointOf('lambda', region)).toBe(`https://lambda.${region}.${dnsSuffix}`);
  expect(endpointOf('lambda', region, { AWS_USE_FIPS_ENDPOINT: 'false' })).toBe(
    `https://lambda.${region}.${dnsSuffix}`,
  );
  expect(endpointOf('lambda', region, fips)).toBe(`https://lambda-fips.${region}.${dnsSuffix}`);
  expect(endpointOf('lambda', region, dualStack)).toBe(`https://lambda.${region}.${dualStackDnsSuffix}`);
  expect(endpointOf('lambda', region, { ...fips, ...dualStack })).toBe(
    `https://lambda-fips.${region}.${dualStackDnsSuffix}`,
  );
});

test.each([
  ['arn:aws-iso:lambda:us-iso-east-1:123456789012:function:quote', {}, 'lambda.us-iso-east-1.c2s.ic.gov'],
  ['arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:quote', {}, 'lambda.eusc-de-east-1.amazonaws.eu'],
  [
    'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:quote',
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    'lambda-fips.us-gov-west-1.amazonaws.com',
  ],
  ['quote', { AWS_REGION: 'cn-north-1' }, 'lambda.cn-north-1.amazonaws.com.cn'],
])('the function %s is invoked in its own region', async (name, environment, host) => {
  const send = jest.spyOn(https, 'request').mockImplementation(() => {
    throw new Error('no network');
  });
  const functions = new LambdaFunctions({ AWS_REGION: 'us-east-1', ...environment });
  await functions.invoke(name, '{}', new AbortController().signal);
  expect(String(send.mock.calls[0]?.[0])).toContain(`https://${host}/`);
  send.mockRestore();
});
