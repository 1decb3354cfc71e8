/** Domains of AWS's endpoints in a partition. */
interface Domains {
  readonly standard: string;
  /** Domain of endpoints that support IPv4 and IPv6. */
  readonly dualStack: string;
}

const AWS: Domains = { standard: 'amazonaws.com', dualStack: 'api.aws' };

/** Domains by partition. A test compares them with the SDK, whose own data would add 8 KB to each cold start. */
const PARTITIONS: Readonly<Record<string, Domains>> = {
  aws: AWS,
  'aws-cn': { standard: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn' },
  'aws-eusc': { standard: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu' },
  'aws-iso': { standard: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov' },
  'aws-iso-b': { standard: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud' },
  'aws-iso-e': { standard: 'cloud.adc-e.uk', dualStack: 'api.cloud-aws.adc-e.uk' },
  'aws-iso-f': { standard: 'csp.hci.ic.gov', dualStack: 'api.aws.hci.ic.gov' },
  'aws-us-gov': AWS,
};

/** Region prefixes, with the partition to which such regions belong. All other regions belong to `aws`. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['us-gov-', 'aws-us-gov'],
];

/**
 * Returns a service's public endpoint in a region, as the AWS SDK builds it. The endpoint depends on the partition, on `AWS_USE_FIPS_ENDPOINT` and on
 * `AWS_USE_DUALSTACK_ENDPOINT`.
 */
export function endpointOf(
  service: string,
  region: string,
  env: Readonly<Record<string, string | undefined>> = {},
): string {
  const { standard, dualStack } = domainsOf(region);
  const host = isOn(env.AWS_USE_FIPS_ENDPOINT) ? `${service}-fips` : service;
  return `https://${host}.${region}.${isOn(env.AWS_USE_DUALSTACK_ENDPOINT) ? dualStack : standard}`;
}

function domainsOf(region: string): Domains {
  const partition = PREFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
  return PARTITIONS[partition] ?? AWS;
}

const isOn = (value: string | undefined): boolean => value === 'true';
