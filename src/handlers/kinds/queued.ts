import { Annotations, type Duration, type Size } from 'aws-cdk-lib';
import { loadOf, type ProcessorCode, processorEntry, routerAccepts } from '../../bundling/entry';
import { ownBundle } from '../../bundling/handler-bundles';
import { findSchema, resolveModule } from '../../bundling/project';
import type { AcceptConfig, ActionConfig, CapConfig } from '../../contract';
import type { ActionSchedule } from '../../options/action-schedule';
import type { HandlerFunctionOptions } from '../../options/streamer-function-options';
import type { RetryPolicy } from '../../options/streamer-handler-options';
import { Processor, processorName } from '../../parts/processor';
import { StreamerAction } from '../../streamer-action';
import { validatePayloadSizes } from '../../validation/payloads';
import { priorityName } from '../names';
import { type BoundHandler, type HandlerHost, type HandlerKind, warnWithoutSchema } from './kind';

/** Options of all async handlers with a queue, including defaults. */
export interface QueuedOptions {
  /** Path of the module with the input's schema. */
  readonly schema?: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  /** Whether the action refuses new requests. */
  readonly retired: boolean;
  readonly retry: Required<RetryPolicy>;
  /** Milliseconds after which a request without viewers is cancelled; undefined if such a request continues. */
  readonly cancelAfterMs?: number;
  /** Longest duration of a run; undefined if there is no limit. */
  readonly deadline?: Duration;
  /** Maximum concurrency of the queue's event source mapping, at least 2. */
  readonly maxConcurrency: number;
  /** Caps of concurrent attempts, the narrowest first. */
  readonly caps: readonly CapConfig[];
  /** Maximum concurrency of the event source mapping of each priority class, by class. */
  readonly priorities: ReadonlyMap<string, number>;
  readonly progressRate: number;
  /** Largest input and result, if the action has its own limits. */
  readonly maxInputSize?: Size;
  readonly maxResultSize?: Size;
  /** Schedules that submit requests of the action. */
  readonly schedules: readonly ActionSchedule[];
}

/** An async handler in a separate function. Lambda invokes the function with the messages of its queue. */
export class QueuedHandler implements HandlerKind {
  public constructor(
    private readonly entry: string,
    private readonly options: QueuedOptions & HandlerFunctionOptions,
  ) {}

  public bind(action: string, api: HandlerHost): BoundHandler {
    const file = resolveModule(`handlers.${action}`, api.settings.projectRoot, this.entry);
    const schemaFile = schemaOf(action, api, this.options) ?? findSchema(file);
    if (!schemaFile) warnWithoutSchema(api, action, BEFORE_ACK, SCHEMA_MODULE);
    const processor = createProcessor(action, api, this.options, this.options);
    for (const statement of this.options.initialPolicy ?? []) processor.function.addToRolePolicy(statement);
    return {
      ...queuedAction(action, api, {
        options: this.options,
        processor,
        schemaFile,
        file,
        code: { load: loadOf(file) },
      }),
      file,
      result: new StreamerAction(processor.function, ...processor.queues),
    };
  }
}

/** Condition in the warning about a missing schema. Without a schema, an async request is acknowledged before its input is validated. */
export const BEFORE_ACK = ' before it is acknowledged';

const SCHEMA_MODULE = ' export a schema as `input` from a module `<handler>.schema.ts` next to the handler, or';

/** Returns the absolute path of the schema module that the options name. */
export function schemaOf(action: string, { settings }: HandlerHost, { schema }: QueuedOptions): string | undefined {
  return schema ? resolveModule(`handlers.${action}.schema`, settings.projectRoot, schema) : undefined;
}

/** Creates an action's queues, and the function that receives from them. */
export function createProcessor(
  action: string,
  api: HandlerHost,
  options: QueuedOptions,
  functionOptions: HandlerFunctionOptions,
): Processor {
  validatePayloadSizes(`handlers.${action}.`, options, api.settings.hasPayloads);
  const { scope, name: queueName } = api.place('Processors', action);
  const code = api.code(processorName(action));
  const processor = new Processor(scope, action, { ...api, action, code, options, functionOptions, queueName });
  api.names.add(processor.queue, processor.queueNames.queue);
  api.names.add(processor.deadLetterQueue, processor.queueNames.deadLetterQueue);
  api.schedules.add(processor, action, options.schedules, [...options.priorities.keys()]);
  for (const [priority, queue] of processor.priorityQueues) api.names.add(queue, priorityName(queueName, priority));
  return processor;
}

interface QueuedParts {
  readonly options: QueuedOptions & HandlerFunctionOptions;
  readonly processor: Processor;
  readonly schemaFile?: string;
  readonly file?: string;
  /** Code that runs the handler. */
  readonly code: Pick<ProcessorCode, 'load' | 'remote'>;
}

/** Describes an action with a queue for the functions that serve it. */
export function queuedAction(action: string, api: HandlerHost, parts: QueuedParts): Omit<BoundHandler, 'result'> {
  const { options, processor, schemaFile, file, code } = parts;
  if (options.retired) warnOfRetired(api, action);
  const config = actionConfig(options);
  const accept = acceptConfig(options);
  return {
    action,
    schemaFile,
    router: routerAccepts(accept, schemaFile),
    stored: { accept, retired: options.retired, queues: processor.queueNames },
    bundle: {
      ...ownBundle(action, file, options, api),
      name: processorName(action),
      entry: processorEntry({ action, config, schemaFile, ...code }),
      runtimes: code.remote ? ['processor', 'remote'] : ['processor'],
      besides: ['heartbeat.js'],
    },
    resources: processor,
  };
}

/** Settings of an async action that its processor needs. */
function actionConfig({ retry, ...options }: QueuedOptions): ActionConfig {
  return {
    maxAttempts: retry.maxAttempts,
    backoffBaseMs: retry.base.toMilliseconds(),
    backoffMaxMs: retry.cap.toMilliseconds(),
    timeoutMs: options.timeout.toMilliseconds(),
    progressRate: options.progressRate,
    ...(options.caps.length > 0 && { caps: options.caps }),
    ...(options.maxResultSize && { maxResultBytes: options.maxResultSize.toBytes() }),
  };
}

/** Settings of an async action that the router and the submitter apply to new requests. */
function acceptConfig({ retry, deadline, cancelAfterMs, priorities, maxInputSize }: QueuedOptions): AcceptConfig {
  return {
    maxAttempts: retry.maxAttempts,
    ...(deadline && { deadlineMs: deadline.toMilliseconds() }),
    ...(cancelAfterMs !== undefined && { cancelAfterMs }),
    ...(priorities.size > 0 && { priorities: [...priorities.keys()] }),
    ...(maxInputSize && { maxInputBytes: maxInputSize.toBytes() }),
  };
}

function warnOfRetired({ scope }: HandlerHost, action: string): void {
  Annotations.of(scope).addWarningV2(
    `cdk-streamer:retiredAction:${action}`,
    `\`${action}\` accepts no new requests. Remove its handler once \`metricQueueDepth\` and \`metricDeadLetters\` of \`handler('${action}')\` are 0: its queues are deleted together with their messages`,
  );
}
