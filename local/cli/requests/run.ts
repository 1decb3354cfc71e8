import type { BulkStep, OperatorMessage, RequestOperations, RequestReport } from '../../operations';
import { readJson } from '../client/read-json';
import { type CliIo, DONE, FAILED } from '../command';
import { connect } from './connect';
import type { RequestsOptions } from './options';
import { errorOf, reportLines, requestTable } from './table';

type Io = Pick<CliIo, 'write' | 'tell' | 'cwd' | 'shutdown' | 'readInput'>;

/** Runs `cdk-streamer requests`. @returns the exit code */
export async function runRequests(options: RequestsOptions, io: Io, connectTo = connect): Promise<number> {
  const operations = await connectTo(options.where, io.cwd);
  switch (options.verb) {
    case 'list':
      return list(operations, options, io);
    case 'show':
      return show(operations, options, io);
    case 'send':
      return send(operations, options, io);
    default:
      return options.names.length > 0
        ? changeEach(operations, options.verb, options, io)
        : changeAll(operations, options.verb, options, io);
  }
}

async function list(operations: RequestOperations, { filter, page, json }: RequestsOptions, io: Io): Promise<number> {
  const { requests, next } = await operations.list(filter, page);
  if (json) for (const request of requests) io.write(JSON.stringify(summary(request)));
  else if (requests.length > 0) for (const line of requestTable(requests, Date.now())) io.write(line);
  if (requests.length === 0) io.tell('no request matches');
  if (next !== undefined) io.tell(`there are more: --cursor '${next}'`);
  return DONE;
}

async function show(operations: RequestOperations, options: RequestsOptions, io: Io): Promise<number> {
  const report = await operations.show(await keyOf(operations, options.names[0] ?? '', options));
  if (options.json) io.write(JSON.stringify({ ...report, request: summary(report.request) }));
  else for (const line of reportLines(report, Date.now())) io.write(line);
  return DONE;
}

/** Sends one message. Invalid data is reported before the request is read. */
async function send(operations: RequestOperations, options: RequestsOptions, io: Io): Promise<number> {
  const { names, message: { name, id, data: text } = { name: '' } } = options;
  const data = (await readJson(text, io)) as OperatorMessage['data'];
  const key = await keyOf(operations, names[0] ?? '', options);
  if (options.dryRun) return announce(operations, options, key, `would send ${name} to`, io);
  const sent = await operations.send(key, {
    name,
    ...(id !== undefined && { id }),
    ...(data !== undefined && { data }),
  });
  io.write(options.json ? JSON.stringify({ key, id: sent, name }) : `the message ${sent} was sent to ${key}`);
  return DONE;
}

/** A subcommand that changes requests. */
type Change = 'cancel' | 'redrive';

const DONE_WORD = { cancel: 'cancelled', redrive: 'redriven' } as const;

/** Changes the named requests, one after another. */
async function changeEach(
  operations: RequestOperations,
  verb: Change,
  options: RequestsOptions,
  io: Io,
): Promise<number> {
  let code = DONE;
  for (const name of options.names) {
    try {
      await change(operations, verb, await keyOf(operations, name, options), options, io);
    } catch (error) {
      io.tell(`${name}: ${(error as Error).message}`);
      code = FAILED;
    }
  }
  return code;
}

async function change(
  operations: RequestOperations,
  verb: Change,
  key: string,
  options: RequestsOptions,
  io: Io,
): Promise<void> {
  if (options.dryRun) return void (await announce(operations, options, key, `would ${verb}`, io));
  const request = await operations[verb](key, options.reason);
  io.write(options.json ? JSON.stringify(summary(request)) : changedLine(verb, request));
}

/** Prints the change that the command would make to a request, and the state of the request. */
async function announce(
  operations: RequestOperations,
  { json }: RequestsOptions,
  key: string,
  would: string,
  io: Io,
): Promise<number> {
  const { request } = await operations.show(key);
  io.write(json ? JSON.stringify(summary(request)) : `${would} ${key}: ${errorOf(request)?.code ?? request.status}`);
  return DONE;
}

function changedLine(verb: Change, { requestKey, run, status }: RequestReport['request']): string {
  if (verb === 'redrive') return `${requestKey} starts run ${run}`;
  return status === 'RUNNING' ? `${requestKey} is being cancelled` : `${requestKey} is ${status}`;
}

/**
 * Changes all requests that the filter selects. Ctrl-C stops the command, which then prints the option `--until` with
 * which the same command continues.
 */
async function changeAll(
  operations: RequestOperations,
  verb: Change,
  options: RequestsOptions,
  io: Io,
): Promise<number> {
  const { filter, bulk, json, reason } = options;
  const { signal, dispose } = io.shutdown();
  const onStep = ({ request, outcome, error }: BulkStep) => {
    if (json) io.write(JSON.stringify({ key: request.requestKey, outcome, ...(error && { error: error.message }) }));
    else if (bulk.dryRun) io.write(`would ${verb} ${request.requestKey}: ${errorOf(request)?.code ?? request.status}`);
    else if (error) io.tell(`${outcome} ${request.requestKey}: ${error.message}`);
  };
  const change = verb === 'cancel' ? operations.cancelAll : operations.redriveAll;
  const report = await change(filter, { ...bulk, reason, onStep, signal });
  dispose();
  const { selected, changed, skipped, failed, to } = report;
  if (bulk.dryRun) io.tell(`${selected} selected; --yes makes the command ${verb} them`);
  else io.tell(`${DONE_WORD[verb]}: ${changed}, skipped: ${skipped}, failed: ${failed}`);
  if (signal.aborted) io.tell(`stopped: the same command with --until ${new Date(to).toISOString()} continues`);
  return failed > 0 || signal.aborted ? FAILED : DONE;
}

/** Returns the key of the request that an argument identifies: by its key, or by an id that only one request has. */
async function keyOf(operations: RequestOperations, name: string, { filter }: RequestsOptions): Promise<string> {
  if (name.includes('#')) return name;
  const { tenant, user } = filter;
  const { requests } = await operations.list({ id: name, tenant, user }, { limit: 10 });
  const [first, second] = requests;
  if (!first) throw new Error(`there is no request ${name}`);
  if (second)
    throw new Error(`several requests have the id ${name}: ${requests.map(({ requestKey }) => requestKey).join(', ')}`);
  return first.requestKey;
}

/** Returns the fields of a request that scripts need. The location of the request in the tables is left out. */
function summary(request: RequestReport['request']): object {
  const { requestKey: key, tenant, user, id, action, status, run, attempt, maxAttempts, createdAt, endedAt } = request;
  const { attempts, notBefore } = request;
  return {
    key,
    tenant,
    user,
    id,
    action,
    status,
    run,
    attempt,
    maxAttempts,
    createdAt,
    notBefore,
    endedAt,
    error: errorOf(request),
    attempts,
  };
}
