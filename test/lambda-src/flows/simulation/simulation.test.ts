import { CAPPED, LEFT, REQUEST_PROPERTIES, SERIAL, seedsOf } from './seeded-properties';
import { Simulation } from './simulation';

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 5_000);

/** Faults, with the lines of the trace that show them. */
const FAULTS = {
  death: / dies /,
  'lost message': /^message lost/,
  'lost record': /^record lost/,
  throttle: / throttled at /,
  'unknown effect that was': /, which took effect/,
  'unknown effect that was not': /, which did not take effect/,
  attach: /^user attaches/,
  'sent twice': /^user sends again/,
  cancellation: /^user cancels/,
  message: /^user sends a message/,
  'another run': /^user runs again/,
  disconnect: /^user disconnects/,
} as const;

test.each(REQUEST_PROPERTIES)('$name', async (property) => {
  for (const seed of seedsOf(property, RUNS)) {
    expect({ seed, violations: await property.violations(seed) }).toEqual({ seed, violations: [] });
  }
});

test.each([
  ['serial', SERIAL],
  ['capped', CAPPED],
])('a cap of a %s action makes requests wait, so that its property means something', async (_, options) => {
  let [parked, woken] = [0, 0];
  for (let seed = 0; seed < 30; seed++) {
    const simulation = new Simulation({ seed, ...options });
    await simulation.run();
    parked += simulation.lines.parked;
    woken += simulation.lines.woken;
  }
  expect(parked).toBeGreaterThan(30);
  expect(woken).toBeGreaterThan(30);
});

test('attempts of a capped action run at the same time up to the cap', async () => {
  let together = 0;
  for (let seed = 0; seed < 30; seed++) {
    const simulation = new Simulation({ seed, ...CAPPED });
    await simulation.run();
    if (simulation.attempts.most > 1) together++;
  }
  expect(together).toBeGreaterThan(15);
});

test.each([
  ['serial', SERIAL],
  ['capped', CAPPED],
])('attempts of a %s action exceed a cap that the processors do not know', async (_, options) => {
  const violations: string[] = [];
  for (let seed = 0; seed < 25; seed++) {
    const simulation = new Simulation({ seed, ...options, uncapped: true });
    await simulation.run();
    violations.push(...simulation.violations);
  }
  expect(violations.length).toBeGreaterThan(5);
  expect(violations.every((violation) => / (starts|renews) while /.test(violation))).toBe(true);
});

test('in enough cases, viewers leave for good or come back in time', async () => {
  const seen = { cancelled: 0, returned: 0 };
  for (let seed = 0; seed < 200; seed++) {
    const simulation = new Simulation({ seed, ...LEFT });
    await simulation.run();
    seen.cancelled += simulation.leavings?.seen.cancelled ?? 0;
    seen.returned += simulation.leavings?.seen.returned ?? 0;
  }
  expect(seen.cancelled).toBeGreaterThan(30);
  expect(seen.returned).toBeGreaterThan(8);
});

test('the simulation contains each kind of fault often enough to test its properties', async () => {
  const seen = new Map<string, number>();
  const count = (what: string, by = 1) => seen.set(what, (seen.get(what) ?? 0) + by);
  for (let seed = 0; seed < 800; seed++) {
    const simulation = new Simulation({ seed });
    await simulation.run();
    count('acked', simulation.acked.size);
    count('takeover', simulation.takeovers);
    count('slice', simulation.slices);
    for (const [what, times] of Object.entries(simulation.sentMessages.seen)) count(`message ${what}`, times);
    for (const line of simulation.trace) {
      for (const [what, pattern] of Object.entries(FAULTS)) if (pattern.test(line)) count(what);
    }
  }
  expect(seen.get('acked')).toBeGreaterThan(400);
  expect(seen.get('takeover')).toBeGreaterThan(20);
  expect(seen.get('slice')).toBeGreaterThan(50);
  expect(seen.get('message acked')).toBeGreaterThan(400);
  expect(seen.get('message repeated')).toBeGreaterThan(100);
  expect(seen.get('message refused')).toBeGreaterThan(100);
  expect(seen.get('message read')).toBeGreaterThan(100);
  expect(seen.get('message readAgain')).toBeGreaterThan(5);
  expect(seen.get('message carriedOn')).toBeGreaterThan(5);
  expect(seen.get('message stopped')).toBeGreaterThan(10);
  for (const what of Object.keys(FAULTS)) expect([what, (seen.get(what) ?? 0) > 10]).toEqual([what, true]);
});
