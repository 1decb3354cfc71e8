import { randomUUID } from 'node:crypto';
import { type Clock, type FunctionInvoker, type LogSink, systemClock } from '../types';
import { parseSchedule } from './schedule';
import { Timetable } from './timetable';

export interface RuleTarget {
  readonly functionName: string;
  /** `Input` of the target: a JSON string, or the value itself. @default - the scheduled event */
  readonly input?: unknown;
}

/** An `AWS::Events::Rule` with a schedule. */
export interface ScheduleRule {
  readonly ruleName: string;
  /** ARN of the rule. @default - an ARN with the rule's name in us-east-1 */
  readonly ruleArn?: string;
  readonly scheduleExpression: string;
  readonly targets: readonly RuleTarget[];
  /** Whether the rule is enabled. @default true */
  readonly enabled?: boolean;
}

export interface SchedulerOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
}

interface PreparedTarget {
  readonly functionName: string;
  readonly input?: { readonly value: unknown };
}

/** Invokes the targets of scheduled rules asynchronously when they are due. */
export class Scheduler {
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly timetable: Timetable;

  public constructor(private readonly options: SchedulerOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    this.timetable = new Timetable(this.clock);
  }

  /**
   * Adds a rule, or replaces the rule with the same name. The schedule begins now.
   *
   * @throws ScheduleError for an expression that EventBridge would refuse
   * @throws SyntaxError for an `input` that is not JSON
   */
  public addRule(rule: ScheduleRule, invoker: FunctionInvoker): void {
    const schedule = parseSchedule(rule.scheduleExpression, this.clock.now());
    const targets = rule.targets.map(prepare);
    this.timetable.cancel(rule.ruleName);
    if (rule.enabled === false) return;
    this.timetable.set(rule.ruleName, schedule, (time) => this.run(rule, targets, time, invoker));
  }

  public close(): void {
    this.timetable.close();
  }

  private run(rule: ScheduleRule, targets: readonly PreparedTarget[], time: number, invoker: FunctionInvoker): void {
    const { ruleName } = rule;
    for (const { functionName, input } of targets) {
      this.options.log({ source: 'schedule', level: 'info', message: `${ruleName} → ${functionName}` });
      invoker.invokeAsync(functionName, input ? input.value : this.scheduledEvent(rule, time));
    }
  }

  private scheduledEvent(rule: ScheduleRule, time: number): Record<string, unknown> {
    const arn = rule.ruleArn ?? `arn:aws:events:us-east-1:000000000000:rule/${rule.ruleName}`;
    const [, , , region, account] = arn.split(':');
    return {
      version: '0',
      id: this.newId(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account,
      time: `${new Date(time).toISOString().slice(0, 19)}Z`,
      region,
      resources: [arn],
      detail: {},
    };
  }
}

function prepare({ functionName, input }: RuleTarget): PreparedTarget {
  if (input === undefined) return { functionName };
  return { functionName, input: { value: typeof input === 'string' ? JSON.parse(input) : input } };
}
