import { Scheduler } from '../events';
import type { LogSink } from '../types';
import { count, type RunContext } from './context';
import { deliverTo } from './destinations';
import { eventSources } from './event-sources';
import { scheduleRules } from './rules';
import type { Services } from './services';
import type { RunningFunctions } from './start-functions';

/** Starts the event source mappings. Resolves when each knows its place in its stream. */
export async function startEventSources(
  context: RunContext,
  { dynamodb, sqs }: Services,
  { host, runs }: RunningFunctions,
): Promise<void> {
  const { assembly, log, clock, options, closers } = context;
  const deliver = deliverTo(sqs, log);
  const found = { assembly, dynamodb, sqs, invoker: host, deliver, log, clock, newId: options.newId, runs };
  const { mappings, warnings } = eventSources(found);
  context.warn(warnings);
  closers.add('event source mappings', () => {
    // A mapping waits for its batches in flight, which may take minutes; they end with their functions.
    context.draining.push(...mappings.map((mapping) => mapping.stop()));
  });
  await Promise.all(mappings.map((mapping) => mapping.start()));
  if (mappings.length > 0) context.step('lambda', `polling ${count(mappings.length, 'event source')}`);
}

/** Starts the schedules. */
export function startSchedules(context: RunContext, { host, runs, nameOf }: RunningFunctions): void {
  const { clock, log, assembly, options } = context;
  // A function's own line tells of its invocation.
  const schedulerLog: LogSink = (event) => (options.verbose || event.level !== 'info' ? log(event) : undefined);
  const scheduler = new Scheduler({ clock, log: schedulerLog, newId: options.newId });
  context.closers.add('schedules', () => scheduler.close());
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
