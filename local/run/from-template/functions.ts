import * as path from 'node:path';
import type { Assembly, Resource } from '../../emulator/assembly';
import { type FunctionSpec, nodeMajor, pythonVersion } from '../../emulator/lambda';
import type { Clock, FunctionError } from '../../emulator/types';
import type { TempDir } from '../temp-dir';
import { codeFolder } from './code';
import type { Deliver } from './destinations';
import { functionNameOf, list, number, object, type Properties, required, seconds, text } from './properties';
import { shortNames } from './short-names';

const DEFAULT_TIMEOUT_MS = 3000;
const DEFAULT_MEMORY_MB = 128;
const ASYNC_RETRIES = 2;

export interface FunctionContext {
  readonly assembly: Assembly;
  readonly temp: TempDir;
  /** Environment variables for every function. They override the function's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Returns environment variables for one function. They override all others. */
  variablesOf(resource: Resource): Readonly<Record<string, string>>;
  /** Replaces addresses of AWS with those of the run. */
  localize(value: string): string;
  /** Sends a failed invocation to its destination. */
  readonly deliver: Deliver;
  readonly clock: Clock;
  /** Returns the reason why functions of a runtime cannot run here, or undefined if they can. */
  problemOf(runtime: string): string | undefined;
}

/** A function of the template with everything that is needed to register it. */
export interface LocalFunction {
  /** Path of the construct, shortened to the part that no other function has. */
  readonly name: string;
  readonly resource: Resource;
  readonly spec: FunctionSpec;
}

/** A function of the template that cannot run here. */
export interface UnavailableFunction {
  readonly functionName: string;
  readonly functionArn: string;
  /** Reason why the function cannot run, and the remedy. */
  readonly problem: string;
}

export interface LocalFunctions {
  readonly functions: LocalFunction[];
  readonly unavailable: UnavailableFunction[];
  readonly warnings: string[];
}

/** Reads the template's functions. For each function that cannot run here, there is a warning. */
export function localFunctions(context: FunctionContext): LocalFunctions {
  const warnings: string[] = [];
  const unavailable: UnavailableFunction[] = [];
  const layers = new Layers(context);
  const resources = context.assembly.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  const names = shortNames(resources.map(({ path: constructPath }) => constructPath));
  const functions = resources.flatMap((resource, i) => {
    warnings.push(...retryWarning(resource, context.assembly));
    try {
      return [{ name: names[i] ?? resource.path, resource, spec: functionSpec(resource, layers, context) }];
    } catch (error) {
      const { message: problem } = error as Error;
      warnings.push(`${resource.address} is not run: ${problem}`);
      unavailable.push({ functionName: resource.ref(), functionArn: resource.attribute('Arn'), problem });
      return [];
    }
  });
  return { functions, unavailable, warnings: [...warnings, ...layers.warnings] };
}

function functionSpec(resource: Resource, layers: Layers, context: FunctionContext): FunctionSpec {
  const properties = resource.properties();
  const codeDir = codeFolder(resource, object(properties.Code), context.temp);
  const runtime = required(resource, 'Runtime', text(properties.Runtime));
  const problem = context.problemOf(runtime);
  if (problem !== undefined) throw new Error(problem);
  return {
    functionName: resource.ref(),
    functionArn: resource.attribute('Arn'),
    codeDir,
    handler: required(resource, 'Handler', text(properties.Handler)),
    runtime,
    timeoutMs: seconds(properties.Timeout) ?? DEFAULT_TIMEOUT_MS,
    memoryMb: number(properties.MemorySize) ?? DEFAULT_MEMORY_MB,
    environment: environmentOf(resource, properties, layers.searchPath(resource, runtime), context),
    reservedConcurrency: number(properties.ReservedConcurrentExecutions),
    logGroup: text(object(properties.LoggingConfig).LogGroup),
    onFailure: onFailureOf(resource, properties, context),
  };
}

function environmentOf(
  resource: Resource,
  properties: Properties,
  searchPath: Readonly<Record<string, string>>,
  context: FunctionContext,
): Record<string, string> {
  const own = Object.entries(object(object(properties.Environment).Variables));
  return {
    ...loggingVariables(object(properties.LoggingConfig)),
    ...searchPath,
    ...Object.fromEntries(own.map(([name, value]) => [name, context.localize(String(value))])),
    ...context.variables,
    ...context.variablesOf(resource),
  };
}

