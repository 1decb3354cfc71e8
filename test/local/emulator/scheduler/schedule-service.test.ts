import {
  type DeliveryAnswer,
  ScheduleError,
  ScheduleService,
  type ScheduleSpec,
} from '../../../../local/emulator/scheduler';
import type { LogEvent } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ARN = 'arn:aws:scheduler:eu-west-1:111122223333:schedule/default/nightly';

let clock: FakeClock;
let service: ScheduleService;
let delivered: string[];
let failed: unknown[];
let problem: string | undefined;
let logged: LogEvent[];

beforeEach(() => {
  clock = new FakeClock();
  [delivered, failed, logged, problem] = [[], [], [], undefined];
  service = open();
});

afterEach(() => {
  service.close();
  expect(clock.pending).toBe(0);
});

const open = (state?: object) =>
  new ScheduleService({ clock, log: (event) => logged.push(event), newId: () => 'id-1', state: state as never });

const target = {
  name: 'submit',
  deliver: (json: string) => {
    if (problem !== undefined) throw new Error(problem);
    delivered.push(json);
  },
  onFailure: (failure: unknown) => failed.push(failure),
};

const add = (more: Partial<ScheduleSpec> = {}) =>
  service.add({ name: 'nightly', arn: ARN, expression: 'rate(1 hour)', input: '{"n":1}', target, ...more });

test('SCHED-20 a schedule delivers its input at each time, with the keywords replaced', () => {
  add({
    input: JSON.stringify({
      arn: '<aws.scheduler.schedule-arn>',
      at: 'at <aws.scheduler.scheduled-time>',
      id: '<aws.scheduler.execution-id>',
      n: '<aws.scheduler.attempt-number>',
      other: '<aws.scheduler.other>',
    }),
  });
  clock.advance(2 * HOUR);
  const event = { arn: ARN, at: 'at 2026-01-01T01:00:00Z', id: 'id1', n: '1', other: '<aws.scheduler.other>' };
  expect(delivered.map((json) => JSON.parse(json))).toEqual([event, { ...event, at: 'at 2026-01-01T02:00:00Z' }]);
  expect(logged[0]).toEqual({ source: 'schedule', level: 'info', message: 'nightly → submit' });
});

test('SCHED-21 a schedule without an input delivers the scheduled event', () => {
  add({ input: undefined });
  clock.advance(HOUR);
  expect(JSON.parse(delivered[0])).toEqual({
    version: '0',
    id: 'id-1',
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: '111122223333',
    time: '2026-01-01T01:00:00Z',
    region: 'eu-west-1',
    resources: [ARN],
    detail: '{}',
  });
});

test('SCHED-22 a delivery that fails is repeated with the same time, and then succeeds', () => {
  add({ input: '<aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>' });
  problem = 'throttled';
  clock.advance(HOUR + 2_999);
  expect(delivered).toEqual([]);
  problem = undefined;
  clock.advance(1);
  expect(delivered).toEqual(['2026-01-01T01:00:00Z 3']);
  expect(failed).toEqual([]);
  expect(logged.filter(({ level }) => level === 'warn')[0]?.message).toBe(
    'nightly cannot reach submit: throttled; repeated in 1 s',
  );
});

test('SCHED-23 after the maximum number of repetitions, the input goes to the dead letters', () => {
  add({ maxRetries: 2 });
  problem = 'refused';
  clock.advance(HOUR + 3_000);
  expect(failed).toEqual([{ json: '{"n":1}', error: new Error('refused'), retries: 2 }]);
});

test('SCHED-24 a run that is older than the maximum age goes to the dead letters', () => {
  add({ maxAgeMs: 5 * MINUTE });
  problem = 'refused';
  clock.advance(HOUR + 5 * MINUTE);
  // after 1, 3, 7, 15, 31 and 63 seconds, then every 60 seconds: the next repetition would be too late
  expect(failed).toEqual([{ json: '{"n":1}', error: new Error('refused'), retries: 9 }]);
});

