export { ScheduleError } from './schedule-error';
export { type RuleTarget, type ScheduleRule, Scheduler, type SchedulerOptions } from './scheduler';