/**
 * Returns the environment variables that Lambda sets for its advanced logging controls. The logger of Powertools reads
 * them.
 */
function loggingVariables({ LogFormat, ApplicationLogLevel }: Properties): Record<string, string> {
  const format = text(LogFormat);
  const level = text(ApplicationLogLevel);
  return {
    ...(format === undefined ? {} : { AWS_LAMBDA_LOG_FORMAT: format }),
    ...(level === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: level }),
  };
}

/**
 * Returns the receiver of asynchronous events that failed permanently. A destination receives a report; a dead-letter
 * queue receives the event.
 */
function onFailureOf(resource: Resource, properties: Properties, context: FunctionContext): FunctionSpec['onFailure'] {
  const config = object(invokeConfigOf(resource, context.assembly)?.properties());
  const destination = text(object(object(config.DestinationConfig).OnFailure).Destination);
  const deadLetters = text(object(properties.DeadLetterConfig).TargetArn);
  if (destination === undefined && deadLetters === undefined) return undefined;
  return (event, error) => {
    if (destination !== undefined) {
      context.deliver(destination, failureReport(resource, event, error, context.clock.now()), resource.path);
    }
    if (deadLetters !== undefined) context.deliver(deadLetters, event, resource.path);
  };
}

function invokeConfigOf(resource: Resource, assembly: Assembly): Resource | undefined {
  return assembly.resources.find(
    (candidate) =>
      candidate.type === 'AWS::Lambda::EventInvokeConfig' &&
      functionNameOf(String(candidate.properties().FunctionName)) === resource.ref(),
  );
}

/**
 * Builds the report for a destination. Its format is described in "Capturing records of Lambda asynchronous
 * invocations".
 */
function failureReport(resource: Resource, event: unknown, error: FunctionError, now: number): unknown {
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      functionArn: `${resource.attribute('Arn')}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 1 + ASYNC_RETRIES,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error,
  };
}

/**
 * Returns a warning if a function has another number of retries than Lambda's default, because the host always uses the
 * default.
 */
function retryWarning(resource: Resource, assembly: Assembly): string[] {
  const config = invokeConfigOf(resource, assembly);
  const attempts = number(config?.properties().MaximumRetryAttempts);
  return attempts === undefined || attempts === ASYNC_RETRIES
    ? []
    : [`${config?.address}.MaximumRetryAttempts is not emulated: a failed event is retried ${ASYNC_RETRIES} times`];
}

/**
 * The layers of the functions. `require` and `import` search them as on Lambda, but in separate folders instead of
 * `/opt`.
 */
class Layers {
  public readonly warnings: string[] = [];

  public constructor(private readonly context: FunctionContext) {}

  /** Returns the environment variable with which the runtime finds the contents of the layers. */
  public searchPath(resource: Resource, runtime: string): Readonly<Record<string, string>> {
    const folders = list(resource.properties().Layers).flatMap((arn) => this.folder(resource, String(arn)));
    if (folders.length === 0) return {};
    const python = pythonVersion(runtime);
    const below =
      python === undefined
        ? [path.join('nodejs', `node${nodeMajor(runtime)}`, 'node_modules'), path.join('nodejs', 'node_modules')]
        : ['python', path.join('python', 'lib', `python${python}`, 'site-packages')];
    const paths = folders.flatMap((folder) => below.map((name) => path.join(folder, name)));
    return { [python === undefined ? 'NODE_PATH' : 'PYTHONPATH']: paths.join(path.delimiter) };
  }

  private folder(resource: Resource, arn: string): string[] {
    const layer = this.context.assembly.resources.find(
      ({ type, ref }) => type === 'AWS::Lambda::LayerVersion' && ref() === arn,
    );
    if (!layer) {
      this.warnings.push(`${resource.address} runs without the layer ${arn}, which is not in the assembly`);
      return [];
    }
    return [codeFolder(layer, object(layer.properties().Content), this.context.temp)];
  }
}
