import { FaultTimers } from '../../../../local/run/chaos/timers';
import { FakeClock } from '../../../fakes/fake-clock';

test('a function is called after its time', () => {
  const clock = new FakeClock();
  const called: string[] = [];
  new FaultTimers(clock).later(10, () => called.push('now'));
  clock.advance(9);
  expect(called).toEqual([]);
  clock.advance(1);
  expect(called).toEqual(['now']);
});

test('at the end of the run, no function is called any more, sleeps end, and no timer is left', async () => {
  const clock = new FakeClock();
  const timers = new FaultTimers(clock);
  const called: string[] = [];
  timers.later(10, () => called.push('later'));
  const sleep = timers.sleep(10);
  timers.close();
  await sleep;
  expect(clock.pending).toBe(0);
  clock.advance(10);
  expect(called).toEqual([]);
});
