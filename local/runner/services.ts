import type { Assembly } from '../assembly';
import { type DynamoDbEndpoint, type DynamoDbOptions, startDynamoDb, startDynamoDbLocal } from '../dynamodb';
import { EventBusService } from '../event-bus';
import { type Issuer, startIssuer } from '../issuer';
import { S3Service } from '../s3';
import { SecretsService } from '../secrets';
import { SqsService } from '../sqs';
import type { LogSink } from '../types';
import { createBuckets } from './buckets';
import { count, type RunContext } from './context';
import { PATHS } from './endpoints';
import { createBuses } from './event-buses';
import type { TokenVerifier } from './issuers';
import { createQueues } from './queues';
import { createSecrets } from './secrets';
import { createTables, replicaWarnings } from './tables';

/** What functions talk to. */
export interface Services {
  readonly dynamodb: DynamoDbEndpoint;
  readonly sqs: SqsService;
  readonly s3: S3Service;
  readonly events: EventBusService;
  readonly secrets: SecretsService;
  readonly issuer: Issuer | undefined;
}

/**
 * Starts the services and makes in them what the templates declare.
 *
 * @param origin where the run's own server is reached
 */
export async function startServices(
  context: RunContext,
  origin: string,
  verifiers: readonly TokenVerifier[],
): Promise<Services> {
  context.warn([...environmentWarnings(context.assembly), ...replicaWarnings(context.assembly)]);
  return {
    dynamodb: await startTables(context),
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

/** All stacks run in one account and Region: the first one's. */
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

async function startTables({
  options,
  clock,
  log,
  assembly,
  signatures,
  closers,
  step,
}: RunContext): Promise<DynamoDbEndpoint> {
  const settings: DynamoDbOptions = { ...environmentOf(assembly), clock, log, newId: options.newId, signatures };
  const start = options.dynamodb === 'local' ? startDynamoDbLocal : startDynamoDb;
  const dynamodb = await start(settings);
  closers.add('DynamoDB', () => dynamodb.close());
  step('dynamodb', `${count(await createTables(assembly, dynamodb), 'table')} at ${dynamodb.url}`);
  return dynamodb;
}

function startQueues({ options, clock, log, assembly, closers, step }: RunContext, origin: string): SqsService {
  const sqs = new SqsService({ ...environmentOf(assembly), baseUrl: origin, clock, log, newId: options.newId });
  closers.add('SQS', () => sqs.close());
  step('sqs', `${count(createQueues(assembly, sqs), 'queue')} at ${origin}${PATHS.sqs}`);
  return sqs;
}

function startBuckets({ clock, log, assembly, options, step }: RunContext, origin: string): S3Service {
  const s3 = new S3Service({ clock, log, newId: options.newId });
  step('s3', `${count(createBuckets(assembly, s3), 'bucket')} at ${origin}${PATHS.s3}`);
  return s3;
}

/** What a rule does is told by its target's own lines. */
function startBuses({ clock, log, assembly, options }: RunContext): EventBusService {
  const quiet: LogSink = (event) => (options.verbose || event.level !== 'info' ? log(event) : undefined);
  const buses = new EventBusService({ ...environmentOf(assembly), clock, log: quiet, newId: options.newId });
  createBuses(assembly, buses);
  return buses;
}

function startSecrets({ clock, log, assembly, options, step }: RunContext, origin: string): SecretsService {
  const secrets = new SecretsService({ clock, log, newId: options.newId });
  const made = createSecrets(assembly, secrets);
  if (made > 0) step('secrets', `${count(made, 'secret')} at ${origin}${PATHS.secrets}`);
  return secrets;
}

/** The run's own issuer stands in for those that the functions trust. */
async function issuerFor(
  { temp, log, options, clock, closers, step }: RunContext,
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
  });
  closers.add('the issuer', () => started.close());
  for (const { issuer } of issuers) step('issuer', `stands in for ${issuer}`);
  return started;
}
