import { type IResource, Stack, Token } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import type { StreamerDomain } from '../options/streamer-domain';
import type { IStreamerTables } from '../options/streamer-tables-options';
import type { ApiPart, PartContext } from '../parts/core';
import { TABLE_NAMES } from '../stores/schema';
import { checkTables } from '../stores/validate-tables';
import { checkEnvironments } from './environment-size';
import { refusal } from './errors';

/** The resources that one API uses and that no other API of the app may use. */
interface Claim {
  readonly api: IConstruct;
  readonly tables: IStreamerTables;
  readonly domain?: StreamerDomain;
  readonly encryptionKey?: IKey;
  readonly eventBus?: IEventBus;
  readonly webhookSecret?: ISecret;
}

/** The APIs of each app, in the order of their creation. */
const claims = new WeakMap<IConstruct, Claim[]>();

/**
 * Creates the checks at the end of synthesis. They check properties that are known only then, and resources that two APIs of one app must not share.
 */
export function createFinalChecks({ scope: api, props, tables }: PartContext): ApiPart {
  const { root } = api.node;
  const { domain, eventBus, webhook } = props;
  const { encryptionKey } = props.settings;
  const own = { api, tables, domain, encryptionKey, eventBus, webhookSecret: webhook?.secret };
  const earlier = claims.get(root) ?? [];
  claims.set(root, [...earlier, own]);
  return {
    checks: () => [
      ...checkTables(own.tables),
      ...earlier.flatMap((other) => [...sharedTables(own, other), ...sharedAddress(own, other)]),
      ...checkRegions(own),
      ...checkAccounts(own),
      ...checkEnvironments(api),
    ],
  };
}

function sharedTables(own: Claim, other: Claim): string[] {
  const shared = TABLE_NAMES.filter((name) => own.tables[name].tableArn === other.tables[name].tableArn);
  return shared.map((name) =>
    refusal(`tables.${name}`, 'belong to one API', `the table of ${other.api.node.path}`, SEPARATE_TABLES),
  );
}

const SEPARATE_TABLES = "Two APIs would run each other's requests: give each a separate `StreamerTables`";

function sharedAddress({ domain }: Claim, { api, domain: taken }: Claim): string[] {
  if (!domain || !taken || domain.domainName.name !== taken.domainName.name) return [];
  if ((domain.basePath ?? '') !== (taken.basePath ?? '')) return [];
  return [
    refusal('domain.basePath', `differ from that of ${api.node.path}, which has the same domain`, domain.basePath),
  ];
}

/** Checks that resources are in the API's region. The functions name resources without a region, and the SDK then uses the function's own region. */
function checkRegions({ api, tables, encryptionKey, eventBus, webhookSecret }: Claim): string[] {
  const all: [prop: string, resource: IResource | undefined][] = [
    ...TABLE_NAMES.map((name): [string, IResource] => [`tables.${name}`, tables[name]]),
    ['encryptionKey', encryptionKey],
    ['eventBus', eventBus],
    ['webhook.secret', webhookSecret],
  ];
  const { region } = Stack.of(api);
  return all.flatMap(([prop, resource]) => checkPlace(prop, 'region', resource?.env.region, region));
}

/** Checks that tables are in the API's account. A function receives only the name of a table, and searches for the table in its own account. */
function checkAccounts({ api, tables }: Claim): string[] {
  const { account } = Stack.of(api);
  return TABLE_NAMES.flatMap((name) => checkPlace(`tables.${name}`, 'account', tables[name].env.account, account));
}

function checkPlace(prop: string, what: string, found: string | undefined, own: string): string[] {
  if (!found || found === own || Token.isUnresolved(found) || Token.isUnresolved(own)) return [];
  return [refusal(prop, `be in the ${what} of the API, ${own}`, found)];
}
