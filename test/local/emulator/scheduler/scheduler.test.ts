import { ScheduleError, type ScheduleRule, Scheduler } from '../../../../local/emulator/scheduler';
import type { FunctionInvoker, LogEvent } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let clock: FakeClock;
let scheduler: Scheduler;
let invoked: { functionName: string; event: unknown }[];
let logged: LogEvent[];

const invoker: FunctionInvoker = {
  invoke: () => Promise.reject(new Error('a schedule invokes asynchronously')),
  invokeAsync: (functionName, event) => invoked.push({ functionName, event }),
};

beforeEach(() => {
  clock = new FakeClock();
  invoked = [];
  logged = [];
  scheduler = new Scheduler({ clock, log: (event) => logged.push(event), newId: () => 'id' });
});

afterEach(() => {
  scheduler.close();
  expect(clock.pending).toBe(0);
});

const add = (rule: Partial<ScheduleRule> = {}) =>
  scheduler.addRule(
    { ruleName: 'sweep', scheduleExpression: 'rate(1 minute)', targets: [{ functionName: 'sweeper' }], ...rule },
    invoker,
  );

test('SCHED-05 a target gets the scheduled event of EventBridge', () => {
  add({ ruleArn: 'arn:aws:events:eu-west-1:111122223333:rule/sweep' });
  clock.advance(MINUTE);
  expect(invoked).toEqual([
    {
      functionName: 'sweeper',
      event: {
        version: '0',
        id: 'id',
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '111122223333',
        time: '2026-01-01T00:01:00Z',
        region: 'eu-west-1',
        resources: ['arn:aws:events:eu-west-1:111122223333:rule/sweep'],
        detail: {},
      },
    },
  ]);
});

test('SCHED-06 a rule runs each period, for each target', () => {
  add({ targets: [{ functionName: 'a' }, { functionName: 'b' }] });
  clock.advance(3 * MINUTE);
  expect(invoked.map(({ functionName }) => functionName)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(logged[0]).toEqual({ source: 'schedule', level: 'info', message: 'sweep → a' });
});

test('SCHED-07 a target’s input replaces the event', () => {
  add({
    targets: [
      { functionName: 'a', input: '{"dry":true}' },
      { functionName: 'b', input: { x: 1 } },
      { functionName: 'c', input: null },
    ],
  });
  clock.advance(MINUTE);
  expect(invoked.map(({ event }) => event)).toEqual([{ dry: true }, { x: 1 }, null]);
});

test('SCHED-08 a cron rule runs in UTC at its minute, also months ahead', () => {
  add({ scheduleExpression: 'cron(30 4 1 6 ? *)' });
  clock.advance(150 * DAY);
  expect(invoked).toEqual([]);
  clock.advance(DAY + 4.5 * 60 * MINUTE);
  expect(invoked).toEqual([
    expect.objectContaining({ event: expect.objectContaining({ time: '2026-06-01T04:30:00Z' }) }),
  ]);
});

test('SCHED-09 a rule that is not enabled does not run', () => {
  add({ enabled: false });
  clock.advance(DAY);
  expect(invoked).toEqual([]);
});

test('SCHED-10 an invalid expression and an input that is not JSON are refused when the rule is added', () => {
  expect(() => add({ scheduleExpression: 'every minute' })).toThrow(ScheduleError);
  expect(() => add({ targets: [{ functionName: 'a', input: '{' }] })).toThrow(SyntaxError);
});

test('SCHED-11 after the machine slept, the first missed run starts, and the others are skipped', () => {
  const late: (() => void)[] = [];
  const sleepy = new Scheduler({
    clock: { now: () => clock.now(), setTimeout: (fn) => late.push(fn), clearTimeout: () => undefined },
    log: () => undefined,
  });
  sleepy.addRule(
    { ruleName: 'sweep', scheduleExpression: 'rate(1 minute)', targets: [{ functionName: 'sweeper' }] },
    invoker,
  );
  clock.advance(10 * MINUTE);
  late[0]();
  expect(invoked).toHaveLength(1);
  expect(late).toHaveLength(2);
});

test('a rule of the same name is replaced', () => {
  add();
  add({ scheduleExpression: 'rate(1 hour)' });
  clock.advance(59 * MINUTE);
  expect(invoked).toEqual([]);
  clock.advance(MINUTE);
  expect(invoked).toHaveLength(1);
});
