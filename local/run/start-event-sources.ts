import { QueueMapping, StreamMapping } from '../emulator/lambda/event-sources';
import { Scheduler } from '../emulator/scheduler';
import type { LogSink } from '../emulator/types';
import { count, type RunContext } from './context';
import { deliverTo } from './from-template/destinations';
import { addBusRules } from './from-template/event-buses';
import { type EventSource, eventSources } from './from-template/event-sources';
import { scheduleRules } from './from-template/rules';
import { tellingBatches } from './log/telling-invoker';
import type { Services } from './services';
import type { RunningFunctions } from './start-functions';

type Mapping = Pick<StreamMapping | QueueMapping, 'start' | 'stop'>;

/** Starts the event source mappings. It resolves when each mapping has its position in its stream. */
export async function startEventSources(
  context: RunContext,
  services: Services,
  functions: RunningFunctions,
): Promise<void> {
  const { sources, warnings } = eventSources(context.assembly, functions.runs);
  context.warn(warnings);
  const mappings = sources.flatMap((source) => {
    try {
      return [createMapping(source, context, services, functions)];
    } catch (error) {
      context.warn([`${source.resource.address} is not run: ${(error as Error).message}`]);
      return [];
    }
  });
  context.closers.add('event source mappings', () => {
    // A mapping waits for its running batches, which may take minutes. Ending the functions ends the batches, too.
    context.draining.push(...mappings.map((mapping) => mapping.stop()));
  });
  await Promise.all(mappings.map((mapping) => mapping.start()));
  context.step('lambda', `polling ${count(mappings.length, 'event source')}`);
}

function createMapping(
  source: EventSource,
  { log, clock, options, kept, chaos }: RunContext,
  { dynamodb, sqs }: Services,
  { host }: RunningFunctions,
): Mapping {
  const { functionName } = source.spec;
  const telling = tellingBatches(host, (records) =>
    log({ source: functionName, level: 'info', message: `${count(records, 'record')} of ${source.sourceName}` }),
  );
  if (source.kind === 'queue') {
    const queue = sqs.queueByArn(source.queueArn);
    const invoker = chaos?.mapping({ kind: 'queue', fifo: queue.spec.fifo }, telling) ?? telling;
    return new QueueMapping(source.spec, queue, invoker, { log, clock });
  }
  const mayLose = (source.spec.maximumRetryAttempts ?? -1) >= 0;
  const invoker = chaos?.mapping({ kind: 'stream', mayLose }, telling) ?? telling;
  const deliver = deliverTo(sqs, log);
  return new StreamMapping(source.spec, dynamodb.stream(source.spec.streamArn), invoker, {
    positions: kept?.positions.of(source.resource.address, source.spec.streamArn),
    log,
    clock,
    newId: options.newId,
    onFailure: ({ destinationArn, message }) => {
      if (destinationArn !== undefined) deliver(destinationArn, message, functionName);
    },
  });
}

/** Connects the rules of event buses to their targets. */
export function startRules(context: RunContext, { sqs, events }: Services, functions: RunningFunctions): void {
  const { added, warnings } = addBusRules(context.assembly, events, {
    invoker: functions.host,
    runs: functions.runs,
    nameOf: functions.nameOf,
    send: (queueArn, body, groupId) => {
      sqs.queueByArn(queueArn).send({ body, groupId });
    },
    deliver: deliverTo(sqs, context.log),
  });
  context.warn(warnings);
  for (const { ruleName, busName, targets } of added) {
    context.step('events', `${targets.map(({ name }) => name).join(', ')} by ${ruleName} of the bus ${busName}`);
  }
}

/** Starts the rules on a schedule. */
export function startTimedRules(context: RunContext, { host, runs, nameOf }: RunningFunctions): void {
  const { clock, log, assembly, options } = context;
  // a function logs its own invocations
  const schedulerLog: LogSink = (event) => (options.verbose || event.level !== 'info' ? log(event) : undefined);
  const scheduler = new Scheduler({ clock, log: schedulerLog, newId: options.newId });
  context.closers.add('rules on a schedule', () => scheduler.close());
  const { rules, warnings } = scheduleRules(assembly, runs);
  context.warn(warnings);
  for (const { resource, rule } of rules) {
    try {
      scheduler.addRule(rule, host);
      const names = rule.targets.map(({ functionName }) => nameOf(functionName));
      context.step('events', `${names.join(', ')} at ${rule.scheduleExpression}`);
    } catch (error) {
      context.warn([`${resource.address} is not run: ${(error as Error).message}`]);
    }
  }
}
