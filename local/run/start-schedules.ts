import { createHash } from 'node:crypto';
import { parseJsonObject } from '../emulator/http';
import { ScheduleService, type ScheduleState } from '../emulator/scheduler';
import type { RunContext } from './context';
import { findByName } from './from-template/find-by-name';
import { type FoundSchedule, schedulesOf } from './from-template/schedules';
import { outcomeOf } from './schedule-outcome';
import type { Services } from './services';
import type { RunningFunctions } from './start-functions';
import type { RunningSchedules } from './types';

/** Starts the schedules of EventBridge Scheduler. */
export function startSchedules(context: RunContext, { sqs }: Services, functions: RunningFunctions): RunningSchedules {
  const { clock, log, assembly, options, kept, closers } = context;
  const service = new ScheduleService({ clock, log, newId: options.newId, state: kept?.state.slot('schedules') });
  closers.add('the schedules', () => service.close());
  const { schedules, warnings } = schedulesOf(assembly, {
    invoker: functions.host,
    sqs,
    runs: functions.runs,
    nameOf: functions.nameOf,
  });
  context.warn(warnings);
  const added = schedules.filter((schedule) => add(context, service, schedule));
  for (const state of service.list()) context.step('schedule', describe(state));
  const actions = new Map(added.map(({ spec, action }) => [spec.name, action]));
  return {
    list: () => service.list().map(({ arn: _, ...state }) => ({ ...state, action: actions.get(state.name) })),
    run: (wanted) => {
      const named = added.map(({ resource, spec }) => ({
        address: resource.address,
        path: spec.name,
        physicalName: resource.path,
      }));
      const name = findByName(named, wanted, 'schedule').path;
      const { time, json, answer } = service.run(name);
      const requestId = requestIdOf(json);
      const functionName = added.find(({ spec }) => spec.name === name)?.functionName;
      const target = { clock, invoke: (event: unknown) => functions.host.invoke(String(functionName), event) };
      return {
        name,
        scheduledAt: time,
        requestId,
        outcome: (ms) => outcomeOf({ json, requestId, answer }, target, ms),
      };
    },
  };
}

/** Returns the id of the request that an event submits, as SERVER.md defines it for events of the submit function. */
function requestIdOf(json: string): string | undefined {
  const { type, id, key } = parseJsonObject(json) ?? {};
  if (type !== 'submit') return undefined;
  if (typeof id === 'string') return id;
  return typeof key === 'string' ? createHash('sha256').update(JSON.stringify(key)).digest('base64url') : undefined;
}

function add(context: RunContext, service: ScheduleService, { resource, spec }: FoundSchedule): boolean {
  try {
    service.add(spec);
    return true;
  } catch (error) {
    context.warn([`${resource.address} is not run: ${(error as Error).message}`]);
    return false;
  }
}

function describe({ name, expression, timeZone, enabled, nextAt }: ScheduleState): string {
  const times = `${name} at ${expression}${timeZone === undefined ? '' : ` ${timeZone}`}`;
  if (!enabled) return `${times}, disabled`;
  return `${times}, next ${nextAt === undefined ? 'never' : new Date(nextAt).toISOString()}`;
}
