import { checkFaults, figuresOf } from '../../benchmarks/reliability';
import { Reliability } from '../../benchmarks/virtual/chaos/reliability';
import { profileOf } from '../../local/emulator/chaos';

const WORKLOAD = { seed: 1, requests: 20, events: 20 };
const NO_VIOLATION = { lost: 0, gaps: 0, duplicates: 0, terminal_not_one: 0, log_differs: 0 };

async function run(profile: string, workload = WORKLOAD) {
  const undisturbed = await new Reliability(workload, profileOf('calm')).run();
  const outcome = await new Reliability(workload, profileOf(profile)).run();
  return { outcome, undisturbed, figures: figuresOf(outcome, undisturbed) };
}

test.each([
  'network',
  'crashes',
  'store',
  'clocks',
  'harshest',
])('with the faults of the profile %s, each viewer receives exactly the log of its request', async (profile) => {
  const { figures } = await run(profile);
  expect(figures).toMatchObject({ acknowledged: 20, ...NO_VIOLATION });
  expect(figures.faults_injected).toBeGreaterThan(5);
});

test.each([
  138, 165,
])('a request whose acknowledgment is lost counts as acknowledged by its first frame (seed %i)', async (seed) => {
  const { figures } = await run('harshest', { ...WORKLOAD, seed });
  expect(figures).toMatchObject({ acknowledged: 20, ...NO_VIOLATION });
});

test('the same seed gives the same frames, outcomes and faults', async () => {
  const [first, second] = [await run('harshest'), await run('harshest')];
  expect(second.outcome.faults).toEqual(first.outcome.faults);
  expect(second.outcome.viewers.map(({ events, outcome }) => ({ events, outcome }))).toEqual(
    first.outcome.viewers.map(({ events, outcome }) => ({ events, outcome })),
  );
});

test('an event that a viewer misses, repeats or alters is found', async () => {
  const { outcome, undisturbed } = await run('network', { ...WORKLOAD, requests: 2 });
  const [first, second, third] = outcome.viewers;
  first?.events.pop();
  second?.events.push({ ...(second.events[0] as (typeof second.events)[number]) });
  if (third) third.settled = 2;
  expect(figuresOf(outcome, undisturbed)).toMatchObject({
    gaps: 1,
    duplicates: 1,
    log_differs: 2,
    terminal_not_one: 1,
  });
});

test('a last attempt that differs from the undisturbed run is found', async () => {
  const { outcome, undisturbed } = await run('network', { ...WORKLOAD, requests: 2 });
  const logs = new Map([...undisturbed.logs].map(([id, log]) => [id, { ...log, events: log.events.slice(1) }]));
  expect(figuresOf(outcome, { ...undisturbed, logs })).toMatchObject({ log_differs: 2 });
});

test('a lost request is found', async () => {
  const { outcome, undisturbed } = await run('calm', { ...WORKLOAD, requests: 2 });
  const logs = new Map([...outcome.logs].map(([id, log]) => [id, { ...log, hasEnded: false }]));
  expect(figuresOf({ ...outcome, logs }, undisturbed)).toMatchObject({ lost: 2 });
});

test('an experiment without faults is refused', async () => {
  const { outcome } = await run('calm', { ...WORKLOAD, requests: 2 });
  expect(() => checkFaults(outcome, [])).toThrow('no fault occurred');
});

test('an experiment without kills, or without one of the faults, is refused', () => {
  const faults = { 'post throttle': 1 };
  expect(() => checkFaults({ faults, kills: 0 }, [])).toThrow('no process ended early');
  expect(() => checkFaults({ faults, kills: 1 }, ['post throttle'])).not.toThrow();
  expect(() => checkFaults({ faults, kills: 1 }, ['post throttle', 'post lose'])).toThrow('post lose');
});
