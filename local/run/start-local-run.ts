import { type Assembly, loadAssembly, type Resource } from '../emulator/assembly';
import { type Door, EntryPoint, hostRule } from '../emulator/http';
import { apisOf } from '../operations/api-tables';
import { createContext, type RunContext } from './context';
import { customAddresses, webSocketApiIds } from './from-template/apis';
import { findByName, type Named } from './from-template/find-by-name';
import { tokenVerifiers } from './from-template/issuers';
import { tableProblems } from './from-template/tables';
import { takesVisitors } from './from-template/visitors';
import { Endpoints, PATHS } from './http/endpoints';
import { mountServices } from './http/mount-services';
import { type Services, startServices } from './services';
import { startRunConsole } from './start-console';
import { startEventSources, startRules, startTimedRules } from './start-event-sources';
import { type RunningFunctions, startFunctions } from './start-functions';
import { type RunningGateway, startGateways } from './start-gateways';
import { startSchedules } from './start-schedules';
import type { LocalRun, LocalRunOptions, RunningSchedules } from './types';

const DEFAULT_PORT = 4000;
const LOOPBACK = '127.0.0.1';

/**
 * Runs a synthesized application on this machine. Only the assembly determines what runs.
 *
 * @throws AssemblyError if the assembly cannot be read or resolved
 * @throws Error if a part cannot start; the parts that had started are ended
 */
export async function startLocalRun(options: LocalRunOptions): Promise<LocalRun> {
  if (options.state && options.dynamodb === 'local')
    throw new Error('DynamoDB Local cannot store its state: remove `state`');
  const context = createContext(options);
  try {
    return await start(context);
  } catch (error) {
    await context.closers.closeAll(context.log);
    throw error;
  }
}

/** Starts the parts of the run. Each part starts after the parts that it needs. */
async function start(context: RunContext): Promise<LocalRun> {
  const { assembly, options } = context;
  context.step('template', `${assembly.stacks.map(({ name }) => name).join(', ')} from ${options.assemblyDir}`);
  context.warn(assembly.warnings);
  const { entryPoint, origin } = await openEntryPoint(context);
  const endpoints = new Endpoints(origin, webSocketApiIds(assembly), customAddresses(assembly));
  const verifiers = tokenVerifiers(assembly.resources);
  const services = await startServices(context, origin, verifiers);
  const functions = startFunctions(context, services, endpoints, verifiers);
  // the state stores all changes from here on
  context.kept?.state.begin();
  const gateways = startGateways(context, entryPoint, endpoints, functions);
  await startEventSources(context, services, functions);
  startRules(context, services, functions);
  startTimedRules(context, functions);
  const schedules = startSchedules(context, services, functions);
  const run = describeRun(context, { entryPoint, endpoints, services, functions, gateways, schedules });
  mountServices(context, entryPoint, run, functions.unavailable);
  startRunConsole(context, entryPoint, { services, functions, gateways, schedules });
  // closed first, so that no fault disturbs the end of the run
  context.closers.add('faults', async () => context.chaos?.close());
  entryPoint.open();
  functions.host.resumeEvents();
  openInspector(context, functions);
  return run;
}

