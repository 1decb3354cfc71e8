import { type TimeZone, Token } from 'aws-cdk-lib';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { BOUNDS } from '../contract';
import type { ActionSchedule } from '../options/action-schedule';
import { brokenCronRule } from '../validation/cron';
import { reject } from '../validation/errors';
import { validateJson } from '../validation/json';
import {
  isAbsent,
  type PropNames,
  refuseToken,
  refuseUnknownProps,
  validateBoolean,
  validateObject,
  validatePattern,
} from '../validation/rules';

const SCHEDULE_PROPS: PropNames<ActionSchedule> = {
  name: true,
  schedule: true,
  user: true,
  tenant: true,
  input: true,
  priority: true,
  enabled: true,
};

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const NAME_FORM = "be a letter, then letters, digits, '_', '.' or '-', at most 64 characters";
const OWNER_FORM = `be a string of 1 to ${BOUNDS.nameChars} characters`;

/** Pattern of the three kinds of expressions. */
const EXPRESSION = /^(rate\([1-9]\d* (minute|hour|day)s?\)|cron\(\S+( \S+){5}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$/;

const USE =
  "For example `{ name: 'nightly', schedule: ScheduleExpression.cron({ hour: '3', minute: '0' }), user: 'nightly' }`";

/** Keywords whose values may differ between two deliveries of the same run. The input must not differ, because the run is one request. */
const PER_INVOCATION = /<aws\.scheduler\.(?:execution-id|attempt-number)>/;

/** Refuses schedules that cannot run. */
export function validateSchedules(
  schedules: readonly ActionSchedule[] | undefined,
  retired: boolean | undefined,
): void {
  if (isAbsent(schedules)) return;
  if (!Array.isArray(schedules)) reject('schedules', 'be an array', schedules, `${USE} in an array`);
  for (const [i, schedule] of schedules.entries()) {
    validateSchedule(`schedules[${i}]`, schedule);
    refuseSameName(schedules, i);
  }
  if (retired && schedules.length > 0) {
    reject('schedules', 'have no entry if `retired` is true', schedules.length, 'The action accepts no new requests');
  }
}

function refuseSameName(schedules: readonly ActionSchedule[], i: number): void {
  const { name } = schedules[i];
  if (schedules.findIndex((each) => each?.name === name) === i) return;
  reject(`schedules[${i}].name`, 'differ from the names of the other schedules of the action', name);
}

function validateSchedule(at: string, schedule: ActionSchedule): void {
  validateObject(at, schedule, 'be an object with `name`, `schedule` and `user`', USE);
  refuseUnknownProps(SCHEDULE_PROPS, `${at}.`, schedule);
  const { name, user, tenant, enabled, input } = schedule;
  refuseToken(`${at}.name`, name, 'Use a constant: the ids of the requests are derived from it');
  refuseToken(`${at}.priority`, schedule.priority, 'Use one of the `priorities` of the action');
  if (isAbsent(name)) reject(`${at}.name`, NAME_FORM, name);
  validatePattern(`${at}.name`, name, NAME, NAME_FORM);
  if (name in Object.prototype) reject(`${at}.name`, 'be a name that no JavaScript object inherits', name);
  if (isAbsent(user)) reject(`${at}.user`, OWNER_FORM, user);
  validateOwner(`${at}.user`, user);
  validateOwner(`${at}.tenant`, tenant);
  validateBoolean(`${at}.enabled`, enabled);
  validateExpression(`${at}.schedule`, schedule.schedule);
  if (!isAbsent(input)) validateInput(`${at}.input`, input);
}

function validateOwner(prop: string, value: string | undefined): void {
  validatePattern(prop, value, /./su, OWNER_FORM);
  if (isAbsent(value) || Token.isUnresolved(value)) return;
  if (value.length > BOUNDS.nameChars) reject(prop, OWNER_FORM, value);
  if (/\p{Surrogate}/u.test(value)) reject(prop, 'have no lone surrogate', value);
  // EventBridge Scheduler replaces its keywords also in the identity, and each delivery of a run would then belong to another user
  const [keyword] = /<aws\.scheduler\.[a-z-]+>/.exec(value) ?? [];
  if (keyword) reject(prop, 'contain no keyword of EventBridge Scheduler', keyword, 'Use keywords in `input`');
}

function validateExpression(prop: string, expression: ScheduleExpression): void {
  const text = expression?.expressionString;
  const remedy = 'Use `ScheduleExpression.cron`, `.rate` or `.at` of aws-cdk-lib/aws-scheduler';
  if (typeof text !== 'string') reject(prop, 'be a ScheduleExpression', expression, remedy);
  const form = 'be `rate(value unit)`, `cron(…)` with six fields, or `at(yyyy-mm-ddThh:mm:ss)`';
  if (!Token.isUnresolved(text)) {
    if (!EXPRESSION.test(text)) reject(prop, form, text, remedy);
    const rule = text.startsWith('cron(') ? brokenCronRule(text.slice('cron('.length, -1)) : undefined;
    if (rule) reject(prop, rule, text);
  }
  validateTimeZone(`${prop}.timeZone`, expression.timeZone);
}

function validateTimeZone(prop: string, timeZone: TimeZone | undefined): void {
  if (isAbsent(timeZone)) return;
  const remedy = 'Use `TimeZone.EUROPE_BERLIN` of aws-cdk-lib, for example';
  const zone = timeZone.timezoneName;
  if (typeof zone !== 'string') reject(prop, 'be a TimeZone', timeZone, remedy);
  if (Token.isUnresolved(zone) || isTimeZone(zone)) return;
  reject(prop, 'be a name of the IANA time zone database', zone, remedy);
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}

function validateInput(prop: string, input: unknown): void {
  validateJson(prop, input);
  const [keyword] = PER_INVOCATION.exec(JSON.stringify(input)) ?? [];
  if (!keyword) return;
  const remedy = 'A run may be delivered several times, but is one request. Use `<aws.scheduler.scheduled-time>`';
  reject(prop, 'be the same in each delivery of a run', keyword, remedy);
}

/** Refuses a schedule whose requests the submit function would refuse, because the action has no such priority class. */
export function checkScheduleClasses(
  action: string,
  schedules: readonly ActionSchedule[],
  priorities: readonly string[],
): void {
  for (const { name, priority } of schedules) {
    if (isAbsent(priority) || priorities.includes(priority)) continue;
    const must = priorities.length > 0 ? `be ${priorities.join(' or ')}` : 'be absent: the action has no `priorities`';
    reject(`handlers.${action}.schedules.${name}.priority`, must, priority);
  }
}

/** Length of the ids that the submit function derives from keys: a SHA-256 in base64url. */
const ID_CHARS = 43;

/** Refuses an input that the submit function would refuse because of its size. An input with tokens is not checked, because its size is known only at deployment. */
export function checkScheduleSizes(
  action: string,
  schedules: readonly ActionSchedule[],
  { maxInputBytes }: { readonly maxInputBytes?: number },
): void {
  for (const { name, input } of schedules) {
    const json = JSON.stringify(input ?? null);
    if (Token.isUnresolved(json)) continue;
    const prop = `handlers.${action}.schedules.${name}.input`;
    const bytes = Buffer.byteLength(json);
    if (maxInputBytes !== undefined && bytes > maxInputBytes) {
      reject(prop, `have at most the ${maxInputBytes} bytes of \`limits.maxInputSize\` as JSON`, bytes);
    }
    const frame = JSON.stringify({ type: 'request', id: 'x'.repeat(ID_CHARS), action, input });
    const over = Buffer.byteLength(frame) - BOUNDS.inputBytes;
    if (over > 0) reject(prop, `have at most ${bytes - over} bytes as JSON`, bytes, MESSAGE_SIZE);
  }
}

const MESSAGE_SIZE = `A request has at most ${BOUNDS.inputBytes} bytes. Store a larger input in a bucket, and pass its location`;