test('SCHED-25 a disabled schedule does not run by itself', () => {
  add({ enabled: false });
  clock.advance(24 * HOUR);
  expect(delivered).toEqual([]);
  expect(service.list()).toEqual([
    { name: 'nightly', arn: ARN, expression: 'rate(1 hour)', timeZone: undefined, enabled: false },
  ]);
});

test('SCHED-26 a schedule with another expression replaces the one of the same name', () => {
  add();
  add({ expression: 'rate(3 hours)' });
  clock.advance(2 * HOUR);
  expect(delivered).toEqual([]);
  clock.advance(HOUR);
  expect(delivered).toHaveLength(1);
});

test('SCHED-27 wrong expressions and time zones are refused', () => {
  expect(() => add({ expression: 'every hour' })).toThrow(ScheduleError);
  expect(() => add({ expression: 'at(2026-01-01)' })).toThrow(
    'a time must have the form yyyy-mm-ddThh:mm:ss, got: 2026-01-01',
  );
  expect(() => add({ expression: 'cron(0 3 * * ? *)', timeZone: 'Mars/Olympus' })).toThrow(
    'there is no time zone Mars/Olympus',
  );
  expect(service.list()).toEqual([]);
});

test('SCHED-28 a schedule can be run by hand, even if it is disabled, each time with another scheduled time', () => {
  add({ enabled: false, input: '<aws.scheduler.scheduled-time>' });
  clock.advance(1_500);
  const runs = [service.run('nightly'), service.run('nightly')];
  expect(runs.map(({ time }) => time - Date.UTC(2026, 0, 1))).toEqual([1_000, 2_000]);
  expect(runs.map(({ json }) => json)).toEqual(delivered);
  expect(delivered).toEqual(['2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z']);
  expect(service.list()[0]?.lastAt).toBe(runs[1].time);
  expect(() => service.run('other')).toThrow('there is no schedule other');
});

test('a run by hand has the answer of its target, and the reason why the target accepts no delivery', async () => {
  const answering = {
    ...target,
    deliver: (_json: string, onAnswer: (answer: DeliveryAnswer) => void) => onAnswer({ ok: true, payload: 7 }),
  };
  add({ target: answering });
  expect(await service.run('nightly').answer).toEqual({ ok: true, payload: 7 });
  add();
  problem = 'no such queue';
  expect(await service.run('nightly').answer).toMatchObject({ ok: false, error: { message: 'no such queue' } });
});

test('SCHED-29 a rate continues its period in the next run, and missed runs are not repeated', () => {
  const records: unknown[] = [];
  const slot = () => ({ restore: () => [...records], append: (each: unknown) => records.push(each), onSnapshot() {} });
  service.close();
  service = open(slot());
  add();
  clock.advance(30 * MINUTE);
  service.close();
  clock.advance(5 * HOUR);
  service = open(slot());
  add();
  expect(delivered).toEqual([]);
  expect(service.list()[0]?.nextAt).toBe(Date.UTC(2026, 0, 1, 6));
  clock.advance(30 * MINUTE);
  expect(delivered).toHaveLength(1);
  service.close();
  service = open(slot());
  add({ expression: 'rate(2 hours)' });
  expect(service.list()[0]?.nextAt).toBe(Date.UTC(2026, 0, 1, 8));
});

test('SCHED-30 the snapshot of the state has the rates of the schedules that exist', () => {
  let snapshot: () => Iterable<unknown> = () => [];
  const old = { arn: `${ARN}-old`, expression: 'rate(1 hour)', createdAt: 0 };
  const onSnapshot = (each: () => Iterable<unknown>) => {
    snapshot = each;
  };
  service = open({ restore: () => [old], append() {}, onSnapshot });
  add();
  add({ name: 'daily', arn: `${ARN}-daily`, expression: 'cron(0 3 * * ? *)' });
  expect([...snapshot()]).toEqual([{ arn: ARN, expression: 'rate(1 hour)', createdAt: clock.now() }]);
});
