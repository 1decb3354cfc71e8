import { METADATA } from '../../../src/contract';
import type { Assembly, Resource } from '../../emulator/assembly';
import type { DeliveryAnswer, ScheduleFailure, ScheduleSpec, ScheduleTarget } from '../../emulator/scheduler';
import type { SqsService } from '../../emulator/sqs';
import type { FunctionInvoker, InvokeResult } from '../../emulator/types';
import { functionNameOf, number, object, type Properties, seconds, text } from './properties';

/** The kinds of targets that schedules can have. */
export interface ScheduleTargets {
  readonly invoker: FunctionInvoker;
  readonly sqs: Pick<SqsService, 'queueByArn'>;
  /** Returns whether a function can run in the local run. */
  runs(functionName: string): boolean;
  nameOf(functionName: string): string;
}

/** A schedule of the template. */
export interface FoundSchedule {
  readonly resource: Resource;
  readonly spec: ScheduleSpec;
  /** Action whose requests the schedule submits; absent for a schedule of another kind. */
  readonly action?: string;
  /** Name of the function that the schedule invokes; absent for a queue. */
  readonly functionName?: string;
}

/** Reads the template's schedules. A schedule whose target does not run locally is left out, with a warning. */
export function schedulesOf(
  { resources }: Assembly,
  targets: ScheduleTargets,
): { readonly schedules: FoundSchedule[]; readonly warnings: string[] } {
  const warnings: string[] = [];
  const schedules = resources.flatMap((resource) => {
    if (resource.type !== 'AWS::Scheduler::Schedule') return [];
    const target = targetOf(resource, targets);
    if (target) return [foundSchedule(resource, target)];
    const arn = String(object(resource.properties().Target).Arn);
    warnings.push(
      `${resource.address} does not reach ${arn}, which is neither a function nor a queue of the local run`,
    );
    return [];
  });
  return { schedules: withUniqueNames(schedules), warnings };
}

function foundSchedule(resource: Resource, target: ScheduleTarget): FoundSchedule {
  const properties = resource.properties();
  const Target = object(properties.Target);
  const { Input, RetryPolicy } = Target;
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = object(RetryPolicy);
  const arn = resource.attribute('Arn');
  const { action, name } = object(resource.metadata(METADATA.schedule));
  return {
    resource,
    action: text(action),
    functionName: isFunction(String(Target.Arn)) ? functionNameOf(String(Target.Arn)) : undefined,
    spec: {
      name: action === undefined ? nameIn(arn) : `${String(action)}/${String(name)}`,
      arn,
      expression: String(properties.ScheduleExpression),
      timeZone: text(properties.ScheduleExpressionTimezone),
      startAt: timeOf(properties.StartDate),
      endAt: timeOf(properties.EndDate),
      enabled: properties.State !== 'DISABLED',
      input: text(Input),
      target,
      maxRetries: number(MaximumRetryAttempts),
      maxAgeMs: seconds(MaximumEventAgeInSeconds),
    },
  };
}

/** Makes the names unique. Schedules with the same name, for example in two APIs, get their addresses as names. */
function withUniqueNames(schedules: readonly FoundSchedule[]): FoundSchedule[] {
  const names = schedules.map(({ spec }) => spec.name);
  const isUnique = (name: string) => names.indexOf(name) === names.lastIndexOf(name);
  return schedules.map((found) =>
    isUnique(found.spec.name) ? found : { ...found, spec: { ...found.spec, name: found.resource.address } },
  );
}

/** Returns the name of a schedule. The name contains the group, unless the group is `default`. */
function nameIn(arn: string): string {
  const [group, name] = arn.split('/').slice(-2);
  return group === 'default' ? String(name) : `${group}/${name}`;
}

function timeOf(date: unknown): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(String(date));
  return Number.isNaN(time) ? undefined : time;
}

function targetOf(resource: Resource, targets: ScheduleTargets): ScheduleTarget | undefined {
  const target = object(resource.properties().Target);
  const reach = delivery(target, targets);
  const deadLetters = text(object(target.DeadLetterConfig).Arn);
  if (!reach || deadLetters === undefined) return reach;
  const arns = { schedule: resource.attribute('Arn'), target: String(target.Arn) };
  const onFailure = (failure: ScheduleFailure) => {
    targets.sqs.queueByArn(deadLetters).send({ body: failure.json, attributes: attributesOf(failure, arns) });
  };
  return { ...reach, onFailure };
}

function delivery(target: Properties, targets: ScheduleTargets): ScheduleTarget | undefined {
  const arn = String(target.Arn);
  if (arn.includes(':sqs:')) {
    const groupId = text(object(target.SqsParameters).MessageGroupId);
    return {
      name: arn.split(':').at(-1) ?? arn,
      deliver: (body, onAnswer) => {
        targets.sqs.queueByArn(arn).send({ body, groupId });
        onAnswer({ ok: true });
      },
    };
  }
  const functionName = functionNameOf(arn);
  if (!isFunction(arn) || !targets.runs(functionName)) return undefined;
  return {
    name: targets.nameOf(functionName),
    deliver: (json, onAnswer) =>
      targets.invoker.invokeAsync(functionName, JSON.parse(json), {}, (result) => onAnswer(answerOf(result))),
  };
}

const isFunction = (arn: string): boolean => /^arn:[^:]+:lambda:/.test(arn);

function answerOf(result: InvokeResult): DeliveryAnswer {
  if (result.ok) return { ok: true, payload: result.payload };
  const { errorType, errorMessage } = result.error;
  return { ok: false, error: { name: errorType, message: errorMessage } };
}

/** Attributes of a dead letter of EventBridge Scheduler. */
function attributesOf({ error, retries }: ScheduleFailure, arns: { schedule: string; target: string }) {
  const values = {
    ERROR_CODE: error.name,
    ERROR_MESSAGE: error.message || error.name,
    RETRY_ATTEMPTS: String(retries),
    SCHEDULE_ARN: arns.schedule,
    TARGET_ARN: arns.target,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}
