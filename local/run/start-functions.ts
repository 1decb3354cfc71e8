import { LambdaHost } from '../emulator/lambda';
import { type LogEvent, type LogSink, systemClock } from '../emulator/types';
import { count, type RunContext } from './context';
import { deliverTo } from './from-template/destinations';
import { type LocalFunction, localFunctions, type UnavailableFunction } from './from-template/functions';
import { type TokenVerifier, verifierVariables } from './from-template/issuers';
import type { Endpoints } from './http/endpoints';
import { withInspector } from './inspect';
import { describeOutput } from './log/function-output';
import { OutputGroups } from './log/output-groups';
import type { Services } from './services';

export interface RunningFunctions {
  readonly host: LambdaHost;
  readonly functions: readonly LocalFunction[];
  /** Functions of the template that cannot run here. */
  readonly unavailable: readonly UnavailableFunction[];
  runs(functionName: string): boolean;
  /** Name of a function in log lines. */
  nameOf(functionName: string): string;
}

/** Registers the template's functions. The process of a function starts at its first invocation. */
export function startFunctions(
  context: RunContext,
  services: Services,
  endpoints: Endpoints,
  verifiers: readonly TokenVerifier[],
): RunningFunctions {
  const { assembly, temp, clock, log, options } = context;
  const host = createHost(context);
  const found = localFunctions({
    assembly,
    temp,
    clock,
    deliver: deliverTo(services.sqs, log),
    variables: { ...endpoints.variables(), ...options.env },
    variablesOf: (resource) => verifierVariables(verifiers, resource, services.issuer),
    localize: (value) => endpoints.localize(value),
    problemOf: (runtime) => host.problemOf(runtime),
  });
  const { unavailable } = found;
  context.warn(found.warnings);
  const functions = withInspector(found.functions, options.inspect);
  for (const { spec } of functions) {
    options.sources?.runsFrom(spec.codeDir);
    host.register({ ...spec, onInvoked: (report) => context.recorder?.invoked(spec.functionName, report) });
    context.credentials.add(spec.functionName, host.credentialsOf(spec.functionName));
  }
  context.step('lambda', `${count(functions.length, 'function')}: ${functions.map(({ name }) => name).join(', ')}`);
  const names = new Map(functions.map(({ spec, name }) => [spec.functionName, name]));
  return { host, functions, unavailable, runs: (name) => names.has(name), nameOf: (name) => names.get(name) ?? name };
}

/** Logs a line of a function's output. If the terminal or the console cannot show the line, the run continues. */
function writeSafely(log: LogSink, event: LogEvent): void {
  try {
    log(event);
  } catch {
    log({ source: event.source, level: 'warn', message: '[a line of output that cannot be shown]' });
  }
}

function createHost({ options, clock, log, closers, draining, drain, kept, chaos }: RunContext): LambdaHost {
  const { sources, cwd = process.cwd(), verbose: whole } = options;
  const output = new OutputGroups((group) => {
    const tell = () => {
      for (const event of describeOutput(group, { locate: sources?.locate, cwd, whole })) writeSafely(log, event);
    };
    const waiting = sources?.ready(group.lines);
    if (waiting) void waiting.then(tell);
    else tell();
  });
  const host = new LambdaHost({
    clock,
    log,
    newId: options.newId,
    nodeFor: options.nodeFor,
    pythonFor: options.pythonFor,
    runtimeClient: options.runtimeClient,
    maxEnvironments: options.limits?.maxEnvironments,
    faults: chaos?.environments,
    state: kept && { credentials: kept.state.slot('credentials'), events: kept.state.slot('events') },
    onOutput: (functionName, line, origin) => output.add(functionName, line, origin),
  });
  closers.add('functions', async () => {
    if (drain.ms > 0) await within(drain.ms, Promise.all(draining));
    await host.close();
    await Promise.all(draining);
  });
  return host;
}

/** Waits for work up to a time limit. The limit is in real time, because processes do not use the virtual clock. */
function within(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = systemClock.setTimeout(resolve, ms);
    void work.finally(() => {
      systemClock.clearTimeout(timer);
      resolve();
    });
  });
}
