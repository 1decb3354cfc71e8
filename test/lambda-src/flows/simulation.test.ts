import * as fc from 'fast-check';
import { Simulation } from './simulation';

/** Design, "What must always hold", 1 to 3. A counterexample is a seed: the same seed gives the same trace. */
const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 3_000);

/** Lines of the trace. */
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

async function violations(seed: number, requests: number): Promise<string[]> {
  const simulation = new Simulation({ seed, requests });
  await simulation.run();
  return simulation.violations.length > 0 ? [...simulation.violations, ...simulation.trace.slice(-40)] : [];
}

describe('two processors, sweeper and dispatcher in any order, with crashes between any two writes', () => {
  test('lose no acknowledged request, make each transition once and end each log once', async () => {
    const everySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    await fc.assert(
      fc.asyncProperty(everySeed, async (seed) => {
        expect(await violations(seed, 1)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('do the same with several requests at once', async () => {
    for (let seed = 0; seed < RUNS / 10; seed++) expect(await violations(seed, 3)).toEqual([]);
  });

  test('end a request with NOT_STARTED that no processor ever claims', async () => {
    for (let seed = 0; seed < Math.max(10, RUNS / 500); seed++) {
      const simulation = new Simulation({ seed, neverStarts: true });
      await simulation.run();
      expect({ seed, violations: simulation.violations }).toEqual({ seed, violations: [] });
      const codes = await simulation.endsOf('r0');
      expect(codes.filter((code) => !['NOT_STARTED', 'CANCELLED'].includes(code))).toEqual([]);
    }
  });

  test('overlap no attempts of a serial action, of which one request at a time is claimed', async () => {
    let lockedOut = 0;
    for (let seed = 0; seed < Math.max(100, RUNS / 15); seed++) {
      const simulation = new Simulation({ seed, requests: 3, chaosSteps: 120, serial: 'locked' });
      await simulation.run();
      expect({ seed, violations: simulation.violations }).toEqual({ seed, violations: [] });
      lockedOut += simulation.lockedOut;
    }
    expect(lockedOut).toBeGreaterThan(100);
  });

  test('overlap attempts of an action that has no lock, so that the property above means something', async () => {
    const violations: string[] = [];
    for (let seed = 0; seed < 50; seed++) {
      const simulation = new Simulation({ seed, requests: 3, chaosSteps: 120, serial: 'unlocked' });
      await simulation.run();
      violations.push(...simulation.violations);
    }
    expect(violations.length).toBeGreaterThan(10);
    expect(violations.every((violation) => / (starts|renews) while /.test(violation))).toBe(true);
  });

  test('meet each kind of fault often enough for the property to mean something', async () => {
    const seen = new Map<string, number>();
    const count = (what: string, by = 1) => seen.set(what, (seen.get(what) ?? 0) + by);
    for (let seed = 0; seed < 500; seed++) {
      const simulation = new Simulation({ seed });
      await simulation.run();
      count('acked', simulation.acked.size);
      count('takeover', simulation.takeovers);
      for (const line of simulation.trace) {
        for (const [what, pattern] of Object.entries(FAULTS)) if (pattern.test(line)) count(what);
      }
    }
    expect(seen.get('acked')).toBeGreaterThan(400);
    expect(seen.get('takeover')).toBeGreaterThan(20);
    for (const what of Object.keys(FAULTS)) expect([what, (seen.get(what) ?? 0) > 10]).toEqual([what, true]);
  });
});
