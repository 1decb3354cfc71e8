import type { Assembly, Resource } from '../assembly';
import type { DynamoDbEndpoint } from '../dynamodb';
import { QueueMapping, type QueueMappingSpec, StreamMapping, type StreamMappingSpec } from '../mappings';
import type { SqsService } from '../sqs';
import type { Clock, FunctionInvoker, LogSink } from '../types';
import type { Deliver } from './destinations';
import { flag, functionNameOf, list, number, object, type Properties, required, seconds, text } from './properties';

const DEFAULT_STREAM_BATCH = 100;
const DEFAULT_QUEUE_BATCH = 10;

export interface EventSourceContext {
  readonly assembly: Assembly;
  readonly dynamodb: DynamoDbEndpoint;
  readonly sqs: SqsService;
  readonly invoker: FunctionInvoker;
  readonly deliver: Deliver;
  readonly log: LogSink;
  readonly clock: Clock;
  readonly newId?: () => string;
  runs(functionName: string): boolean;
}

export type Mapping = Pick<StreamMapping | QueueMapping, 'start' | 'stop'>;

export interface EventSources {
  readonly mappings: Mapping[];
  readonly warnings: string[];
}

/** Makes the template's event source mappings; none is started. */
export function eventSources(context: EventSourceContext): EventSources {
  const warnings: string[] = [];
  const resources = context.assembly.resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  const mappings = resources.flatMap((resource) => {
    try {
      return [mappingOf(resource, context)];
    } catch (error) {
      warnings.push(`${resource.address} is not run: ${(error as Error).message}`);
      return [];
    }
  });
  return { mappings, warnings };
}

function mappingOf(resource: Resource, context: EventSourceContext): Mapping {
  const properties = resource.properties();
  const source = required(resource, 'EventSourceArn', text(properties.EventSourceArn));
  const functionName = functionNameOf(required(resource, 'FunctionName', text(properties.FunctionName)));
  if (!context.runs(functionName)) throw new Error(`its function ${functionName} is not run here`);
  const service = source.split(':')[2];
  if (service === 'sqs') return queueMapping(functionName, source, properties, context);
  if (service === 'dynamodb') return streamMapping(resource, functionName, source, properties, context);
  throw new Error(`sources of ${service} are not emulated`);
}

function queueMapping(name: string, queueArn: string, properties: Properties, context: EventSourceContext): Mapping {
  const spec: QueueMappingSpec = {
    ...commonSpec(name, properties, context),
    batchSize: number(properties.BatchSize) ?? DEFAULT_QUEUE_BATCH,
    maximumConcurrency: number(object(properties.ScalingConfig).MaximumConcurrency),
  };
  return new QueueMapping(spec, context.sqs.queueByArn(queueArn), context.invoker, context);
}

function streamMapping(
  resource: Resource,
  name: string,
  streamArn: string,
  properties: Properties,
  context: EventSourceContext,
): Mapping {
  const spec: StreamMappingSpec = {
    ...commonSpec(name, properties, context),
    streamArn,
    batchSize: number(properties.BatchSize) ?? DEFAULT_STREAM_BATCH,
    startingPosition: startingPosition(resource, properties),
    maximumRetryAttempts: number(properties.MaximumRetryAttempts),
    maximumRecordAgeMs: recordAge(properties),
    bisect: flag(properties.BisectBatchOnFunctionError),
    parallelizationFactor: number(properties.ParallelizationFactor),
    onFailureArn: text(object(object(properties.DestinationConfig).OnFailure).Destination),
  };
  return new StreamMapping(spec, context.dynamodb.stream(streamArn), context.invoker, {
    ...context,
    onFailure: ({ destinationArn, message }) => {
      if (destinationArn !== undefined) context.deliver(destinationArn, message, name);
    },
  });
}

function commonSpec(functionName: string, properties: Properties, { assembly }: EventSourceContext) {
  const target = assembly.resources.find(
    (resource) => resource.type === 'AWS::Lambda::Function' && resource.ref() === functionName,
  );
  return {
    functionName,
    functionArn: target?.attribute('Arn'),
    maximumBatchingWindowMs: seconds(properties.MaximumBatchingWindowInSeconds),
    filters: list(object(properties.FilterCriteria).Filters).map((filter) =>
      JSON.parse(String(object(filter).Pattern)),
    ) as unknown[],
    reportBatchItemFailures: list(properties.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    enabled: flag(properties.Enabled),
  };
}

function startingPosition(resource: Resource, { StartingPosition }: Properties): StreamMappingSpec['startingPosition'] {
  if (StartingPosition === 'LATEST' || StartingPosition === 'TRIM_HORIZON') return StartingPosition;
  throw new Error(
    `${resource.address}.StartingPosition must be LATEST or TRIM_HORIZON, got: ${String(StartingPosition)}`,
  );
}

/** -1, CloudFormation's word for "no limit", is no number of seconds. */
function recordAge({ MaximumRecordAgeInSeconds }: Properties): number | undefined {
  const age = number(MaximumRecordAgeInSeconds);
  return age === undefined || age < 0 ? undefined : age * 1000;
}
