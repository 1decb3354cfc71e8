export { ScheduleError } from './schedule-error';
export {
  type DeliveryAnswer,
  type ScheduleFailure,
  ScheduleService,
  type ScheduleServiceOptions,
  type ScheduleSpec,
  type ScheduleState,
  type ScheduleTarget,
  type StartedRun,
} from './schedule-service';
export { type RuleTarget, type ScheduleRule, Scheduler, type SchedulerOptions } from './scheduler';
