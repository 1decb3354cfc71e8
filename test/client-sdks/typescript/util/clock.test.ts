import { Alarm, backoffMs } from '../../../../client-sdks/typescript/src/util/clock';
import { VirtualClock } from '../support/virtual-clock';

test('an alarm fires once, at the last time that was set', async () => {
  const clock = new VirtualClock();
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => rung.push(clock.now()));

  alarm.set(10);
  alarm.set(30);
  expect(alarm.isSet).toBe(true);
  await clock.advance(100);

  expect(rung).toEqual([30]);
  expect(alarm.isSet).toBe(false);
});

test('a cleared alarm does not fire, and may be set again', async () => {
  const clock = new VirtualClock();
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => rung.push(clock.now()));

  alarm.set(10);
  alarm.clear();
  expect(alarm.isSet).toBe(false);
  await clock.advance(20);
  alarm.set(5);
  await clock.advance(20);

  expect(rung).toEqual([25]);
});

test.each([
  ['30 days', 30 * 24 * 3_600_000],
  ['a day more than a timer takes', 2 ** 31 + 24 * 3_600_000],
])('an alarm waits %s', async (_, ms) => {
  const asked: number[] = [];
  const clock = new VirtualClock();
  const { setTimeout: set } = clock;
  clock.setTimeout = (fn, part) => {
    asked.push(part);
    return set.call(clock, fn, part);
  };
  const rung: number[] = [];
  new Alarm(clock, () => rung.push(clock.now())).set(ms);
  await clock.advance(2 * ms);

  expect(rung).toEqual([ms]);
  expect(Math.max(...asked)).toBeLessThan(2 ** 31);
});

test('an alarm with an infinite time never fires', async () => {
  const clock = new VirtualClock();
  const ring = jest.fn();
  const alarm = new Alarm(clock, ring);
  alarm.set(Number.POSITIVE_INFINITY);
  await clock.advance(2 ** 40);
  expect(ring).not.toHaveBeenCalled();
  alarm.clear();
  expect(clock.pending).toBe(0);
});

test.each([
  [0, 0.5, 250],
  [1, 0.5, 500],
  [3, 0.999, 3996],
  [10, 0.5, 10_000],
  [5_000, 0.5, 10_000],
  [7, 0, 0],
])('after %d failures, with the random number %d, the wait is %d ms', (failures, random, ms) => {
  expect(backoffMs(failures, 500, 20_000, () => random)).toBe(ms);
});
