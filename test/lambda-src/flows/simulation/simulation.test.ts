import { REQUEST_PROPERTIES, seedsOf } from './seeded-properties';
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
  'another run': /^user runs again/,
  disconnect: /^user disconnects/,
} as const;

test.each(REQUEST_PROPERTIES)('$name', async (property) => {
  for (const seed of seedsOf(property, RUNS)) {
    expect({ seed, violations: await property.violations(seed) }).toEqual({ seed, violations: [] });
  }
});

test('the lock of a serial action rejects some attempts, so its property is really tested', async () => {
  let lockedOut = 0;
  for (let seed = 0; seed < 100; seed++) {
    const simulation = new Simulation({ seed, requests: 3, chaosSteps: 120, serial: 'locked' });
    await simulation.run();
    lockedOut += simulation.lockedOut;
  }
  expect(lockedOut).toBeGreaterThan(100);
});

test('without a lock, attempts overlap, so the property of serial actions is really tested', async () => {
  const violations: string[] = [];
  for (let seed = 0; seed < 50; seed++) {
    const simulation = new Simulation({ seed, requests: 3, chaosSteps: 120, serial: 'unlocked' });
    await simulation.run();
    violations.push(...simulation.violations);
  }
  expect(violations.length).toBeGreaterThan(10);
  expect(violations.every((violation) => / (starts|renews) while /.test(violation))).toBe(true);
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
    for (const line of simulation.trace) {
      for (const [what, pattern] of Object.entries(FAULTS)) if (pattern.test(line)) count(what);
    }
  }
  expect(seen.get('acked')).toBeGreaterThan(400);
  expect(seen.get('takeover')).toBeGreaterThan(20);
  expect(seen.get('slice')).toBeGreaterThan(50);
  for (const what of Object.keys(FAULTS)) expect([what, (seen.get(what) ?? 0) > 10]).toEqual([what, true]);
});
