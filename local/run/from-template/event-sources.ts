import type { Assembly, Resource } from '../../emulator/assembly';
import type { QueueMappingSpec, StreamMappingSpec } from '../../emulator/lambda/event-sources';
import { flag, functionNameOf, list, number, object, type Properties, required, seconds, text } from './properties';

const DEFAULT_STREAM_BATCH = 100;
const DEFAULT_QUEUE_BATCH = 10;

/** An event source mapping of the template. */
export type EventSource = {
  readonly resource: Resource;
  /** Name of the source in log lines: the construct's path below its stack, or the last part of the ARN. */
  readonly sourceName: string;
} & (
  | { readonly kind: 'queue'; readonly queueArn: string; readonly spec: QueueMappingSpec }
  | { readonly kind: 'stream'; readonly spec: StreamMappingSpec }
);

export interface EventSources {
  readonly sources: EventSource[];
  readonly warnings: string[];
}

/**
 * Reads the template's event source mappings. For each mapping that cannot run here, there is a warning.
 *
 * @param runs returns whether a function can run in the local run
 */
export function eventSources(assembly: Assembly, runs: (functionName: string) => boolean): EventSources {
  const warnings: string[] = [];
  const resources = assembly.resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  const sources = resources.flatMap((resource) => {
    try {
      return [eventSource(resource, assembly, runs)];
    } catch (error) {
      warnings.push(`${resource.address} is not run: ${(error as Error).message}`);
      return [];
    }
  });
  return { sources, warnings };
}

function eventSource(resource: Resource, assembly: Assembly, runs: (name: string) => boolean): EventSource {
  const properties = resource.properties();
  const arn = required(resource, 'EventSourceArn', text(properties.EventSourceArn));
  const functionName = functionNameOf(required(resource, 'FunctionName', text(properties.FunctionName)));
  if (!runs(functionName)) throw new Error(`its function ${functionName} is not run here`);
  const common = commonSpec(functionName, properties, assembly);
  const sourceName = nameOfSource(arn, assembly);
  const service = arn.split(':')[2];
  if (service === 'sqs') {
    return { kind: 'queue', resource, sourceName, queueArn: arn, spec: { ...common, ...queueSpec(properties) } };
  }
  if (service !== 'dynamodb') throw new Error(`sources of ${service} are not emulated`);
  return { kind: 'stream', resource, sourceName, spec: { ...common, ...streamSpec(properties), streamArn: arn } };
}

function queueSpec(properties: Properties) {
  return {
    batchSize: number(properties.BatchSize) ?? DEFAULT_QUEUE_BATCH,
    maximumConcurrency: number(object(properties.ScalingConfig).MaximumConcurrency),
  };
}

function streamSpec(properties: Properties) {
  return {
    batchSize: number(properties.BatchSize) ?? DEFAULT_STREAM_BATCH,
    startingPosition: startingPosition(properties),
    maximumRetryAttempts: number(properties.MaximumRetryAttempts),
    maximumRecordAgeMs: recordAge(properties),
    bisect: flag(properties.BisectBatchOnFunctionError),
    parallelizationFactor: number(properties.ParallelizationFactor),
    onFailureArn: text(object(object(properties.DestinationConfig).OnFailure).Destination),
  };
}

function commonSpec(functionName: string, properties: Properties, { resources }: Assembly) {
  const target = resources.find(({ type, ref }) => type === 'AWS::Lambda::Function' && ref() === functionName);
  const patterns = list(object(properties.FilterCriteria).Filters).map((filter) => String(object(filter).Pattern));
  return {
    functionName,
    functionArn: target?.attribute('Arn'),
    maximumBatchingWindowMs: seconds(properties.MaximumBatchingWindowInSeconds),
    filters: patterns.map((pattern): unknown => JSON.parse(pattern)),
    reportBatchItemFailures: list(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    enabled: flag(properties.Enabled),
  };
}

function startingPosition({ StartingPosition: position }: Properties): StreamMappingSpec['startingPosition'] {
  if (position === 'LATEST' || position === 'TRIM_HORIZON') return position;
  throw new Error(`StartingPosition must be LATEST or TRIM_HORIZON, got: ${String(position)}`);
}

/** Returns the maximum age of a record. In CloudFormation, -1 means that there is no limit. */
function recordAge({ MaximumRecordAgeInSeconds }: Properties): number | undefined {
  const age = number(MaximumRecordAgeInSeconds);
  return age === undefined || age < 0 ? undefined : age * 1000;
}

const SOURCE_ARNS = new Map([
  ['AWS::DynamoDB::GlobalTable', 'StreamArn'],
  ['AWS::DynamoDB::Table', 'StreamArn'],
  ['AWS::SQS::Queue', 'Arn'],
]);

function nameOfSource(arn: string, { resources }: Assembly): string {
  const source = resources.find((resource) => {
    const attribute = SOURCE_ARNS.get(resource.type);
    const hasStream = attribute === 'Arn' || resource.properties().StreamSpecification !== undefined;
    return attribute !== undefined && hasStream && resource.attribute(attribute) === arn;
  });
  return source?.path.split('/').slice(1).join('/') ?? arn.split(':').at(-1) ?? arn;
}
