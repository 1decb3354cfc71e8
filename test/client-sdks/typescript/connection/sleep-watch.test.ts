import { SleepWatch } from '../../../../client-sdks/typescript/src/connection/sleep-watch';
import { VirtualClock } from '../support/virtual-clock';

function watch() {
  const clock = new VirtualClock();
  const slept = jest.fn();
  const sleepWatch = new SleepWatch(clock, slept);
  sleepWatch.start();
  return { clock, slept, sleepWatch };
}

test('A machine that slept for more than a minute is noticed once, within ten seconds', async () => {
  const { clock, slept } = watch();
  await clock.advance(100_000);
  expect(slept).not.toHaveBeenCalled();
  clock.sleep(76_000);
  await clock.advance(0);
  expect(slept).toHaveBeenCalledTimes(1);
  await clock.advance(100_000);
  expect(slept).toHaveBeenCalledTimes(1);
});

test('Timers of a hidden page, which are up to a minute late, do not count as sleep', async () => {
  const { clock, slept } = watch();
  for (const ms of [70_000, 70_000]) {
    clock.sleep(ms);
    await clock.advance(10_000);
  }
  expect(slept).not.toHaveBeenCalled();
});

test('A watch that was stopped notices nothing and has no timer', async () => {
  const { clock, slept, sleepWatch } = watch();
  sleepWatch.stop();
  clock.sleep(3_600_000);
  await clock.advance(10_000);
  expect(slept).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
});
