import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';

/**
 * Schedule of an async action. At each time of the schedule, EventBridge Scheduler submits a request of the action.
 *
 * Each run of the schedule is one request, even if EventBridge Scheduler invokes the submit function several times for the run.
 */
export interface ActionSchedule {
  /**
   * Name of the schedule: a letter, then letters, digits, `_`, `.` or `-`, 64 characters at most. Each schedule of an action has a different name. The
   * ids of the requests are derived from the action, the name and the time.
   */
  readonly name: string;

  /**
   * Times at which requests are submitted: `ScheduleExpression.cron`, `.rate` or `.at` of aws-cdk-lib/aws-scheduler. The times have a precision of one
   * minute, in UTC or in the time zone of the expression.
   */
  readonly schedule: ScheduleExpression;

  /** User who owns the requests: 1 to 256 characters. */
  readonly user: string;

  /**
   * Tenant of the user: 1 to 256 characters.
   *
   * @default - the tenant `default`
   */
  readonly tenant?: string;

  /**
   * Input of the requests, a JSON value. In its strings, EventBridge Scheduler replaces `<aws.scheduler.scheduled-time>` by the time of the run, such as
   * `2026-03-01T05:00:00Z`. `ContextAttribute.scheduledTime` of aws-cdk-lib/aws-scheduler is a constant for this keyword.
   *
   * @default - no input
   */
  readonly input?: unknown;

  /**
   * Priority class of the requests, one of the `priorities` of the action.
   *
   * @default - the queue of requests without a class
   */
  readonly priority?: string;

  /**
   * Whether the schedule runs.
   *
   * @default true
   */
  readonly enabled?: boolean;
}
