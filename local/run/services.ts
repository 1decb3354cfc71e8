import type { Assembly } from '../emulator/assembly';
import { createDynamoDb, createDynamoDbLocal, type DynamoDbEndpoint, type DynamoDbOptions } from '../emulator/dynamodb';
import { EventBusService } from '../emulator/eventbridge';
import { type Issuer, startIssuer } from '../emulator/oidc-issuer';
import { S3Service } from '../emulator/s3';
import { SecretsService } from '../emulator/secrets-manager';
import { SqsService } from '../emulator/sqs';
import type { LogSink } from '../emulator/types';
import { count, FRESH_COMMAND, type RunContext } from './context';
import { applyBuckets } from './from-template/buckets';
import { createBuses } from './from-template/event-buses';
import type { TokenVerifier } from './from-template/issuers';
import { applyQueues } from './from-template/queues';
import { createSecrets } from './from-template/secrets';
import { applyTables, replicaWarnings, tableProblems } from './from-template/tables';
import { PATHS } from './http/endpoints';

/** The emulated services that the functions of a run use. */
export interface Services {
  readonly dynamodb: DynamoDbEndpoint;
  readonly sqs: SqsService;
  readonly s3: S3Service;
  readonly events: EventBusService;
  readonly secrets: SecretsService;
  readonly issuer: Issuer | undefined;
}

/**
 * Starts the services and creates the resources of the templates in them.
 *
 * @param origin origin of the run's own server
 */
export async function startServices(
  context: RunContext,
  origin: string,
  verifiers: readonly TokenVerifier[],
): Promise<Services> {
  context.warn([...environmentWarnings(context.assembly), ...replicaWarnings(context.assembly)]);
  return {
    dynamodb: await startTables(context, origin),
    sqs: startQueues(context, origin),
    s3: startBuckets(context, origin),
    events: startBuses(context),
    secrets: startSecrets(context, origin),
    issuer: await issuerFor(context, verifiers),
  };
}

interface Environment {
  readonly accountId: string;
  readonly region: string;
}

/** Returns the account and the Region of the first stack. All stacks run in this account and Region. */
function environmentOf({ stacks }: Assembly): Environment {
  const [first] = stacks;
  return { accountId: first?.accountId ?? '000000000000', region: first?.region ?? 'us-east-1' };
}

function environmentWarnings(assembly: Assembly): string[] {
  const { accountId, region } = environmentOf(assembly);
  return assembly.stacks
    .filter((stack) => stack.accountId !== accountId || stack.region !== region)
    .map(({ name }) => `${name} is run in ${region} of account ${accountId}, as the first stack is`);
}

async function startTables(context: RunContext, origin: string): Promise<DynamoDbEndpoint> {
  const { options, clock, log, assembly, closers, kept, chaos, step } = context;
  const settings: DynamoDbOptions = { ...environmentOf(assembly), clock, log, newId: options.newId };
  const state = kept && { slot: kept.state.slot('dynamodb'), doneUpTo: kept.positions.doneUpTo.bind(kept.positions) };
  const database =
    options.dynamodb === 'local'
      ? await createDynamoDbLocal(settings)
      : createDynamoDb({ ...settings, state, indexLagMs: chaos && (() => chaos.indexLagMs()) });
  const dynamodb = { ...database, url: `${origin}${PATHS.dynamodb}` };
  closers.add('DynamoDB', () => dynamodb.close());
  await checkTables(assembly, dynamodb);
  const { count: tables, changes } = await applyTables(assembly, dynamodb);
  reportRemoved(context, changes);
  step('dynamodb', `${count(tables, 'table')} at ${dynamodb.url}`);
  return dynamodb;
}

/**
 * Checks the tables of the last run.
 *
 * @throws Error if they cannot be changed to those of the template
 */
async function checkTables(assembly: Assembly, dynamodb: DynamoDbEndpoint): Promise<void> {
  const problems = await tableProblems(assembly, dynamodb);
  if (problems.length === 0) return;
  throw new Error(
    `the state of the last run does not match the app: ${problems.join('; ')}. Begin with an empty state: ${FRESH_COMMAND}`,
  );
}

/** Logs which resources were removed. New resources are not logged. */
function reportRemoved({ log }: RunContext, changes: readonly string[]): void {
  for (const message of changes.filter((change) => change.includes(' removed '))) {
    log({ source: 'state', level: 'warn', message: `${message}: it is no longer in the template` });
  }
}

function startQueues(context: RunContext, origin: string): SqsService {
  const { options, clock, log, assembly, closers, kept, step } = context;
  const common = { clock, log, newId: options.newId, state: kept?.state.slot('sqs') };
  const sqs = new SqsService({ ...environmentOf(assembly), ...common, baseUrl: origin });
  closers.add('SQS', () => sqs.close());
  const { count: queues, changes } = applyQueues(assembly, sqs);
  reportRemoved(context, changes);
  step('sqs', `${count(queues, 'queue')} at ${origin}${PATHS.sqs}`);
  return sqs;
}

function startBuckets(context: RunContext, origin: string): S3Service {
  const { clock, log, assembly, options, kept, step } = context;
  const state = kept && { slot: kept.state.slot('s3'), blobs: kept.state.blobs };
  const s3 = new S3Service({ clock, log, newId: options.newId, state });
  const { count: buckets, changes } = applyBuckets(assembly, s3);
  reportRemoved(context, changes);
  step('s3', `${count(buckets, 'bucket')} at ${origin}${PATHS.s3}`);
  return s3;
}

/** Starts the event buses. They do not log rules, because the targets of a rule log its effect. */
function startBuses({ clock, log, assembly, options }: RunContext): EventBusService {
  const quiet: LogSink = (event) => (options.verbose || event.level !== 'info' ? log(event) : undefined);
  const buses = new EventBusService({ ...environmentOf(assembly), clock, log: quiet, newId: options.newId });
  createBuses(assembly, buses);
  return buses;
}

function startSecrets({ clock, log, assembly, options, kept, step }: RunContext, origin: string): SecretsService {
  const secrets = new SecretsService({ clock, log, newId: options.newId, state: kept?.state.slot('secrets') });
  const made = createSecrets(assembly, secrets);
  if (made > 0) step('secrets', `${count(made, 'secret')} at ${origin}${PATHS.secrets}`);
  return secrets;
}

/** Returns the run's own issuer. It replaces the issuers that the functions trust. */
async function issuerFor(
  { temp, log, options, clock, closers, kept, step }: RunContext,
  verifiers: readonly TokenVerifier[],
): Promise<Issuer | undefined> {
  if (verifiers.length === 0) return undefined;
  const issuers = verifiers.map(({ issuer, audience, tenantClaim }) => ({ issuer, audience, tenantClaim }));
  const started = await startIssuer({
    issuers,
    host: options.host,
    allowedHosts: options.allowedHosts,
    tlsDir: temp.folder('tls'),
    log,
    clock,
    newId: options.newId,
    state: kept?.state.slot('issuer'),
  });
  closers.add('the issuer', () => started.close());
  for (const { issuer } of issuers) step('issuer', `replaces ${issuer}`);
  return started;
}
