import { Duration, Stack } from 'aws-cdk-lib';
import { PermissionsBoundary, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IDestination, IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METADATA, type MetadataValues } from '../contract';
import { grantSend, grantSendTo } from '../grants/encryption';
import { propertyOf } from '../handlers/names';
import { checkScheduleClasses, checkScheduleSizes } from '../handlers/schedules';
import type { ActionSchedule } from '../options/action-schedule';
import type { Settings } from '../settings';
import type { StreamerScheduleResources } from '../streamer-api-interface';
import { refusal } from '../validation/errors';
import { createFailureQueue } from './queue';
import type { StreamerFunction } from './streamer-function';

/** Time for which EventBridge Scheduler retries an invocation that Lambda did not accept. */
const MAX_EVENT_AGE = Duration.hours(6);

/** Keyword that EventBridge Scheduler replaces by the time of a run. This time is the same in all deliveries of the run. */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** The role and the dead-letter queue that all schedules of an API share. */
class ScheduleResources extends Construct implements StreamerScheduleResources {
  public readonly role: Role;
  public readonly deadLetterQueue: Queue;

  public constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    public readonly submitFunction: StreamerFunction,
  ) {
    super(scope, id);
    this.deadLetterQueue = createFailureQueue(this, settings, 'DeadLetters');
    this.role = this.createRole(settings);
    submitFunction.configureAsyncInvoke({ onFailure: this.destination(settings) });
  }

  /** Creates a role that only schedules of this account's default group can assume. */
  private createRole({ encryptionKey, functionDefaults }: Settings): Role {
    const { account } = Stack.of(this);
    const group = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule-group',
      resourceName: 'default',
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account, 'aws:SourceArn': group } },
      }),
    });
    const { permissionsBoundary } = functionDefaults;
    if (permissionsBoundary) PermissionsBoundary.of(role).apply(permissionsBoundary);
    const resources = [this.submitFunction.functionArn];
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }));
    grantSendTo(this, role, { encryptionKey }, this.deadLetterQueue);
    if (encryptionKey) {
      role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] }));
    }
    return role;
  }

  /** Whether the trust policy of the role names a group. By default, it names only the group `default`. */
  public accepts(group: unknown): boolean {
    if (group === undefined || group === 'default') return true;
    const trust = Stack.of(this).resolve(this.role.assumeRolePolicy);
    return JSON.stringify(trust).includes(`schedule-group/${String(group)}`);
  }

  /** Returns the destination of events that the submit function could not complete in any attempt. */
  private destination(settings: Settings): IDestination {
    return {
      bind: (_scope: Construct, _fn: IFunction) => {
        grantSend(this.submitFunction, settings, [this.deadLetterQueue]);
        return { destination: this.deadLetterQueue.queueArn };
      },
    };
  }
}

const GROUP_REMEDY =
  'Only schedules of the group `default` can assume the role: exclude the schedules from the aspect, or add the group to the trust policy of `api.schedules.role`';

/** Creates the schedules of an API's actions. The first schedule creates the resources that all of them share. */
export class Schedules {
  private created?: ScheduleResources;
  private readonly all: CfnSchedule[] = [];

  public constructor(
    private readonly api: Construct,
    private readonly settings: Settings,
    private readonly submitFunction: () => StreamerFunction,
  ) {}

  /** Resources of the schedules; undefined if there is no schedule. */
  public get resources(): StreamerScheduleResources | undefined {
    return this.created;
  }

  /**
   * Creates the schedules of an action.
   *
   * @param scope construct with the resources of the action
   * @param priorities priority classes of the action
   */
  public add(
    scope: Construct,
    action: string,
    schedules: readonly ActionSchedule[],
    priorities: readonly string[],
  ): void {
    if (schedules.length === 0) return;
    checkScheduleClasses(action, schedules, priorities);
    checkScheduleSizes(action, schedules, this.settings.limits);
    this.created ??= new ScheduleResources(this.api, 'Schedules', this.settings, this.submitFunction());
    const parent = new Construct(scope, 'Schedules');
    for (const schedule of schedules) this.create(parent, action, schedule, this.created);
  }

  /**
   * Returns an error for each schedule in a group that cannot assume the role. It is called at the end of synthesis, after aspects and overrides.
   */
  public validate(): string[] {
    return this.all.flatMap((schedule) => {
      const group = propertyOf(schedule, 'GroupName');
      if (this.created?.accepts(group)) return [];
      return [refusal(`GroupName of ${schedule.node.path}`, 'be absent', group, GROUP_REMEDY)];
    });
  }

  private create(scope: Construct, action: string, schedule: ActionSchedule, resources: ScheduleResources): void {
    const { name, enabled, schedule: expression } = schedule;
    const { role, deadLetterQueue, submitFunction } = resources;
    const created = new CfnSchedule(scope, name, {
      description: `Streamer: submits ${action}`,
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpression: expression.expressionString,
      scheduleExpressionTimezone: expression.timeZone?.timezoneName,
      state: (enabled ?? true) ? 'ENABLED' : 'DISABLED',
      kmsKeyArn: this.settings.encryptionKey?.keyArn,
      target: {
        arn: submitFunction.functionArn,
        roleArn: role.roleArn,
        input: Stack.of(scope).toJsonString(submission(action, schedule)),
        retryPolicy: { maximumEventAgeInSeconds: MAX_EVENT_AGE.toSeconds(), maximumRetryAttempts: 185 },
        deadLetterConfig: { arn: deadLetterQueue.queueArn },
      },
    });
    // When EventBridge Scheduler creates a schedule with a key, it checks the permissions of the role.
    created.node.addDependency(role);
    this.all.push(created);
    created.addMetadata(METADATA.schedule, { action, name } satisfies MetadataValues['schedule']);
  }
}

/**
 * Returns the event for the submit function. The key identifies the run by its time. The execution id would not identify the run, because EventBridge
 * Scheduler assigns it to each attempted invocation.
 */
function submission(action: string, { name, input, user, tenant, priority }: ActionSchedule) {
  return { type: 'submit', user, tenant, action, input, priority, key: `schedule ${action} ${name} ${SCHEDULED_TIME}` };
}
