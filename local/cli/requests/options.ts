import type { BulkOptions, OperatorMessage, PageOptions, RequestFilter } from '../../operations';
import { parseInteger, UsageError } from '../arguments';
import type { Given, OptionTable } from '../command';
import { parseTime } from './time';

export const REQUESTS_OPTIONS = {
  action: { type: 'string', value: 'name', help: 'only requests of this action' },
  tenant: {
    type: 'string',
    value: 'name',
    help: 'only requests of this tenant; fast together with --user, because an index is used',
  },
  user: { type: 'string', value: 'name', help: 'only requests of this user' },
  status: {
    type: 'string',
    value: 'status',
    help: 'only PENDING, WAITING, RUNNING, COMPLETED, FAILED or CANCELLED ones',
  },
  dead: { type: 'boolean', help: 'only dead letters: failures that are no answer of a handler (fast: uses an index)' },
  since: {
    type: 'string',
    value: 'time',
    help: 'only requests that ended, or were accepted, since then: 30m, 2h, a date',
  },
  until: { type: 'string', value: 'time', help: 'only requests that ended, or were accepted, until then' },
  limit: { type: 'string', value: 'count', help: 'at most this many (list: default 50)' },
  cursor: { type: 'string', value: 'text', help: 'list: go on where the page before ended' },
  id: {
    type: 'string',
    value: 'id',
    help: 'send: id of the message; messages with the same id are one message (default: a new id)',
  },
  reason: { type: 'string', value: 'text', help: 'cancel: the reason, which handler and client receive' },
  'dry-run': { type: 'boolean', help: 'show what would be changed, and change nothing' },
  yes: { type: 'boolean', help: 'change the requests that the filter selects; without it, this is a dry run' },
  concurrency: { type: 'string', value: 'count', help: 'requests that are changed at a time, 1 to 100 (default 10)' },
  json: { type: 'boolean', help: 'print JSON lines, for scripts' },
  stack: {
    type: 'string',
    value: 'name',
    help: 'a deployed stack, with your AWS credentials (default: the local run)',
  },
  region: { type: 'string', value: 'name', help: 'region of the stack (default: that of your AWS configuration)' },
  api: { type: 'string', value: 'name', help: 'the API, if there are several' },
} as const satisfies OptionTable;

/** Options that select the API of the requests. */
export interface ApiChoice {
  readonly stack?: string;
  readonly region?: string;
  readonly api?: string;
}

export const VERBS = ['list', 'show', 'cancel', 'redrive', 'send'] as const;
export type Verb = (typeof VERBS)[number];

export interface RequestsOptions {
  readonly verb: Verb;
  /** Keys or ids of single requests. */
  readonly names: readonly string[];
  readonly filter: RequestFilter;
  readonly page: PageOptions;
  readonly bulk: Pick<BulkOptions, 'dryRun' | 'concurrency' | 'limit'>;
  readonly where: ApiChoice;
  readonly reason?: string;
  /** Whether the command leaves the named requests unchanged and only prints what it would do. */
  readonly dryRun: boolean;
  /** The message to send. Its `data` is the unchanged argument of the command line. */
  readonly message?: Omit<OperatorMessage, 'data'> & { readonly data?: string };
  readonly json: boolean;
}

const STATUSES = ['PENDING', 'WAITING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;

/** @throws UsageError */
export function parseRequests(
  { values, positionals: [given, ...names] }: Given<typeof REQUESTS_OPTIONS>,
  now = Date.now(),
): RequestsOptions {
  const { action, tenant, user, dead, stack, region, api, cursor, yes = false, json = false } = values;
  const status = statusOf(values.status);
  const limit = parseInteger('limit', values.limit, 1, 2_500);
  const from = parseTime('since', values.since, now);
  const to = parseTime('until', values.until, now);
  const verb = verbOf(given);
  const options: RequestsOptions = {
    verb,
    ...(verb === 'send' ? messageOf(names, values.id) : { names }),
    filter: defined({ action, tenant, user, status, dead, from, to }),
    page: defined({ limit, cursor }),
    bulk: {
      ...defined({ limit, concurrency: parseInteger('concurrency', values.concurrency, 1, 100) }),
      dryRun: values['dry-run'] === true || !yes,
    },
    where: defined({ stack, region, api }),
    dryRun: values['dry-run'] === true,
    ...defined({ reason: values.reason }),
    json,
  };
  if (values.id !== undefined && verb !== 'send') throw new UsageError('--id is for send');
  checkUse(options);
  return options;
}

/** Reads the arguments of `send`: a request, a name, and optional data. */
function messageOf(
  [key, name, data, ...rest]: readonly string[],
  id: string | undefined,
): Pick<RequestsOptions, 'names' | 'message'> {
  if (key === undefined || name === undefined || rest.length > 0) {
    throw new UsageError('expected a key or id, a name and optional data: requests send <key> <name> [json]');
  }
  return { names: [key], message: { name, ...defined({ data, id }) } };
}

function verbOf(verb: string | undefined): Verb {
  const known = VERBS.find((candidate) => candidate === verb);
  if (known) return known;
  throw new UsageError(`expected ${VERBS.join(', ')}: npx cdk-streamer requests <verb>, got: ${verb ?? 'nothing'}`);
}

function statusOf(given: string | undefined): RequestFilter['status'] {
  const status = STATUSES.find((candidate) => candidate === given?.toUpperCase());
  if (status === undefined && given !== undefined)
    throw new UsageError(`--status must be ${STATUSES.join(', ')}, got: ${given}`);
  return status;
}

function checkUse({ verb, names, filter, where, reason }: RequestsOptions): void {
  if (verb === 'list' && names.length > 0) throw new UsageError(`list takes no keys, got: ${names.join(' ')}`);
  if (verb === 'show' && names.length !== 1) throw new UsageError('expected one key or id: requests show <key>');
  if (reason !== undefined && verb !== 'cancel') throw new UsageError('--reason is for cancel');
  if (where.region !== undefined && where.stack === undefined) throw new UsageError('--region needs --stack');
  if (verb === 'list' || names.length > 0) return;
  // a typing mistake must not change all requests
  if (filter.dead || filter.status !== undefined) return;
  throw new UsageError(`${verb} needs keys, or a filter with --dead or --status`);
}

const defined = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