async function openEntryPoint({
  options,
  log,
  signatures,
  closers,
  chaos,
  step,
}: RunContext): Promise<{ entryPoint: EntryPoint; origin: string }> {
  const { host = LOOPBACK, newId, clock, allows, faultOf = chaos?.faultOf } = options;
  const hosts = hostRule(host, options.allowedHosts);
  const entryPoint = new EntryPoint({ log, verifier: signatures, hosts, newId, clock, allows, faultOf });
  const port = await entryPoint.listen(options.port ?? DEFAULT_PORT, host);
  closers.add('the server', () => entryPoint.close());
  const origin = `http://${hostInUrl(host)}:${port}`;
  step('run', `listening at ${origin}`);
  return { entryPoint, origin };
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

interface Parts {
  readonly entryPoint: EntryPoint;
  readonly endpoints: Endpoints;
  readonly services: Services;
  readonly functions: RunningFunctions;
  readonly gateways: readonly RunningGateway[];
  readonly schedules: RunningSchedules;
}

function describeRun(context: RunContext, parts: Parts): LocalRun {
  const { entryPoint, endpoints, services, functions, gateways, schedules } = parts;
  const { assembly, closers, credentials, log, warnings } = context;
  const running = functions.functions.map(({ name, resource, spec: { functionName, functionArn, codeDir } }) => ({
    functionName,
    functionArn,
    name,
    address: resource.address,
    path: resource.path,
    codeDir,
    metadata: (key: string) => resource.metadata(key),
  }));
  let closing: Promise<void> | undefined;
  return {
    ...services,
    schedules,
    endpoint: endpoints.origin,
    recorder: context.recorder,
    console: context.recorder && `${endpoints.origin}${PATHS.console}`,
    url: gateways[0]?.url,
    urls: Object.fromEntries(gateways.map(({ name, url }) => [name, url])),
    outputs: localOutputs(assembly.outputs(), endpoints),
    visitors: takesVisitors(assembly),
    variables: endpoints.variables(),
    credentials: credentials.run,
    doors: () => doorsOf(entryPoint, endpoints.origin, services, functions.host),
    functions: running,
    apis: apisOf(functions.functions.map(({ spec }) => spec.environment)),
    inspected: inspectedOf(functions)?.spec.functionName,
    host: functions.host,
    gateways: gateways.map(({ gateway }) => gateway),
    warnings,
    faults: context.chaos?.plan,
    invoke: async (name, event) => {
      const target = findByName(named(functions.functions.map(({ resource }) => resource)), name, 'function');
      return functions.host.invoke(target.physicalName, event);
    },
    physicalName: (name) => findByName(named(assembly.resources), name, 'resource').physicalName,
    problemsWith: (assemblyDir) => problemsWith(context, services, assemblyDir),
    close: ({ drainMs = 0 } = {}) => {
      context.drain.ms = drainMs;
      closing ??= closers.closeAll(log);
      return closing;
    },
  };
}

/**
 * Returns the reasons why another assembly cannot use the state. Another account or Region needs another state, because
 * the names of resources contain the account and the Region.
 */
async function problemsWith(context: RunContext, { dynamodb }: Services, assemblyDir: string): Promise<string[]> {
  if (!context.kept) return ['this run keeps its state in memory'];
  const other = loadAssembly(assemblyDir);
  const environment = ({ stacks: [first] }: Assembly) => `${first?.accountId} ${first?.region}`;
  const moved = environment(other) !== environment(context.assembly);
  return moved ? ['the first stack has another account or Region'] : tableProblems(other, dynamodb);
}

function inspectedOf({ functions }: RunningFunctions): RunningFunctions['functions'][number] | undefined {
  return functions.find(({ spec }) => spec.inspectPort !== undefined);
}

/** Starts the inspected function's process before the first request, so that a debugger can attach to it. */
function openInspector({ step }: RunContext, functions: RunningFunctions): void {
  const inspected = inspectedOf(functions);
  if (!inspected) return;
  functions.host.warm(inspected.spec.functionName);
  step('inspect', `${inspected.name} at 127.0.0.1:${inspected.spec.inspectPort}; it has no time limits`);
}

function doorsOf(entryPoint: EntryPoint, origin: string, { issuer }: Services, host: RunningFunctions['host']): Door[] {
  return [...entryPoint.doors(origin), ...(issuer ? [issuer.door] : []), ...host.doors()];
}

function named(resources: readonly Resource[]): Named[] {
  return resources.map((resource) => ({
    address: resource.address,
    path: resource.path,
    physicalName: resource.ref(),
  }));
}

function localOutputs(outputs: Record<string, Record<string, string>>, endpoints: Endpoints): LocalRun['outputs'] {
  const localize = (stack: Record<string, string>) =>
    Object.fromEntries(Object.entries(stack).map(([name, value]) => [name, endpoints.localize(value)]));
  return Object.fromEntries(Object.entries(outputs).map(([name, stack]) => [name, localize(stack)]));
}
